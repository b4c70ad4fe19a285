"""A pipeline with keys: it works, those without the right key do not get in, and one that is in cannot
speak for others. Nothing is lost, nothing is settled by a lie, and the log says what happened."""
import os
import re
import subprocess
import sys
import unittest

import zmq

from checker import check
from forger import Forger, Key, knock
from pipeline import Pipeline, binary, config, free_ports, network, wait_until

COUNT = 20000
NO_KEY = ("a peer was refused: it came without a key, or hung up before it showed one; give it this "
          "pipeline file, with 'security.curve'")


def other_key(name):
    return (f"a peer was refused: it expected another key than that of {name}; give its host the "
            f"file keys/{name}.public of this one")


def unknown(key):
    return (f"a peer at 127.0.0.1 was refused: no file of keys has its key {key.decode()}; put the "
            "key there, as NAME.public, if it is one of yours")


def forged(what, name):
    return (f"{what} '{name}' was dropped: it came with the key of evil; where nobody can tell why, "
            "take that key away: remove keys/evil.public")


def docmill(folder, *arguments):
    program = os.path.join(os.path.dirname(binary("sink")), "docmill")
    return subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


class Subscriber:
    """Counts what is published."""

    def __init__(self, context, address, key=None, server=None):
        self.socket = knock(context, zmq.SUB, address, key, server)
        self.socket.setsockopt(zmq.SUBSCRIBE, b"")
        self.count = 0

    def take(self):
        while self.socket.poll(0):
            self.socket.recv_multipart()
            self.count += 1
        return self.count


class CurveTest(unittest.TestCase):
    def pipeline(self, names, count=COUNT, rate=4000, **sections):
        sections = {"network": network(["p1"], ["s1"]), "security": {"curve": {"keys": "keys"}}} | sections
        made = Pipeline(config({"generate": {"count": count, "rate": rate}}, **sections))
        docmill(made.folder, "keygen", *names)
        return made

    def strangers(self, pipeline, addresses):
        """At every door: one without a key, one whom nobody knows, one who takes us for another."""
        stranger = zmq.curve_keypair()
        self.peers = []  # they knock as long as the test lasts
        known = Key(pipeline.path("keys"), "t1")
        for name, address in addresses.items():
            kind = zmq.SUB if name == "published" else zmq.PUSH
            server = Key.read(pipeline.path("keys", f"{name.replace('published', 's1')}.public"))
            for key, expected in ((None, None), (stranger, server),
                                  ((known.public, known.secret), stranger[0])):
                peer = knock(pipeline.context, kind, address, key, expected)
                if kind == zmq.PUSH:
                    peer.send_multipart([b"DMIL" + bytes(100), b"x"], zmq.NOBLOCK)
                self.peers.append(peer)
        return stranger

    def finish(self, pipeline, count=COUNT):
        pipeline.finish()
        done = check([pipeline.path("out/s1.ndjson")], [pipeline.path("out/s1.dead.ndjson")],
                     {"p1": count})
        print(done.text())
        self.assertEqual(done.problems, [])

    def test_a_pipeline_with_keys_is_left_alone_by_those_without(self):
        control, data, published = (f"tcp://127.0.0.1:{port}" for port in free_ports(3))
        peers = {"producers": {"p1": control}, "sinks": {"s1": data}}
        with self.pipeline(["p1", "s1", "t1"], network=peers,
                           sink={"publish": {"bind": published}}) as pipeline:
            docmill(pipeline.folder, "keygen", "--keys", "keys/subscribers", "dashboard")
            self.assertEqual(docmill(pipeline.folder, "check", "pipeline.yaml"), "pipeline.yaml: ok\n")
            keys = pipeline.path("keys")
            server = Key.read(f"{keys}/s1.public")
            key = Key(f"{keys}/subscribers", "dashboard")
            pipeline.start("sink", "s1").says("ready at ")
            welcome = Subscriber(pipeline.context, published, (key.public, key.secret), server)
            not_welcome = Subscriber(pipeline.context, published)
            pipeline.start("transformer", "t1")
            producer = pipeline.start("producer", "p1")
            producer.says("t1 joined at ")
            member = re.search(r"t1 joined at (\S+)", producer.log()).group(1)
            stranger = self.strangers(pipeline, {"p1": control, "t1": member, "s1": data,
                                                 "published": published})
            for name, daemon in pipeline.daemons.items():
                for line in (NO_KEY, other_key(name), unknown(stranger[0])):
                    daemon.says(line)
                pipeline.wait_for(name, "refused_peers", lambda number: number >= 3)
            pipeline.wait_for("p1", "delivered", lambda number: number > 0)
            wait_until(lambda: welcome.take() >= 100, what="100 documents for the subscriber")
            self.finish(pipeline)
            self.assertEqual(not_welcome.take(), 0)
            for name, daemon in pipeline.daemons.items():
                said = {re.sub(r" \(\d+ more like it\)$", "", line)
                        for line in daemon.messages("warning", "error")}
                self.assertEqual(said, {NO_KEY, other_key(name), unknown(stranger[0])})

    def test_a_transformer_with_a_key_cannot_speak_for_others(self):
        with self.pipeline(["p1", "s1", "t1", "evil"]) as pipeline:
            for role, name in (("sink", "s1"), ("transformer", "t1"), ("producer", "p1")):
                pipeline.start(role, name)
            producer = pipeline.daemons["p1"]
            pipeline.wait_for("p1", "delivered", lambda number: number > 0)
            evil = Forger(pipeline.context, "evil", pipeline.path("keys"),
                          pipeline.config["network"]["producers"]["p1"], "p1")
            lies = 0

            def lied():
                nonlocal lies
                evil.beacon()
                for batch in evil.batches():
                    evil.forge(batch, "s1", "t1")
                    lies += 1
                return lies > 0
            wait_until(lied, what="a batch to lie about")
            told = pipeline.wait_for("p1", "forged", lambda number: number >= 4 * lies)
            print(f"{lies} batches lied about, {told} messages dropped")
            self.finish(pipeline)  # what it had goes to t1, once it is silent
            warnings = producer.messages("warning", "error")
            for line in (forged("an ack of", "s1"), forged("a refusal of", "s1"), forged("a heartbeat of", "t1")):
                self.assertEqual(warnings.count(line), 1)
            others = [line for line in warnings if "key of evil" not in line]
            self.assertEqual(len(others), 1, others)
            self.assertRegex(others[0], r"^evil is silent for \d+ ms; \d+ of its batches go to others$")

    def test_a_key_that_comes_later_is_let_in_without_a_restart(self):
        with self.pipeline(["p1", "s1", "late"], count=1000, rate=0) as pipeline:
            key = Key(pipeline.path("keys"), "late").public
            os.rename(pipeline.path("keys/late.public"), pipeline.path("keys/late.away"))
            pipeline.start("sink", "s1")
            pipeline.start("transformer", "late").says("ready with 1 worker")
            pipeline.start("producer", "p1").says(unknown(key))
            os.rename(pipeline.path("keys/late.away"), pipeline.path("keys/late.public"))
            pipeline.daemons["p1"].says("late joined at ")
            self.finish(pipeline, 1000)

    def test_a_daemon_whose_key_others_can_read_does_not_start(self):
        with self.pipeline(["p1", "s1"]) as pipeline:
            os.chmod(pipeline.path("keys/s1.secret"), 0o640)
            sink = pipeline.start("sink", "s1")
            self.assertEqual(sink.exit_code(), 78)
            self.assertIn("keys/s1.secret: open to others than its owner, mode 0640; run: chmod 600 "
                          "keys/s1.secret\n", sink.log())
            nobody = pipeline.start("transformer", "t9")
            self.assertEqual(nobody.exit_code(), 78)

    def test_docmill_run_takes_keys_too(self):
        with Pipeline(config({"generate": {"count": 2000}}, security={"curve": {"keys": "keys"}})) as pipeline:
            docmill(pipeline.folder, "keygen", "p1", "s1", "t1", "t2")
            out = docmill(pipeline.folder, "run", "pipeline.yaml", "--transformers", "2")
            self.assertRegex(out, r"(?m)^p1 +2,000 +2,000 +0 +0 +0$")


if __name__ == "__main__":
    sys.exit(unittest.main())

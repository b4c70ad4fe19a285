"""Documents that a sink delivers over ZeroMQ: each is there once, whatever is killed, in the file of a
program that keeps their ids - the one of docs/wire-format.md; and what programs say that is wrong, or
that they refuse, or never say."""
import json
import os
import random
import re
import subprocess
import threading
import unittest

import zmq

from pipeline import LONGEST_PAUSE, PATIENCE, Pipeline, config, free_ports, wait_until

RECORDS = 4000
KILLS = int(os.environ.get("KILLS", "16"))
DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")


def program():
    with open(os.path.join(DOCS, "wire-format.md"), encoding="utf-8") as file:
        return re.search(r"^```python\n(# deliver\.py.*?)^```$", file.read(),
                         re.MULTILINE | re.DOTALL).group(1)


def sections(port, count, **more):
    parts = config({"generate": {"count": count, "size": "400B", "format": "json"}}, processors=(),
                   producer={"batch": {"documents": 16}})
    parts["sink"]["outputs"] = [{"deliver": {"bind": f"tcp://127.0.0.1:{port}", "silence": "1s",
                                             **more}}]
    return parts


class Consumer:
    """A program of a test's own."""

    def __init__(self, pipeline, port):
        self.socket = pipeline.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.RCVTIMEO, PATIENCE * 1000)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(f"tcp://127.0.0.1:{port}")

    def say(self, *frames):
        self.socket.send_multipart(frames)

    def hear(self):
        return self.socket.recv_multipart()


class DeliverTest(unittest.TestCase):
    def test_each_document_is_there_once_whatever_is_killed(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        port = free_ports(1)[0]
        address = f"tcp://127.0.0.1:{port}"
        with self.subTest(seed=seed), Pipeline(sections(port, RECORDS)) as pipeline:
            pipeline.put("deliver.py", program())

            def start_program():
                return subprocess.Popen(["/usr/bin/python3", "deliver.py", address, "kept.ndjson"],
                                        cwd=pipeline.folder)
            taker = start_program()
            try:
                pipeline.start_all()
                producer = pipeline.daemons["p1"]
                pause = threading.Event()
                killed = {"s1": 0, "t1": 0, "taker": 0}
                while producer.running() and sum(killed.values()) < KILLS:
                    pause.wait(rng.random() * LONGEST_PAUSE)
                    name = rng.choice(list(killed))
                    killed[name] += 1
                    if name == "taker":
                        taker.kill()
                        taker.wait()
                        taker = start_program()
                    else:
                        pipeline.daemons[name].kill()
                        pipeline.start({"s1": "sink", "t1": "transformer"}[name], name)
                pipeline.finish()
            finally:
                taker.kill()
                taker.wait()
            found = [json.loads(line["document"])["record"]["@id"]
                     for line in pipeline.lines("kept.ndjson")]
            print(f"{RECORDS} documents, {killed} killed")
            self.assertEqual(sorted(found), [f"p1-{n:09}" for n in range(1, RECORDS + 1)])

    def test_what_is_refused_is_a_dead_letter_and_what_is_not_answered_goes_to_another(self):
        port = free_ports(1)[0]
        with Pipeline(sections(port, 3)) as pipeline:
            pipeline.start_all()
            pipeline.daemons["s1"].says("expected a program that takes documents, found none")
            first = Consumer(pipeline, port)
            for frames, text in (
                    ((b"give", b"2"),
                     "expected take NUMBER, kept ID, or refused ID REASON; found 2 frames"),
                    ((b"take", b"many"), "expected take and a number; found 2 frames")):
                first.say(*frames)
                self.assertEqual(first.hear(), [b"error", text.encode()])
            first.say(b"take", b"2")
            held = [first.hear() for _ in range(2)]
            self.assertEqual([frames[1] for frames in held], [b"json"] * 2)
            self.assertEqual(json.loads(held[0][3])["record"]["@id"], "p1-000000001")
            self.assertFalse(first.socket.poll(300), "more than it wants")
            first.say(b"refused", held[0][0], b"no such shelf")
            # The first one says nothing more; the second gets what it had, under the same id.
            second = Consumer(pipeline, port)
            second.say(b"take", b"10")
            got = {}
            while len(got) < 2:
                second.say(b"take", b"10")
                if second.socket.poll(200):
                    frames = second.hear()
                    got[frames[0]] = json.loads(frames[3])["record"]["@id"]
            self.assertEqual(got[held[1][0]], "p1-000000002")
            for name in got:
                second.say(b"kept", name)
                second.say(b"kept", name)  # twice is once
            pipeline.finish()
            dead = pipeline.lines("out/s1.dead.ndjson")
            self.assertEqual([line["error"] for line in dead], ["no such shelf"])
            self.assertEqual(dead[0]["stage"], "sink.outputs.deliver")

    def test_none_is_lost_on_its_way_to_who_wants_as_many_as_can_be(self):
        port, count = free_ports(1)[0], 12000
        with Pipeline(sections(port, count)) as pipeline:
            pipeline.start_all()
            taker, ids = Consumer(pipeline, port), set()
            while pipeline.daemons["p1"].running():
                taker.say(b"take", b"1000")
                while taker.socket.poll(100):
                    name = taker.hear()[0]
                    ids.add(name)
                    taker.say(b"kept", name)
                    if len(ids) % 1000 == 0:
                        taker.say(b"take", b"1000")
            pipeline.finish()
            self.assertEqual(len(ids), count)

    def test_addresses_that_cannot_be_bound_are_said(self):
        port = free_ports(1)[0]
        parts = sections(port, 1)
        parts["sink"]["outputs"][0]["deliver"]["bind"] = f"tcp://0.0.0.0:{port}"
        with Pipeline(parts) as pipeline:
            sink = pipeline.start("sink", "s1")
            self.assertEqual(sink.exit_code(), 78)
            self.assertIn("is open to other machines; add 'insecure: true' where that network is "
                          "trusted, or bind 127.0.0.1", sink.log())


if __name__ == "__main__":
    unittest.main()

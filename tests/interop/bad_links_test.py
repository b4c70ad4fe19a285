"""Raw links that cannot be used, and peers that are away, talk nonsense or come back: what is
said, word for word, and that nothing is lost that was taken."""
import json
import os
import socket as sockets
import subprocess
import unittest

import zmq

from processes import wait_until
from pipeline import Pipeline, binary, config, free_ports


def addresses(number):
    return [f"tcp://127.0.0.1:{port}" for port in free_ports(number)]


def between(input_fields, output_fields):
    return {"pipeline": "between", "transformer": {"input": {"zmq": input_fields},
                                                   "output": {"zmq": output_fields}}}


class BadLinksTest(unittest.TestCase):
    maxDiff = None

    def findings(self, pipeline):
        docmill = os.path.join(os.path.dirname(binary("sink")), "docmill")
        done = subprocess.run([docmill, "check", "pipeline.yaml"], cwd=pipeline.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 78)
        # The line of JSON is where the file happens to have it.
        return [line.split(": ", 1)[1] for line in done.stderr.splitlines()]

    def test_types_for_the_other_direction_are_found_before_anything_starts(self):
        bad = config({"zmq": {"type": "push", "bind": "ipc://a"}},
                     sink={"outputs": [{"zmq": {"type": "sub", "connect": "udp://b"}}]})
        with Pipeline(bad) as pipeline:
            self.assertEqual(self.findings(pipeline), [
                "producer.source.zmq.type: must be pull or sub, got 'push'; did you mean 'pull'?",
                "sink.outputs[0].zmq.type: must be push or pub, got 'sub'; did you mean 'pub'?",
                "sink.outputs[0].zmq.connect: must begin with tcp:// or ipc://, got 'udp://b'"])

    def test_an_address_that_somebody_has_is_said(self):
        where, other = addresses(2)
        with Pipeline(between({"bind": where}, {"bind": other})) as pipeline:
            pipeline.arguments = []
            holder = pipeline.context.socket(zmq.REP)
            holder.bind(where)
            transformer = pipeline.start("transformer", "t1")
            self.assertEqual((transformer.exit_code(), transformer.messages()), (
                69, [f"transformer.input.zmq: {where}: in use by another process; stop it first, "
                     "or choose another address"]))

    def test_a_name_that_nobody_knows_is_said_and_looked_up_again(self):
        where, = addresses(1)
        bad = between({"connect": "tcp://nobody.invalid:5557", "resolve": "1s"}, {"bind": where})
        with Pipeline(bad) as pipeline:
            pipeline.arguments = []
            transformer = pipeline.start("transformer", "t1")
            transformer.says("nobody.invalid: expected a name that has an address, found none: ")
            # The lookup has its own thread, so other lines may follow this one.
            self.assertEqual([line for line in transformer.messages("warning")
                              if not line.endswith("; it is looked up again")], [])
            transformer.stop()

    def test_nonsense_at_the_port_hurts_nobody(self):
        where, goes_to = addresses(2)
        with Pipeline(between({"bind": where}, {"connect": goes_to})) as pipeline:
            pipeline.arguments = []
            takes = pipeline.context.socket(zmq.PULL)
            takes.bind(goes_to)
            transformer = pipeline.start("transformer", "t1")
            transformer.says("ready with 1 worker")
            port = int(where.rsplit(":", 1)[1])
            for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 1000, b"\xff" + bytes(7) + b"\1\x7f\3"):
                with sockets.create_connection(("127.0.0.1", port)) as stranger:
                    stranger.sendall(nonsense)
            gives = pipeline.context.socket(zmq.PUSH)
            gives.connect(where)
            for message in ([b""], [b"{"], [b"a"] * 65, [b'{"good":1}']):
                gives.send_multipart(message)
            self.assertEqual(takes.recv(), b'{"good":1}')
            self.assertEqual(transformer.messages("warning"), [
                "transformer.input.zmq: a message was dropped: expected a document, found nothing "
                "in it",
                f"document 1 of {where} is lost: transformer: line 1, column 2: expected a key "
                "in double quotes or '}', found the end of the document"])
            pipeline.wait_for("t1", "unreadable", lambda number: number == 2)

    def test_a_push_waits_for_its_peer_in_order_and_goes_on_when_it_is_back(self):
        where, = addresses(1)
        sections = config({"generate": {"count": 3000, "rate": 2000}},
                          sink={"outputs": [{"zmq": {"connect": where}}]})
        with Pipeline(sections) as pipeline:
            pipeline.start_all()
            sink = pipeline.daemons["s1"]
            sink.says(f"sink.zmq: {where}: expected a peer that takes documents, found none; start "
                      "it, or let it catch up; retry in 2s")
            self.assertEqual(pipeline.telemetry("p1").get("delivered"), 0)
            peer = pipeline.context.socket(zmq.PULL)
            peer.bind(where)
            found = []

            def all_came():
                while peer.poll(0):
                    found.append(json.loads(peer.recv()))
                return len(found) == 3000
            wait_until(all_came, what="3000 documents")
            self.assertEqual(len({json.dumps(one) for one in found}), 3000)
            pipeline.finish()


if __name__ == "__main__":
    unittest.main()

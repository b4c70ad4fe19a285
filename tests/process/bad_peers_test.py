"""Garbage on every port, in the middle of a run: everybody lives, warns once, and all arrives."""
import os
import random
import socket
import sys
import unittest

import zmq

from checker import check
from pipeline import Pipeline, config, network, wait_until

COUNT = 10000
LEAST = 26  # messages that have as many frames as they should, and are nonsense
HTTP = b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8\r\n\r\n"
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16 + 32)
OTHER_VERSION = "expected wire version 5, found 6; run the same docmill on both sides"


def messages(magic, frames, chance):
    """The first is what a docmill of another version would send; then nonsense of all kinds."""
    kind = {b"DMIL": b"\x01", b"DMCT": b"\x03"}[magic]
    other = magic + b"\x06" + kind + bytes(100)
    yield [other] + [b"payload"] * (frames - 1)
    for frame in (b"", magic, magic + b"\x05" + bytes(200), HTTP, b"\x00" * 100000):
        yield [frame] * frames
    for _ in range(20):
        yield [chance.randbytes(chance.randrange(300)) for _ in range(frames)]
        yield [chance.randbytes(8) for _ in range(chance.choice([1, 2, 3, 50]))]


def raw_bytes(chance):
    """What is not ZeroMQ, or begins like it."""
    yield HTTP
    yield b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + chance.randbytes(100)  # TLS
    yield GREETING + chance.randbytes(500)
    yield GREETING[:12]
    for size in (1, 10, 1000, 100000):
        yield chance.randbytes(size)


def shout(address, data):
    if address.startswith("tcp://"):
        host, port = address[len("tcp://"):].split(":")
        peer = socket.create_connection((host, int(port)), timeout=5)
    else:
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(address[len("ipc://"):])
    with peer:
        try:
            peer.sendall(data)
        except OSError:
            pass  # it hung up, as it may


class BadPeersTest(unittest.TestCase):
    def attack(self, pipeline, daemon, address, magic, frames, chance):
        """The other version first, so that it is what the one warning is about."""
        push = pipeline.context.socket(zmq.PUSH)
        push.connect(address)
        told = pipeline.telemetry(daemon)
        for message in messages(magic, frames, chance):
            push.send_multipart(message)
            wait_until(lambda: told.get("malformed") > 0, what=f"malformed of {daemon}")
        for data in raw_bytes(chance):
            shout(address, data)
        push.close(linger=1000)

    def run_attacked(self, sections):
        seed = random.SystemRandom().randrange(1 << 32)
        print(f"seed {seed}")
        chance = random.Random(seed)
        with Pipeline(sections) as pipeline:
            pipeline.start_all()
            daemons = pipeline.daemons
            daemons["p1"].says("t1 joined at ")
            joined = next(text for text in daemons["p1"].messages() if " joined at " in text)
            peers = sections.get("network") or {
                "producers": {"p1": "ipc://state/sockets/p1.control"},
                "sinks": {"s1": "ipc://state/sockets/s1.data"}}
            for name, address, magic, frames in (
                    ("p1", peers["producers"]["p1"], b"DMCT", 1),
                    ("t1", joined.split(" joined at ")[1], b"DMIL", 2),
                    ("s1", peers["sinks"]["s1"], b"DMIL", 2)):
                here = address.replace("ipc://", f"ipc://{os.path.realpath(pipeline.folder)}/")
                self.attack(pipeline, name, here, magic, frames, chance)
            self.assertTrue(all(daemon.running() for daemon in daemons.values()))
            malformed = {name: pipeline.wait_for(name, "malformed", lambda number: number >= LEAST)
                         for name in daemons}
            pipeline.finish()
            done = check([pipeline.path("out/s1.ndjson")], [pipeline.path("out/s1.dead.ndjson")],
                         {"p1": COUNT})
            self.assertEqual(done.problems, [])
            self.assertEqual(daemons["p1"].messages("warning", "error"),
                             [f"a control message was dropped: {OTHER_VERSION}"])
            for name in ("t1", "s1"):
                self.assertEqual(daemons[name].messages("warning", "error"),
                                 [f"a message was dropped: {OTHER_VERSION}"])
            print(f"malformed: {malformed}; {done.text()}")

    def test_garbage_over_ipc_is_dropped_and_said_once(self):
        self.run_attacked(config({"generate": {"count": COUNT, "rate": 3000}}))

    def test_garbage_over_tcp_is_dropped_and_said_once(self):
        self.run_attacked(config({"generate": {"count": COUNT, "rate": 3000}},
                                 network=network(["p1"], ["s1"])))


if __name__ == "__main__":
    sys.exit(unittest.main())

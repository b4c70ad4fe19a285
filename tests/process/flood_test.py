"""Peers that send messages without a document faster than a daemon can drop them: the daemon still
hears SIGTERM, and the documents among these messages arrive."""
import json
import multiprocessing
import time
import unittest

import zmq

from pipeline import Pipeline, config, free_ports

FLOODERS = 2
SHUTDOWN = 5  # seconds
# Costs its receiver more than its sender, so that it never finds its queue empty: the gzip of
# nothing, in 50,000 empty blocks.
BAD = (b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\0\0\0\xff\xff" * 50_000 + b"\1\0\0\xff\xff" +
       bytes(8))
BEGUN = 50  # bad messages that were dropped
GOOD = 20


def flood(address, begun):
    """Sends bad messages until it is killed."""
    socket = zmq.Context().socket(zmq.PUSH)
    socket.connect(address)
    socket.send(BAD)
    begun.set()
    while True:
        socket.send(BAD)


class Flood:
    """Other processes that flood an address. A context manager."""

    def __init__(self, address):
        self.begun = [multiprocessing.Event() for _ in range(FLOODERS)]
        self.processes = [multiprocessing.Process(target=flood, args=(address, begun), daemon=True)
                          for begun in self.begun]

    def __enter__(self):
        for process, begun in zip(self.processes, self.begun):
            process.start()
            assert begun.wait(60)
        return self

    def __exit__(self, kind, error, trace):
        for process in self.processes:
            process.kill()
            process.join()


def send_good(pipeline, address):
    socket = pipeline.context.socket(zmq.PUSH)
    socket.connect(address)
    for number in range(GOOD):
        socket.send(json.dumps({"n": number}).encode())
    return socket


class FloodTest(unittest.TestCase):
    def stop_in_time(self, daemon):
        began = time.monotonic()
        daemon.stop()
        self.assertLess(time.monotonic() - began, SHUTDOWN + 1)

    def test_a_zmq_source_hears_acks_and_sigterm_and_takes_what_is_good(self):
        address = f"tcp://127.0.0.1:{free_ports(1)[0]}"
        sections = config({"zmq": {"bind": address, "inflate": "auto"}}, processors=(),
                          shutdown_timeout=f"{SHUTDOWN}s")
        with Pipeline(sections) as pipeline:
            pipeline.start_all()
            producer = pipeline.daemons["p1"]
            producer.says("run 1 of epoch")
            with Flood(address):
                pipeline.wait_for("p1", "unreadable", lambda number: number > BEGUN)
                socket = send_good(pipeline, address)
                pipeline.wait_for("p1", "delivered", lambda number: number == GOOD)
                dropped = pipeline.telemetry("p1").get("unreadable")
                pipeline.wait_for("p1", "unreadable", lambda number: number > dropped)
                self.stop_in_time(producer)
            socket.close(0)
            pipeline.finish()
            found = {line["n"] for line in pipeline.lines("out/s1.ndjson")}
            self.assertEqual(found, set(range(GOOD)))

    def test_a_transformer_between_raw_links_hears_sigterm_and_passes_on_what_is_good(self):
        source, target = (f"tcp://127.0.0.1:{port}" for port in free_ports(2))
        sections = {"pipeline": "between", "shutdown_timeout": f"{SHUTDOWN}s",
                    "transformer": {"input": {"zmq": {"bind": source, "inflate": "auto"}},
                                    "output": {"zmq": {"connect": target}}, "workers": 2}}
        with Pipeline(sections) as pipeline:
            pipeline.arguments = []
            takes = pipeline.context.socket(zmq.PULL)
            takes.bind(target)
            transformer = pipeline.start("transformer", "t1")
            transformer.says("ready with 2 workers")
            with Flood(source):
                pipeline.wait_for("t1", "unreadable", lambda number: number > BEGUN)
                socket = send_good(pipeline, source)
                found = set()
                while len(found) < GOOD:
                    self.assertTrue(takes.poll(60_000), f"{len(found)} documents came")
                    found.add(json.loads(takes.recv())["n"])
                self.assertEqual(found, set(range(GOOD)))
                self.stop_in_time(transformer)
            socket.close(0)


if __name__ == "__main__":
    unittest.main()

"""A pipeline over TCP: all arrives once, subscribers get what was committed, and a sink that stands
still makes the producers wait, not grow."""
import os
import signal
import sys

import zmq

from checker import check
from pipeline import PATIENCE, Pipeline, config, free_ports, network, wait_until

PRODUCERS, SINKS = ("p1", "p2"), ("s1", "s2")
COUNT = 40000  # of each producer
WINDOW_BATCHES, BATCH = 64, 100
MOST_GROWTH = 32 << 20  # bytes of a producer, while nothing moves


def memory(daemon):
    with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Subscriber:
    def __init__(self, context, address):
        self.socket = context.socket(zmq.SUB)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.setsockopt(zmq.SUBSCRIBE, b"books")
        self.socket.connect(address)
        self.documents = []

    def take(self):
        while self.socket.poll(0):
            topic, document = self.socket.recv_multipart()
            assert topic == b"books", topic
            self.documents.append(document)
        return len(self.documents)


def stands_still(pipeline, read_subscribers):
    """Stops a sink; the window must fill, and then neither it nor the memory may grow."""
    sink = pipeline.daemons["s1"]
    sink.send(signal.SIGSTOP)
    try:
        producer = pipeline.daemons["p1"]
        # Batches of the other sink go through; in the end only those of this one fill the window.
        telemetry = pipeline.telemetry("p1")
        pipeline.wait_for("p1", "window_batches",
                          lambda batches: read_subscribers() >= 0 and batches == WINDOW_BATCHES)
        before, told = memory(producer), [0]
        read = telemetry.get("read")

        def statuses_came(number):
            read_subscribers()
            telemetry.values()
            if telemetry.came != told[-1]:
                told.append(telemetry.came)
                assert telemetry.get("window_batches") <= WINDOW_BATCHES, telemetry.newest
                assert telemetry.get("in_flight") <= WINDOW_BATCHES * BATCH, telemetry.newest
            return len(told) > number
        wait_until(lambda: statuses_came(16), what="16 statuses of p1")
        grown = memory(producer) - before
        print(f"with a sink that stands still: {telemetry.get('window_batches')} batches in the "
              f"window, {telemetry.get('read') - read} records read, {grown >> 10} KiB grown")
        assert grown < MOST_GROWTH, f"p1 grew by {grown} bytes"
        assert producer.running()
    finally:
        sink.send(signal.SIGCONT)


def main():
    sections = config(
        {"generate": {"count": COUNT, "rate": 4000}},
        producer={"batch": {"documents": BATCH}, "window": {"batches": WINDOW_BATCHES}},
        sink={"publish": {"bind": "ipc://state/{sink}.published", "topic": "books"}},
        network=network(PRODUCERS, SINKS))
    with Pipeline(sections) as pipeline:
        subscribers = []
        for name in SINKS:
            pipeline.start("sink", name)
        for name in SINKS:
            # It must be there to be connected to: who subscribes late misses the first documents.
            pipeline.daemons[name].says("ready at tcp://127.0.0.1:")
            subscribers.append(Subscriber(pipeline.context,
                                          f"ipc://{pipeline.path('state')}/{name}.published"))
        for name in ("t1", "t2"):
            pipeline.start("transformer", name)
        for name in PRODUCERS:
            pipeline.start("producer", name)
            pipeline.telemetry(name)
        pipeline.wait_for("p1", "delivered", lambda documents: documents > 0)
        pipeline.daemons["p1"].says(" joined at tcp://127.0.0.1:2")

        def read_subscribers():
            return sum(s.take() for s in subscribers)
        stands_still(pipeline, read_subscribers)
        outputs = [pipeline.path(f"out/{name}.ndjson") for name in SINKS]
        wait_until(lambda: read_subscribers() >= 2 * COUNT,
                   deadline=2 * PATIENCE, what="the last published document")
        pipeline.finish()
        done = check(outputs, [pipeline.path(f"out/{name}.dead.ndjson") for name in SINKS],
                     dict.fromkeys(PRODUCERS, COUNT))
        print(done.text())
        assert not done.problems
        for output, subscriber in zip(outputs, subscribers):
            with open(output, "rb") as file:
                committed = file.read().splitlines()
            assert sorted(committed) == sorted(subscriber.documents), \
                f"{len(committed)} committed, {len(subscriber.documents)} published"
        print(f"{sum(len(s.documents) for s in subscribers)} documents published, as committed")


if __name__ == "__main__":
    sys.exit(main())

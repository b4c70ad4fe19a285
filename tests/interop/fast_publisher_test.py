"""A publisher that is faster than a pipeline: what the source could not take is counted and said,
the memory stays where it is, and what came is there once."""
import os
import signal
import struct
import sys

import zmq

from processes import wait_until
from pipeline import Pipeline, config, free_ports

BURST = 150000
BODY = "x" * 1000
MOST_GROWTH = 48 << 20  # bytes of the producer


def memory(daemon):
    with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def publish(socket, number):
    socket.send_multipart([b"tx", b'{"number":%d,"body":"%s"}' % (number, BODY.encode()),
                           struct.pack("<I", number)])


def check(pipeline, missed):
    lines = pipeline.lines("out/s1.ndjson")
    numbers = [line["document"]["number"] for line in lines]
    assert numbers == [int(line["metadata"]["sequence"]) for line in lines]
    assert len(set(numbers)) == len(numbers), "a document is there twice"
    assert numbers == sorted(numbers), "documents are out of order"
    assert len(numbers) + missed == numbers[-1] - numbers[0] + 1, (len(numbers), missed)
    return len(numbers)


def main():
    address = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    sections = config(
        {"zmq": {"type": "sub", "connect": address, "topic": "frame", "sequence": "le32",
                 "spool": "8MiB"}},
        processors=(), producer={"window": {"batches": 4}}, limits={"document": "1MiB"},
        sink={"outputs": [{"ndjson": {"path": "out/{sink}.ndjson", "metadata": True}}],
              "order": "source"})
    with Pipeline(sections) as pipeline:
        socket = pipeline.context.socket(zmq.XPUB)
        socket.bind(address)
        pipeline.start_all()
        socket.recv()  # the subscription
        publish(socket, 0)
        pipeline.wait_for("s1", "delivered", lambda delivered: delivered == 1)
        producer, telemetry = pipeline.daemons["p1"], pipeline.telemetry("p1")
        before = memory(producer)
        # Nothing leaves the pipeline: window and spool fill, and then nothing more is taken.
        pipeline.daemons["s1"].send(signal.SIGSTOP)
        for number in range(1, BURST):
            publish(socket, number)
        grown = memory(producer) - before
        pipeline.daemons["s1"].send(signal.SIGCONT)
        # One now and then, until what is missing is seen behind the burst.
        last = BURST

        def is_seen():
            nonlocal last
            publish(socket, last)
            last += 1
            return telemetry.get("missed") > 0
        wait_until(is_seen, what="the gap")

        told = telemetry.came

        def is_settled():
            nonlocal last, told
            values = telemetry.values()
            if values["in_flight"] == 0 and values["read"] + values["missed"] == last:
                return True
            if telemetry.came > told:  # a gap is seen when something follows it
                told = telemetry.came
                publish(socket, last)
                last += 1
            return False
        wait_until(is_settled, what="all that was published is settled or missed")
        missed = telemetry.get("missed")
        delivered = check(pipeline, missed)
        said = [text for text in producer.messages("warning") if "are missing before" in text]
        assert len(said) == 1 and "messages of topic 'tx' are missing before sequence" in said[0], said
        assert grown < MOST_GROWTH, f"p1 grew by {grown} bytes"
        print(f"{last} published at once: {delivered} delivered in order, {missed} missed and "
              f"counted; the producer grew by {grown >> 10} KiB")


if __name__ == "__main__":
    sys.exit(main())

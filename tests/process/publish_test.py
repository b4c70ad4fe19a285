"""Batches that are larger than the queue of a PUB socket: a subscriber that reads all the time gets
each document, of `publish` and of an output `zmq` with type pub.
"""
import sys

import zmq

from pipeline import Pipeline, config

COUNT = 2 * 65536


def sections(outputs=(), **sink):
    made = config({"lines": "in.ndjson"}, (), sink=sink, producer={
        "batch": {"documents": 65536, "bytes": "16MiB"}, "window": {"bytes": "64MiB"}})
    made["sink"]["outputs"] = [{"ndjson": {"path": "out/{sink}.ndjson"}}, *outputs]
    return made


def received(made):
    """How many documents a subscriber got once that was there before the first of them."""
    with Pipeline(made) as pipeline:
        pipeline.put("in.ndjson", "".join(f'{{"n":{n}}}\n' for n in range(COUNT)))
        pipeline.start("sink", "s1").says("ready at")
        with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
            subscriber.setsockopt(zmq.RCVHWM, 1000)
            subscriber.setsockopt(zmq.SUBSCRIBE, b"")
            monitor = subscriber.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
            subscriber.connect(f"ipc://{pipeline.path('published')}")
            assert monitor.poll(10000), "the sink does not answer"
            pipeline.start("transformer", "t1")
            producer = pipeline.start("producer", "p1")
            seen = set()
            while subscriber.poll(1000) or producer.running():
                try:
                    while True:
                        seen.add(subscriber.recv(zmq.NOBLOCK))
                except zmq.Again:
                    continue
            pipeline.finish()
        return len(seen)


def main():
    address = "ipc://published"
    for made in (sections(publish={"bind": address}),
                 sections([{"zmq": {"type": "pub", "bind": address}}])):
        got = received(made)
        assert got == COUNT, f"{got} of {COUNT}"
    print(f"{COUNT} documents in batches of 65536, each received")


if __name__ == "__main__":
    sys.exit(main())

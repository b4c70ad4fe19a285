"""A sink that waits for a locked database does not grow, however many connections bring it messages meanwhile,
and writes each record once when it is over."""
import os
import sqlite3
import sys

import zmq

from pipeline import Pipeline, config, network, wait_until

RECORDS = 50
ROUNDS, CONNECTIONS, MESSAGES = 3, 12, 8  # of 1 MiB each; as many as a sink's link queues
# KiB from the first round to the last one, in which twice as much came. The address sanitizer keeps
# 256 MiB of freed memory.
MOST_GROWTH = (400 if "ASAN_OPTIONS" in os.environ else 80) << 10


def sections():
    made = config({"generate": {"count": RECORDS}}, network=network(["p1"], ["s1"]),
                  transformer={"advertise": "127.0.0.1"})
    made["sink"]["outputs"] = [{"sqlite": {"path": "{sink}.db", "table": "t", "columns": {"id": "/record/@id"}}}]
    return made


def memory(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmRSS")).split()[1])


def fill(context, address):
    """Connections that each bring as much as a link takes, and then end."""
    for _ in range(CONNECTIONS):
        peer = context.socket(zmq.PUSH)
        peer.connect(address)
        for _ in range(MESSAGES):
            peer.send_multipart([b"header", bytes(1 << 20)])
        peer.close(linger=10000)


def main():
    made = sections()
    context = zmq.Context()
    with Pipeline(made) as pipeline:
        other = sqlite3.connect(pipeline.path("s1.db"), isolation_level=None)
        other.execute("CREATE TABLE t (id TEXT)")
        sink = pipeline.start("sink", "s1")
        sink.says("ready")
        other.execute("BEGIN EXCLUSIVE")
        pipeline.start("transformer", "t1")
        pipeline.start("producer", "p1")
        sink.says("retry in 2s")
        kept = []
        for count in range(1, ROUNDS + 1):
            fill(context, made["network"]["sinks"]["s1"])
            least = count * CONNECTIONS * MESSAGES - 20  # the first 16 MiB are held
            pipeline.wait_for("s1", "unread_dropped", lambda dropped, least=least: dropped >= least, 60)
            kept.append(memory(sink))
        print("resident after each round:", ", ".join(f"{value >> 10} MiB" for value in kept))
        assert kept[-1] - kept[0] <= MOST_GROWTH, kept
        other.execute("COMMIT")
        pipeline.wait_for("p1", "delivered", lambda records: records == RECORDS, 60)
        wait_until(lambda: other.execute("SELECT count(*), count(DISTINCT id) FROM t").fetchone()
                   == (RECORDS, RECORDS), 30, "each record once")
        other.close()
    context.destroy(linger=0)


if __name__ == "__main__":
    sys.exit(main())

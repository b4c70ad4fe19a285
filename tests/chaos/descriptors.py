"""Strangers take all the file descriptors that a daemon may have: connections that say nothing, and
new ones for those that it closes. Records go on over the connections that are there, the daemon does
not spin, and when the strangers are gone a new transformer joins as ever.
"""
import os
import random
import re
import socket
import time

from place import audit_end, flows, is_fed, role_of, small_pipeline, wait_until
from pipeline import config, network

SIZES = {
    "quick": {"seconds": 3, "rate": 500},
    "budget": {"seconds": 3, "rate": 500},
    "full": {"seconds": 20, "rate": 500},
}
LIMIT = 64
STRANGERS = 2 * LIMIT
MOST_CPU = 0.15  # of a core, more than without strangers; a loop without a pause takes one
NAMES = ("s1", "t1", "p1")


def cpu(daemon):
    with open(f"/proc/{daemon.process.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


class Strangers:
    """Connections that say nothing; one that is closed is made again."""

    def __init__(self, port):
        self.port = port
        self.open = [self.connect() for _ in range(STRANGERS)]
        self.made = STRANGERS

    def connect(self):
        stranger = socket.socket()
        stranger.setblocking(False)
        stranger.connect_ex(("127.0.0.1", self.port))
        return stranger

    def again(self):
        for number, stranger in enumerate(self.open):
            try:
                closed = stranger.recv(100) == b""  # a greeting may come, and then the end
            except BlockingIOError:
                closed = False
            except OSError:
                closed = True
            if closed:
                stranger.close()
                self.open[number] = self.connect()
                self.made += 1

    def close(self):
        for stranger in self.open:
            stranger.close()


def watch(pipeline, daemon, seconds, strangers=None):
    """The share of a core that it takes, and the most descriptors it had."""
    began, used, most = time.monotonic(), cpu(daemon), 0

    def is_over():
        nonlocal most
        if strangers:
            strangers.again()
        most = max(most, descriptors(daemon))
        assert is_fed(pipeline), "the producer ended"
        return time.monotonic() >= began + seconds
    wait_until(is_over, deadline=seconds + 60, what="the end of the watch")
    return (cpu(daemon) - used) / (time.monotonic() - began), most


def run_of(name, settings):
    """One of the daemons has few descriptors."""
    more = network(("p1",), ("s1",))
    sections = config({"generate": {"count": 0, "rate": settings["rate"]}}, network=more)
    with small_pipeline(sections) as pipeline:
        for each in NAMES:
            limit = ("prlimit", f"--nofile={LIMIT}:{LIMIT}") if each == name else ()
            pipeline.start(role_of(each), each, limit)
        flows(pipeline)
        joined = re.search(r"t1 joined at (tcp://\S+)", pipeline.daemons["p1"].log())[1]
        address = {"p1": more["producers"]["p1"], "s1": more["sinks"]["s1"], "t1": joined}[name]
        daemon = pipeline.daemons[name]
        calm, _ = watch(pipeline, daemon, settings["seconds"])
        strangers = Strangers(int(address.rsplit(":", 1)[1]))
        wait_until(lambda: descriptors(daemon) >= LIMIT, what=f"{name} to have no descriptor left")
        busy, most = watch(pipeline, daemon, settings["seconds"], strangers)
        flows(pipeline)
        strangers.close()
        pipeline.start("transformer", "t2")
        pipeline.telemetry("t2")
        pipeline.wait_for("t2", "documents", lambda documents: documents > 0)
        pipeline.daemons["p1"].stop()
        pipeline.finish()
        count = len(audit_end(pipeline).committed)
    print(f"  {name}: {most} of {LIMIT} descriptors, {strangers.made} strangers; {calm:.0%} of a "
          f"core before, {busy:.0%} with them; {count} records, each once", flush=True)
    assert most >= LIMIT, f"{name} had {most} descriptors of {LIMIT}"
    assert busy - calm < MOST_CPU, f"{name} spins: {busy:.0%} of a core, {calm:.0%} before"
    return busy - calm


def run(seed, settings):
    names = random.Random(seed).sample(NAMES, len(NAMES))
    more = max(run_of(name, settings) for name in names)
    return f"{len(names)} daemons without descriptors, at most {more:.0%} of a core more"

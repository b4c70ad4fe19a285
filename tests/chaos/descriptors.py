"""Strangers take all the file descriptors that a daemon may have: connections that say nothing, and
new ones for those that it closes. Records go on over the connections that are there, the daemon does
not spin, and when the strangers are gone a new transformer joins as ever. The same for the listener
of an `http` source, with clients and when it has none. Each daemon runs without unshare(2), like one in a
container. Not for Unix sockets: there libzmq 4.3.4 aborts.
"""
import http.client
import os
import random
import re
import resource
import socket
import sys
import threading
import time

from place import audit_end, flows, is_fed, role_of, small_pipeline, wait_until
from pipeline import config, free_ports, network

SIZES = {
    "quick": {"seconds": 3, "rate": 500},
    "budget": {"seconds": 3, "rate": 500},
    "full": {"seconds": 20, "rate": 500},
}
LIMIT = 64
STRANGERS = 2 * LIMIT
MOST_CPU = 0.15  # of a core, more than without strangers; a loop without a pause takes one
CONTAINED = (sys.executable, os.path.join(os.path.dirname(__file__), "like_a_container.py"))
NAMES = ("s1", "t1", "p1", "http", "idle http")


def cpu(daemon):
    with open(f"/proc/{daemon.process.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


class Strangers:
    """Connections that say nothing; one that is closed is made again."""

    def __init__(self, address):
        self.address = address
        self.open = [self.connect() for _ in range(STRANGERS)]
        self.made = STRANGERS

    def connect(self):
        stranger = socket.socket()
        stranger.setblocking(False)
        stranger.connect_ex(self.address)
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


class Poster(threading.Thread):
    """Posts documents over one connection, so that an `http` source has something to give."""

    def __init__(self, port, rate):
        super().__init__()
        self.port, self.rate, self.over, self.kept = port, rate, threading.Event(), 0

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.over.wait(10 / self.rate):
            body = "".join('{"number":%d}\n' % (self.kept + line) for line in range(10))
            try:
                connection.request("POST", "/documents", body,
                                   {"Content-Type": "application/x-ndjson",
                                    "Idempotency-Key": str(self.kept)})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                continue
            self.kept += 10 if answer.status == 202 else 0


def starve(pipeline, name, daemon, address, settings):
    """Watches the daemon without strangers and with them; the share of a core that they cost."""
    calm, _ = watch(pipeline, daemon, settings["seconds"])
    strangers = Strangers(address)
    wait_until(lambda: descriptors(daemon) >= LIMIT, what=f"{name} to have no descriptor left")
    busy, most = watch(pipeline, daemon, settings["seconds"], strangers)
    flows(pipeline)
    strangers.close()
    assert most >= LIMIT, f"{name} had {most} descriptors of {LIMIT}"
    assert busy - calm < MOST_CPU, f"{name} spins: {busy:.0%} of a core, {calm:.0%} before"
    print(f"  {name}: {most} of {LIMIT} descriptors, {strangers.made} strangers; {calm:.0%} of a "
          f"core before, {busy:.0%} with them", flush=True)
    return busy - calm


def new_client(port, settings):
    """One that comes late: it is answered, and ends."""
    late = Poster(port, settings["rate"])
    late.start()
    try:
        wait_until(lambda: late.kept > 0, what="an answer to a new client")
    finally:
        late.over.set()
        late.join()
    return late


def run_http(settings):
    """The HTTP listener of a producer. In the end a client that is new is answered."""
    port = free_ports(1)[0]
    sections = config({"http": {"bind": f"127.0.0.1:{port}"}}, processors=())
    with small_pipeline(sections) as pipeline:
        for each in ("s1", "t1", "p1"):
            limit = (*CONTAINED, "prlimit", f"--nofile={LIMIT}:{LIMIT}") if each == "p1" else ()
            pipeline.start(role_of(each), each, limit)
        daemon = pipeline.daemons["p1"]
        daemon.says("t1 joined")
        poster = Poster(port, settings["rate"])
        poster.start()
        try:
            flows(pipeline)
            more = starve(pipeline, "http", daemon, ("127.0.0.1", port), settings)
            new_client(port, settings)
        finally:
            poster.over.set()
            poster.join()
        wait_until(lambda: pipeline.telemetry("p1").get("in_flight") == 0, what="an idle producer")
        for each in ("p1", "t1", "s1"):
            pipeline.daemons[each].stop()
        found = len(pipeline.lines("out/s1.ndjson"))
        # The late client sends what the first one had sent, under the same keys.
        assert found >= poster.kept, f"{found} of {poster.kept} documents"
    return more


def run_idle_http(settings):
    """Nobody is connected when the last descriptor goes, so that no end of a connection gives one back."""
    port = free_ports(1)[0]
    with small_pipeline(config({"http": {"bind": f"127.0.0.1:{port}"}}, processors=())) as pipeline:
        for each in ("s1", "t1", "p1"):
            pipeline.start(role_of(each), each, CONTAINED)
        daemon = pipeline.daemons["p1"]
        daemon.says("t1 joined")
        calm, _ = watch(pipeline, daemon, settings["seconds"])
        before = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (3, before[1]))
        strangers = Strangers(("127.0.0.1", port))
        busy, _ = watch(pipeline, daemon, settings["seconds"], strangers)
        strangers.close()
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, before)
        assert busy - calm < MOST_CPU, f"idle http spins: {busy:.0%} of a core, {calm:.0%} before"
        print(f"  idle http: {strangers.made} strangers; {calm:.0%} of a core before, {busy:.0%} with them", flush=True)
        late = new_client(port, settings)
        wait_until(lambda: pipeline.telemetry("p1").get("delivered") >= late.kept, what="what it sent")
        for each in ("p1", "t1", "s1"):
            pipeline.daemons[each].stop()
    return busy - calm


def run_of(name, settings):
    """One of the daemons has few descriptors."""
    if name == "http":
        return run_http(settings)
    if name == "idle http":
        return run_idle_http(settings)
    more = network(("p1",), ("s1",))
    sections = config({"generate": {"count": 0, "rate": settings["rate"]}}, network=more)
    with small_pipeline(sections) as pipeline:
        for each in ("s1", "t1", "p1"):
            limit = (*CONTAINED, "prlimit", f"--nofile={LIMIT}:{LIMIT}") if each == name else ()
            pipeline.start(role_of(each), each, limit)
        flows(pipeline)
        joined = re.search(r"t1 joined at (tcp://\S+)", pipeline.daemons["p1"].log())[1]
        url = {"p1": more["producers"]["p1"], "s1": more["sinks"]["s1"], "t1": joined}[name]
        address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
        cost = starve(pipeline, name, pipeline.daemons[name], address, settings)
        pipeline.start("transformer", "t2")
        pipeline.telemetry("t2")
        pipeline.wait_for("t2", "documents", lambda documents: documents > 0)
        pipeline.daemons["p1"].stop()
        pipeline.finish()
        count = len(audit_end(pipeline).committed)
    print(f"  {name}: {count} records, each once", flush=True)
    return cost


def run(seed, settings):
    names = random.Random(seed).sample(NAMES, len(NAMES))
    more = max(run_of(name, settings) for name in names)
    return f"{len(names)} listeners without descriptors, at most {more:.0%} of a core more"

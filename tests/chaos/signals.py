"""SIGTERM and SIGHUP to each role at full load, with a healthy output, with one whose server is down or never
answers, and with uploads that never end: each daemon exits, or has taken the file over, within shutdown_timeout, and
nothing is lost or doubled by it.
"""
import contextlib
import random
import signal
import socket
import time

from checker import check
from http_server import HANG, Server
from pipeline import config, free_ports, wait_until
from place import audit_end, flows, role_of, small_pipeline

SIZES = {
    "quick": {"rounds": 1},
    "budget": {"rounds": 4},
    "full": {"rounds": 20},
}
NAMES = ("s1", "t1", "p1")
TIMEOUT = 2  # seconds; shutdown_timeout
SLACK = 1.5  # seconds that two busy cores may add


class Round:
    """Sends one signal to each daemon of a running pipeline and measures the answer."""

    def __init__(self, pipeline, what):
        self.pipeline, self.what, self.longest, self.count = pipeline, what, 0.0, 0

    def measured(self, name, number, condition):
        began = time.monotonic()
        self.pipeline.daemons[name].send(number)
        wait_until(condition, what=f"{name} after {signal.Signals(number).name} with {self.what}")
        took = time.monotonic() - began
        assert took <= TIMEOUT + SLACK, \
            f"{name} took {took:.1f} s after {signal.Signals(number).name} with {self.what}, where " \
            f"shutdown_timeout is {TIMEOUT} s:\n{self.pipeline.daemons[name].log()[-3000:]}"
        self.longest = max(self.longest, took)
        self.count += 1

    def terminate(self, name):
        daemon = self.pipeline.daemons[name]
        self.measured(name, signal.SIGTERM, lambda: not daemon.running())
        assert daemon.process.returncode == 0, \
            f"{name} ended with {daemon.process.returncode}:\n{daemon.log()[-3000:]}"
        self.start(name)

    def reload(self, name):
        telemetry = self.pipeline.telemetry(name)
        before = telemetry.get("reloads")
        self.measured(name, signal.SIGHUP, lambda: telemetry.get("reloads") > before)

    def start(self, name):
        self.pipeline.start(role_of(name), name)
        wait_until(self.pipeline.telemetry(name).values, what=f"telemetry of {name}")

    def all(self, chance, ready):
        for name in chance.sample(NAMES, len(NAMES)):
            for act in chance.sample((self.terminate, self.reload), 2):
                ready()
                act(name)


def begin(sections):
    return small_pipeline({**sections, "shutdown_timeout": f"{TIMEOUT}s"})


def healthy(chance, rounds):
    """A sink that is the slowest stage: batches keep arriving at it."""
    sections = config({"generate": {"count": 0, "seed": chance.randrange(1 << 32)}})
    with begin(sections) as pipeline:
        one = Round(pipeline, "a healthy output")
        for name in NAMES:
            one.start(name)
        for _ in range(rounds):
            one.all(chance, lambda: flows(pipeline))
        pipeline.daemons["p1"].stop()
        pipeline.finish()
        audit = audit_end(pipeline)
        done = check([pipeline.path("out/s1.ndjson")], [pipeline.path("out/s1.dead.ndjson")],
                     {"p1": audit.checkpoints["p1"].documents})
        assert not done.problems, done.text()
    return one


def with_server(chance, rounds, what, url):
    """The window is full, and nothing gets on."""
    sections = config({"generate": {"count": 0, "seed": chance.randrange(1 << 32)}},
                      producer={"window": {"batches": 64}})
    sections["sink"]["outputs"] = [{"http": {"url": url, "retry": {"first": "1s", "longest": "1min"}}}]
    with begin(sections) as pipeline:
        one = Round(pipeline, what)
        for name in NAMES:
            one.start(name)
        for _ in range(rounds):
            one.all(chance, lambda: pipeline.wait_for("p1", "in_flight", lambda documents: documents > 0))
    return one


@contextlib.contextmanager
def open_uploads(port, number):
    """Requests whose bodies never end."""
    with contextlib.ExitStack() as stack:
        for _ in range(number):
            upload = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            upload.sendall(b"POST /documents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                           b"Content-Length: 1000000\r\n\r\n{\"begun\": ")
        yield


def uploads(chance, rounds):
    """The producer has uploads open that it will never see the end of."""
    port = free_ports(1)[0]
    with begin(config({"http": {"bind": f"127.0.0.1:{port}"}}, processors=())) as pipeline:
        one = Round(pipeline, "open uploads")
        for name in NAMES:
            one.start(name)
        for _ in range(rounds):
            for act in chance.sample((one.terminate, one.reload), 2):
                with open_uploads(port, 16):
                    act("p1")
    return one


def run(seed, settings):
    chance, rounds = random.Random(seed), settings["rounds"]
    done = [healthy(chance, rounds), uploads(chance, 3 * rounds),
            with_server(chance, rounds, "a server that is down", f"http://127.0.0.1:{free_ports(1)[0]}/")]
    with Server(lambda post: HANG) as server:
        done.append(with_server(chance, rounds, "a server that never answers", server.url))
    return "; ".join(f"{one.count} signals with {one.what}, at most {one.longest:.2f} s" for one in done)

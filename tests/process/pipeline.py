"""Runs the real daemons in a folder of their own, for the tests of this folder.

DOCMILL_BIN names the folder of the binaries; without it, those of `make build`. Nothing here sleeps
but wait_until.
"""
import contextlib
import glob
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

import zmq

PATIENCE = 60  # seconds that a test waits for what takes less than one on an idle machine
SANITIZED = not {"ASAN_OPTIONS", "TSAN_OPTIONS"}.isdisjoint(os.environ)
# Between two kills at random: a daemon must have the time to start, or nothing ever happens.
LONGEST_PAUSE = 4 if SANITIZED else 0.4  # seconds


def wait_until(condition, deadline=PATIENCE, what="the condition"):
    """Waits for the condition to become true and gives its value; deadline: in seconds from now."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise AssertionError(f"{what} did not come true within {deadline} s")
        time.sleep(0.005)


def binary(role):
    built = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/release/bin")
    return os.path.join(os.environ.get("DOCMILL_BIN", built), f"docmill-{role}")


class Telemetry:
    """The newest counters that a daemon published."""

    def __init__(self, context, address):
        self.socket = context.socket(zmq.SUB)
        self.socket.setsockopt(zmq.SUBSCRIBE, b"status")
        self.socket.setsockopt(zmq.RECONNECT_IVL, 20)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(address)
        self.newest = {}
        self.came = 0.0

    def values(self):
        while self.socket.poll(0):
            self.newest = json.loads(self.socket.recv_multipart()[1])["values"]
            self.came = time.monotonic()
        return self.newest

    def is_fresh(self, seconds):
        """Whether the daemon has said something within so many seconds."""
        return bool(self.values()) and time.monotonic() - self.came < seconds

    def forget(self):
        self.values()
        self.newest = {}

    def get(self, name):
        return self.values().get(name, 0)


class Daemon:
    """One process, with its log."""

    def __init__(self, role, name, folder, arguments, wrapper=()):
        self.role, self.name = role, name
        self.log_path = os.path.join(folder, f"{name}.log")
        self.began = time.monotonic()
        environment = dict(os.environ)
        if wrapper and wrapper[0] == "strace":  # where a sanitizer cannot look for leaks
            environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        with open(self.log_path, "ab") as log:
            self.log_begin = log.tell()
            self.process = subprocess.Popen([*wrapper, binary(role), *arguments], cwd=folder,
                                            env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)

    def log(self):
        """What this process has said."""
        with open(self.log_path, encoding="utf-8") as file:
            file.seek(self.log_begin)
            return file.read()

    def messages(self, *levels):
        """The texts of its log, without time, level and name."""
        lines = (line.split(" ", 3) for line in self.log().splitlines())
        return [line[3] for line in lines if len(line) == 4 and (not levels or line[1] in levels)]

    def says(self, text, deadline=PATIENCE):
        wait_until(lambda: text in self.log(), deadline, f"'{text}' in the log of {self.name}")

    def running(self):
        return self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def send(self, number):
        if number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            wait_until(lambda: not self.running() or self.minds_sigterm(),
                       what=f"the start of {self.name}")
        self.process.send_signal(number)

    def exit_code(self, deadline=PATIENCE):
        wait_until(lambda: not self.running(), deadline, f"the end of {self.name}")
        return self.process.returncode

    def minds_sigterm(self):
        """Not in the first moments of a process: until main has blocked it, SIGTERM kills. Whoever
        starts a thread blocks all signals for an instant, a sanitizer before main."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            masks = dict(line.split(":", 1) for line in file)
        bits = {name: int(mask, 16) for name, mask in masks.items() if name in ("SigBlk", "SigCgt")}
        term, other = 1 << (signal.SIGTERM - 1), 1 << (signal.SIGUSR2 - 1)
        return any(bits[name] & term and not bits[name] & other for name in bits)

    def stop(self, deadline=PATIENCE):
        """Asks for an orderly end."""
        self.send(signal.SIGTERM)
        code = self.exit_code(deadline)
        assert code == 0, f"{self.name} ended with {code}:\n{self.log()}"


class Pipeline:
    """A pipeline file and the daemons that run it. A context manager: what runs at the end is
    killed, and the folder goes, unless the test failed."""

    def __init__(self, config, producers=1, sinks=1, folder=None, under=None):
        """folder: an existing one; else a new one is made, in the folder `under`."""
        self.own_folder = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="docmill-", dir=under)
        self.arguments = []
        if "network" not in config:
            self.arguments = ["--producers", str(producers), "--sinks", str(sinks)]
        self.daemons = {}
        self.every = []
        self.context = zmq.Context()
        self.telemetry_of = {}
        self.write(config)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for daemon in self.every:
            if daemon.running():
                daemon.kill()
        self.context.destroy(linger=0)
        if kind is not None:
            for name in dict.fromkeys(daemon.name for daemon in self.every):
                with open(self.path(f"{name}.log"), encoding="utf-8") as log:
                    print(f"--- the end of the log of {name}\n" + log.read()[-3000:])
            print(f"--- the folder stays: {self.folder}")
        elif self.own_folder:
            shutil.rmtree(self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, config):
        self.config = config
        self.put("pipeline.yaml", as_yaml(config))

    def put(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def start(self, role, name, wrapper=(), file="pipeline.yaml"):
        """Starts a daemon, for the first time or again."""
        if name in self.telemetry_of:
            self.telemetry_of[name].forget()
        daemon = Daemon(role, name, self.folder, [file, "--name", name, *self.arguments], wrapper)
        self.daemons[name] = daemon
        self.every.append(daemon)
        return daemon

    def telemetry(self, name):
        if name not in self.telemetry_of:
            state = self.path(self.config.get("state", "state"))
            self.telemetry_of[name] = Telemetry(self.context,
                                                f"ipc://{state}/sockets/{name}.telemetry")
        return self.telemetry_of[name]

    def wait_for(self, name, gauge, condition, deadline=PATIENCE):
        """Waits for a gauge of a daemon to fulfil the condition, and gives its value."""
        telemetry = self.telemetry(name)
        wait_until(lambda: gauge in telemetry.values() and condition(telemetry.newest[gauge]),
                   deadline, f"{gauge} of {name}")
        return telemetry.newest[gauge]

    def finish(self, deadline=PATIENCE, code=0):
        """The producers end by themselves, in time and with that code; then the others are told to."""
        for role in ("producer", "transformer", "sink"):
            for daemon in [d for d in self.daemons.values() if d.role == role and d.running()]:
                if role == "producer":
                    ended = daemon.exit_code(deadline)
                    assert ended == code, f"{daemon.name} ended with {ended}:\n{daemon.log()}"
                else:
                    daemon.stop()

    def start_all(self):
        """One of each; the sink first, so that nothing waits for it."""
        for role, name in (("sink", "s1"), ("transformer", "t1"), ("producer", "p1")):
            self.start(role, name)

    def lines(self, *names):
        """The lines of these files, as JSON."""
        found = []
        for name in names:
            with open(self.path(name), encoding="utf-8") as file:
                found += [json.loads(line) for line in file]
        return found

    def wait_for_lines(self, name, number):
        """Waits until a file has so many lines; a sink that is killed early may not have made it yet."""
        def complete():
            try:
                with open(self.path(name), "rb") as file:
                    return file.read().count(b"\n") >= number
            except FileNotFoundError:
                return False
        wait_until(complete, what=f"line {number} of {name}")

    def query_producer(self, name, query):
        """The rows from a copy of its database, which it locks while it runs."""
        with tempfile.TemporaryDirectory() as folder:
            for path in sorted(glob.glob(self.path("state", name, "producer.db*"))):
                shutil.copy(path, folder)
            with contextlib.closing(sqlite3.connect(os.path.join(folder, "producer.db"))) as copy:
                return copy.execute(query).fetchall()


def as_yaml(sections):
    return json.dumps(sections, indent=1) + "\n"  # JSON is YAML, too


def config(source, processors=("to_json",), **sections):
    """A pipeline with an NDJSON file and dead letters for each sink."""
    return {"pipeline": "test", "state": "state",
            "producer": {"source": source, **sections.pop("producer", {})},
            "transformer": {"processors": list(processors), **sections.pop("transformer", {})},
            "sink": {"outputs": [{"ndjson": {"path": "out/{sink}.ndjson"}}],
                     "dead_letters": "out/{sink}.dead.ndjson", **sections.pop("sink", {})},
            **sections}


def free_ports(number, first=23000, last=32000):
    """Ports of 127.0.0.1 that nobody has now, below those the kernel gives away itself."""
    ports = []
    start = first + os.getpid() * 37 % (last - first)
    for port in list(range(start, last)) + list(range(first, start)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        ports.append(port)
        if len(ports) == number:
            return ports
    raise AssertionError(f"no {number} free ports from {first} to {last}")


def network(producers, sinks):
    """The section `network`: each of these names at a port of its own."""
    ports = free_ports(len(producers) + len(sinks))
    return {tier: {name: f"tcp://127.0.0.1:{ports.pop(0)}" for name in names}
            for tier, names in (("producers", producers), ("sinks", sinks))}

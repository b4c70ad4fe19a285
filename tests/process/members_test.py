"""Many members of one producer: all join in time, and none that lives is declared dead.

1,000 members, played by four processes with real sockets, are idle while other processes use both cores. They may cost
the producer 2 % of a core (MOST=0.05 allows 5 %). Each window of 5 s has a heartbeat of every member; the cheapest window
counts, since others running on the machine only add to the cost. Where the machine is so busy or slow that a program that
does nothing but receive as many messages costs more than half of that in the same window, twice its cost is allowed.
Then 250 workers of real transformers process documents at full load, for 10 s or LOAD=60 s.
"""
import multiprocessing
import os
import select
import socket
import sys
import time

import zmq

from forger import READY, heartbeat
from pipeline import Pipeline, config, network, wait_until

MEMBERS, PROCESSES = 1000, 4
TRANSFORMERS, WORKERS = 5, 50
JOINED_WITHIN = 3.0  # seconds
INTERVAL = 5.0  # between the heartbeats of an idle member
WINDOWS = int(os.environ.get("WINDOWS", "3"))  # of one interval
LOAD = int(os.environ.get("LOAD", "10"))
MOST = float(os.environ.get("MOST", "0.02"))  # of a core


def play(number, address, begin):
    """The heartbeats of some of the members, spread over the interval."""
    context = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 4096)
    members = []
    for member in range(number, MEMBERS, PROCESSES):
        push = context.socket(zmq.PUSH)
        push.setsockopt(zmq.LINGER, 0)
        push.connect(address)
        pull = context.socket(zmq.PULL)
        port = pull.bind_to_random_port("tcp://127.0.0.1", 20000, 32000)
        members.append((push, heartbeat(f"m{member}", member + 1, f"tcp://127.0.0.1:{port}", READY), pull))
    begin.wait()
    for push, frame, _ in members:
        push.send(frame)
    due = time.monotonic()
    while True:
        for push, frame, _ in members:
            due += INTERVAL / len(members)
            time_left = due - time.monotonic()
            if time_left > 0:
                push.poll(time_left * 1000, zmq.POLLERR)  # never comes
            push.send(frame)


def use_a_core():
    while True:
        pass


def processor_time(pid):
    """In seconds, of all threads; finer than the clock ticks of /proc/PID/stat."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def receive(listener):
    """Takes whatever arrives over the connections to the listener: one wait and one read for each message."""
    poll, connections = select.epoll(), {}
    poll.register(listener, select.EPOLLIN)
    while True:
        for fd, _ in poll.poll():
            if fd == listener.fileno():
                connection = listener.accept()[0]
                connections[connection.fileno()] = connection
                poll.register(connection, select.EPOLLIN)
            else:
                connections[fd].recv(4096)


def send_as_members_do(address):
    """As many messages as the members send heartbeats."""
    connections = [socket.create_connection(address) for _ in range(MEMBERS // 10)]
    due, nothing = time.monotonic(), select.poll()
    while True:
        for connection in connections:
            due += INTERVAL / MEMBERS
            nothing.poll(max(0, due - time.monotonic()) * 1000)
            connection.send(b"x" * 100)


class Reference:
    """Measures what only receiving the members' messages costs on this machine at this time."""

    def __init__(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.receiver = multiprocessing.Process(target=receive, args=(listener,), daemon=True)
        self.sender = multiprocessing.Process(target=send_as_members_do, args=(listener.getsockname(),), daemon=True)
        self.processes = [self.receiver, self.sender]
        for process in self.processes:
            process.start()

    def processor_time(self):
        return processor_time(self.receiver.pid)


def watch(pipeline, seconds, most):
    """Asserts that all members live for so long, and gives how long that was."""
    telemetry, since, least = pipeline.telemetry("p1"), time.monotonic(), most

    def is_over():
        nonlocal least
        least = min(least, telemetry.get("members"))
        return time.monotonic() - since >= seconds
    wait_until(is_over, seconds + 60, "the end of the trial")
    deaths = telemetry.get("deaths")
    assert deaths == 0 and least == most, f"{deaths} deaths, at least {least} of {most} members"
    return time.monotonic() - since


def cost_of_a_window(pipeline, pid, reference):
    """The shares of a core that the producer and the reference use during one interval."""
    before, bare_before = processor_time(pid), reference.processor_time()
    passed = watch(pipeline, INTERVAL, MEMBERS)
    return (processor_time(pid) - before) / passed, (reference.processor_time() - bare_before) / passed


def idle_members():
    peers = network(["p1"], ["s1"])
    sections = config({"lines": {"path": "in/*.txt", "watch": True}}, network=peers, transformer={"advertise": "127.0.0.1"})
    with Pipeline(sections) as pipeline:
        pipeline.put("in/not_read", "")
        producer = pipeline.start("producer", "p1")
        pipeline.wait_for("p1", "read", lambda read: read >= 0)
        begin = multiprocessing.Barrier(PROCESSES + 1)  # all have their sockets
        players = [multiprocessing.Process(target=play, args=(i, peers["producers"]["p1"], begin), daemon=True)
                   for i in range(PROCESSES)]
        for player in players:
            player.start()
        begin.wait()
        began = time.monotonic()
        pipeline.wait_for("p1", "members", lambda members: members >= MEMBERS)
        joined = time.monotonic() - began
        others = [multiprocessing.Process(target=use_a_core, daemon=True) for _ in range(os.cpu_count())]
        for other in others:
            other.start()
        reference = Reference()
        windows = [cost_of_a_window(pipeline, producer.process.pid, reference) for _ in range(WINDOWS)]
        for process in players + others + reference.processes:
            process.terminate()
        text = ", ".join(f"{used:.1%} (bare reception: {bare:.1%})" for used, bare in windows)
        print(f"{MEMBERS} members joined after {joined:.2f} s; idle they cost the producer {text} of a core", flush=True)
        assert joined <= JOINED_WITHIN, f"they joined after {joined:.2f} s"
        assert any(used <= max(MOST, 2 * bare) for used, bare in windows), f"{text} of a core"


def workers_at_full_load():
    sections = config({"generate": {"count": 0}}, network=network(["p1"], ["s1"]), processors=({"drop": {"path": "self::*"}},),
                      transformer={"advertise": "127.0.0.1", "workers": WORKERS})
    with Pipeline(sections) as pipeline:
        pipeline.start("sink", "s1")
        pipeline.start("producer", "p1")
        pipeline.wait_for("p1", "members", lambda members: members == 0)
        began = time.monotonic()
        for number in range(TRANSFORMERS):
            pipeline.start("transformer", f"t{number}")
        pipeline.wait_for("p1", "members", lambda members: members == TRANSFORMERS)
        joined = time.monotonic() - began
        passed = watch(pipeline, LOAD, TRANSFORMERS)
        filtered = pipeline.telemetry("p1").get("filtered")
        print(f"{TRANSFORMERS * WORKERS} workers started and joined within {joined:.2f} s; none of their {TRANSFORMERS} "
              f"transformers was declared dead in {passed:.0f} s and {filtered:,} documents", flush=True)
        assert filtered > 0, "no load"
        assert joined <= JOINED_WITHIN, f"they joined after {joined:.2f} s"


def main():
    idle_members()
    workers_at_full_load()


if __name__ == "__main__":
    sys.exit(main())

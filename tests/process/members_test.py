"""Many members of one producer: all join in time, and none that lives is declared dead.

1,000 members, played by four processes with real sockets, are idle while other processes use both cores. They may cost
the producer 2 % of a core (MOST=0.05 allows 5 %). Then 250 workers of real transformers process documents at full
load, for 10 s or LOAD=60 s.
"""
import multiprocessing
import os
import sys
import time

import zmq

from forger import READY, heartbeat
from pipeline import Pipeline, config, network, wait_until

MEMBERS, PROCESSES = 1000, 4
TRANSFORMERS, WORKERS = 5, 50
JOINED_WITHIN = 3.0  # seconds
INTERVAL = 5.0  # between the heartbeats of an idle member
SECONDS = int(os.environ.get("SECONDS", "15"))
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
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
        before = processor_time(producer.process.pid)
        passed = watch(pipeline, SECONDS, MEMBERS)
        used = (processor_time(producer.process.pid) - before) / passed
        for process in players + others:
            process.terminate()
        print(f"{MEMBERS} members joined after {joined:.2f} s; idle they cost the producer {used:.1%} of a core", flush=True)
        assert joined <= JOINED_WITHIN, f"they joined after {joined:.2f} s"
        assert used <= MOST, f"{used:.1%} of a core"


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

"""Each daemon is killed before each call by which it changes a disk or speaks to a peer.

A short run is recorded under strace. Then, for each call of the record, a pipeline of its own runs
until that call of the same daemon, which SIGKILL ends before the call is made. What is on disk is
audited before the restart; after it the pipeline must finish with each record once. The second
life of a daemon, which begins with the recovery from a kill, is recorded and treated the same.

How many calls a run makes depends on time: on how often a thread is woken, and on what comes together
in one commit. A run that ends without the n-th call of a kind has no such moment; the point is then
tried at the call before, and so on, down to the last one that this run makes.
"""
import collections
import os
import random
import re
import signal
import time

from place import KILLED, audit_end, audit_now, at_once, role_of, small_pipeline, wait_until
from pipeline import config

SIZES = {  # points: how many of each run, chosen at random, 0 for all
    "quick": {"points": 16, "jobs": 2},
    "budget": {"points": 40, "jobs": 2},
    "full": {"points": 0, "jobs": 2},
}
RECORDS, BATCH = 24, 4
NAMES = ("s1", "t1", "p1")
# Calls that change a disk, and those by which libzmq's threads are woken and peers are spoken to.
DISK_CALLS = ("openat", "mkdir", "pwrite64", "ftruncate", "fdatasync", "fsync", "rename",
              "renameat2", "unlink")
PEER_CALLS = ("write", "sendto")
LINE = re.compile(r"(\d+) +([a-z0-9]+)\((.*)")
# How many calls before the recorded one a point is tried at, one run each, until a run comes to it.
EARLIER = (0, 0, 1, 1, 2, 3, 4, 6, 8, 12)
SLOW = 8  # seconds
Point = collections.namedtuple("Point", "name life call number")
Outcome = collections.namedtuple("Outcome", "point reached earlier seconds")


def sections():
    """One batch at a time, so that each run makes the same calls."""
    return config({"generate": RECORDS},
                  producer={"batch": {"documents": BATCH}, "window": {"batches": 1}})


def tracer(log, calls, *more):
    # With -D the daemon stays our child, and its end is its own. Not with --seccomp-bpf, which
    # would be faster: strace 6.1 injects no signals then.
    return ("strace", "-D", "-f", "-y", "-o", log, "-e",
            "trace=" + ",".join(calls), *more)


def killer(log, call, number):
    return tracer(log, (call,), "-e", f"inject={call}:signal=SIGKILL:when={number}")


class Run:
    """A pipeline in which one daemon is traced in one of its lives."""

    def __init__(self, pipeline, name, life, first_kill):
        self.pipeline, self.name, self.life, self.first_kill = pipeline, name, life, first_kill
        self.log = pipeline.path("strace")

    def start(self, name, wrapper=()):
        return self.pipeline.start(role_of(name), name, wrapper)

    def traced_life(self, wrapper):
        """Runs until the daemon has died or all records are settled; gives its process."""
        for name in NAMES:
            if name != self.name:
                self.start(name)
        if self.life == 2:
            first = self.start(self.name, killer(self.log + ".first", *self.first_kill))
            assert first.exit_code() == KILLED, f"{self.name}:\n{first.log()}"
        daemon = self.start(self.name, wrapper)
        wait_until(lambda: not daemon.running() or not self.producer().running(),
                   what="the end of the producer or of what is traced")
        if daemon.running():
            self.end_of(daemon)
        return daemon

    def end_of(self, daemon):
        """All is settled: the others leave before the traced one, so that it does all it can."""
        if daemon.name == "s1":
            self.pipeline.daemons["t1"].stop()
        daemon.send(signal.SIGTERM)
        daemon.exit_code()

    def producer(self):
        return self.pipeline.daemons["p1"]

    def finish(self):
        """The transformer is told twice, as by somebody in a hurry: it waits 10 s for the last word
        of a producer that was killed before it said it."""
        transformer = self.pipeline.daemons["t1"]
        if transformer.running():
            transformer.send(signal.SIGTERM)
            transformer.says("leaving")
            transformer.send(signal.SIGTERM)
        self.pipeline.finish()
        audit_end(self.pipeline, {"p1": RECORDS})


def first_kill_of(name):
    """Where its first life ends: in the middle of a run, with something half done."""
    return ("sendto", 12) if name == "t1" else ("fdatasync", 13 if name == "s1" else 9)


def counted(log, folder):
    """The calls of a record: {call: numbers}, and how many threads make those to a disk."""
    seen = collections.Counter()
    numbers = collections.defaultdict(set)
    threads = set()
    with open(log, encoding="utf-8", errors="replace") as file:
        for thread, call, rest in (found.groups() for found in map(LINE.match, file) if found):
            seen[thread, call] += 1
            rest = rest.replace(f"AT_FDCWD<{folder}>", "")
            place = re.search(rf'[<"](?:{re.escape(folder)}[>"]|(?:{re.escape(folder)}/)?'
                              r"(?:state|out)\b)", rest)
            # Sockets and the log are no disk, and what is only opened is not changed.
            changes = place and (call != "openat" or "O_CREAT" in rest)
            if call in DISK_CALLS and changes:
                threads.add(thread)
            if changes or call in PEER_CALLS:
                numbers[call].add(seen[thread, call])
    assert len(threads) <= 1, f"calls to the disk come from {len(threads)} threads"
    return numbers


def record(name, life):
    with small_pipeline(sections()) as pipeline:
        run = Run(pipeline, name, life, first_kill_of(name))
        daemon = run.traced_life(tracer(run.log, DISK_CALLS + PEER_CALLS))
        assert daemon.process.returncode == 0, f"{name}:\n{daemon.log()}"
        run.finish()
        return [Point(name, life, call, number)
                for call, numbers in counted(run.log, pipeline.folder).items()
                for number in sorted(numbers)]


def try_point(point):
    began = time.monotonic()
    for earlier in EARLIER:
        number = max(point.number - earlier, 1)
        with small_pipeline(sections()) as pipeline:
            run = Run(pipeline, point.name, point.life, first_kill_of(point.name))
            daemon = run.traced_life(killer(run.log, point.call, number))
            reached = daemon.process.returncode == KILLED
            assert reached or daemon.process.returncode == 0, f"{told(point)}:\n{daemon.log()}"
            if reached:
                audit_now(pipeline, f"{told(point)}, before the restart")
                again = run.start(point.name)
                if point.name != "p1":
                    again.says(" ready ")  # before that a signal to stop just ends it
                wait_until(lambda: not run.producer().running(), what=f"{told(point)}: the end of p1")
            run.finish()
        if reached:
            break
    seconds = time.monotonic() - began
    if seconds > SLOW:
        print(f"  {told(point)} took {seconds:.1f} s", flush=True)
    return Outcome(point, reached, earlier, seconds)


def told(point):
    return f"{point.call} {point.number} of {point.name}, life {point.life}"


def sample(points, most, chance):
    """Some of each call of each life first, then whatever comes."""
    points = list(points)
    chance.shuffle(points)
    if not most:
        return points
    first, rest, seen = [], [], set()
    for point in points:
        (rest if point[:3] in seen else first).append(point)
        seen.add(point[:3])
    return (first + rest)[:most]


def table(outcomes):
    counts = collections.Counter(outcome.point[:3] for outcome in outcomes)
    earlier = collections.Counter(outcome.point[:3] for outcome in outcomes if outcome.earlier)
    for name, life in sorted({outcome.point[:2] for outcome in outcomes}):
        parts = [f"{counts[name, life, call]} {call}" +
                 (f" ({earlier[name, life, call]} at an earlier one)" if earlier[name, life, call] else "")
                 for call in DISK_CALLS + PEER_CALLS if counts[name, life, call]]
        print(f"  {role_of(name)}, life {life}: {', '.join(parts)}")


def run(seed, settings):
    chance = random.Random(seed)
    began = time.monotonic()
    runs = [(name, life) for name in NAMES for life in (1, 2)]
    recorded = at_once(settings["jobs"], lambda one: record(*one), runs)
    every = sum(map(len, recorded))
    points = sample([point for points in recorded for point in points], settings["points"], chance)
    print(f"  {every} points recorded in {time.monotonic() - began:.0f} s, {len(points)} of them "
          f"tried, {settings['jobs']} at a time", flush=True)
    outcomes = at_once(settings["jobs"], try_point, points)
    table(outcomes)
    missed = [told(outcome.point) for outcome in outcomes if not outcome.reached]
    assert not missed, f"not reached: {missed}"
    earlier = sum(outcome.earlier > 0 for outcome in outcomes)
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    mean = sum(outcome.seconds for outcome in outcomes) / len(outcomes)
    return (f"{len(outcomes)} of {len(points)} crash points passed (of {every} recorded), {earlier} of them at an "
            f"earlier call of the kind; {mean:.1f} s a point, at most {slowest.seconds:.1f} s "
            f"({told(slowest.point)})")

"""One of two sinks stands still, and later runs for a twentieth of the time: what belongs to the other one
goes on, until the window is full of what does not; then nothing grows. When it is well again all arrives, each
record once.
"""
import os
import random
import time

from brake import stands_still, stopped_mostly
from place import audit_end, flows, is_fed, role_of, small_pipeline, wait_until
from pipeline import config

SIZES = {
    "quick": {"rounds": 1, "seconds": 7},
    "budget": {"rounds": 1, "seconds": 15},
    "full": {"rounds": 4, "seconds": 20},
}
SINKS = ("s1", "s2")
TRANSFORMERS = ("t1", "t2")
RATE, BATCHES = 2000, 256
LEAST = 0.7  # records that the other sink gets for each that waits for the stuck one: about as many are its
MOST_GROWTH = 32 << 20  # bytes of memory
CYCLE, SHARE = 0.2, 0.05  # seconds, and the part of them in which a slow sink runs


def memory(daemon):
    with open(f"/proc/{daemon.process.pid}/statm", encoding="utf-8") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Trial:
    """What grows while a sink does not take what it should."""

    def __init__(self, pipeline):
        self.pipeline = pipeline
        self.window = pipeline.telemetry("p1")
        self.grown = 0

    def over(self, seconds):
        """Batches in the window at most, and records each sink has taken meanwhile."""
        before = {daemon.name: memory(daemon) for daemon in self.pipeline.daemons.values()}
        taken = self.delivered()
        most, end = 0, time.monotonic() + seconds

        def is_over():
            nonlocal most
            assert is_fed(self.pipeline)
            self.delivered()
            most = max(most, self.window.get("window_batches"))
            self.grown = max([self.grown] + [memory(daemon) - before[daemon.name]
                                             for daemon in self.pipeline.daemons.values()])
            return time.monotonic() >= end
        wait_until(is_over, deadline=seconds + 60, what="the end of the trial")
        assert most <= BATCHES, f"{most} batches were in flight, the window is {BATCHES}"
        assert self.grown < MOST_GROWTH, f"memory has grown by {self.grown} bytes"
        return most, {name: number - taken[name] for name, number in self.delivered().items()}

    def delivered(self):
        return {name: self.pipeline.telemetry(name).get("delivered") for name in SINKS}


def all_flows(pipeline):
    for name in SINKS:
        flows(pipeline, name)


def run(seed, settings):
    chance = random.Random(seed)
    sections = config({"generate": {"count": 0, "rate": RATE, "seed": seed}},
                      producer={"batch": {"documents": 16}, "window": {"batches": BATCHES}})
    with small_pipeline(sections, sinks=len(SINKS)) as pipeline:
        for name in (*SINKS, *TRANSFORMERS, "p1"):
            pipeline.start(role_of(name), name)
        all_flows(pipeline)
        trial = Trial(pipeline)
        for _ in range(settings["rounds"]):
            stuck = chance.choice(SINKS)
            other = next(name for name in SINKS if name != stuck)
            daemon = pipeline.daemons[stuck]
            with stands_still(daemon):
                most, taken = trial.over(settings["seconds"])
            assert most == BATCHES, f"the window had {most} batches and was not full"
            held = pipeline.telemetry("p1").get("in_flight")
            assert taken[other] > LEAST * held, \
                f"{other} has got {taken[other]} records, and {held} wait: some of them are its"
            assert taken[stuck] == 0, f"{stuck} took {taken} while it stood still"
            all_flows(pipeline)
            print(f"  {stuck} stands still: {other} has got {taken[other]} records in "
                  f"{settings['seconds']} s, then the window was full with {held}", flush=True)
            with stopped_mostly(daemon, CYCLE, SHARE):
                most, taken = trial.over(settings["seconds"])
            assert min(taken.values()) > 0, f"{taken} records arrived while {stuck} was slow"
            print(f"  {stuck} runs for {SHARE:.0%} of the time: {taken[stuck]} records for it, "
                  f"{taken[other]} for {other}, {most} batches in the window at most", flush=True)
            all_flows(pipeline)
        pipeline.daemons["p1"].stop()
        pipeline.finish()
        count = len(audit_end(pipeline).committed)
    return (f"{settings['rounds']} times one of two sinks stood still and was slow, for "
            f"{settings['seconds']} s each; memory grew by {trial.grown >> 10} KiB; {count} records, each once")

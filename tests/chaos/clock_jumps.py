"""The wall clocks of the daemons jump by hours and years, each another way, while records flow: only
the times in the logs may notice. Nobody is taken for dead, nothing is sent again because of it, and
what is killed comes back in whatever year it finds.
"""
import collections
import contextlib
import datetime
import os
import random

from place import audit_end, flows, role_of, small_pipeline
from pipeline import config

SIZES = {
    "quick": {"jumps": 8, "rate": 1000},
    "budget": {"jumps": 20, "rate": 1000},
    "full": {"jumps": 100, "rate": 1000},
}
NAMES = ("p1", "t1", "t2", "s1")
LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
HOUR, YEAR = 3600, 365 * 24 * 3600
OFFSETS = (0, HOUR, -HOUR, 10 * YEAR, -10 * YEAR, 1, -1, 37 * HOUR)
FAR = 10 * 24 * HOUR  # seconds: a log that is so far from now was written in another year


class Clocks:
    """The wall clock of each daemon, moved while it runs; the clock that only rises is the real one.
    """

    def __init__(self, pipeline):
        self.pipeline = pipeline

    def set(self, name, offset):
        self.pipeline.put(f"clocks/{name}", f"{offset:+d}\n")

    def wrapper(self, name):
        return ("env", f"LD_PRELOAD={LIBRARY}", "FAKETIME_NO_CACHE=1",
                f"FAKETIME_TIMESTAMP_FILE={self.pipeline.path('clocks', name)}",
                "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1")


def tidy(pipeline):
    """libfaketime leaves these behind for each process that is killed."""
    for daemon in pipeline.every:
        for name in ("faketime_shm_", "sem.faketime_sem_"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(f"/dev/shm/{name}{daemon.process.pid}")


def noticed(pipeline):
    telemetry = pipeline.telemetry("p1")
    return {name: telemetry.get(name) for name in ("timeouts", "moved", "returned", "deaths")}


def years_in(daemon):
    """The lines of a log that were written at another time than now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    found = 0
    for line in daemon.log().splitlines():
        try:
            time = datetime.datetime.fromisoformat(line.split(" ", 1)[0])
        except ValueError:
            continue
        found += abs((now - time).total_seconds()) > FAR
    return found


def jump(clocks, chance):
    """Some clocks, each to a time of its own; gives how many."""
    names = chance.sample(NAMES, chance.randint(1, len(NAMES)))
    for name in names:
        clocks.set(name, chance.choice(OFFSETS))
    return len(names)


def run(seed, settings):
    if not os.path.exists(LIBRARY):
        raise AssertionError(f"{LIBRARY} is missing; install faketime (scripts/setup test)")
    chance = random.Random(seed)
    counts = collections.Counter()
    sections = config({"generate": {"count": 0, "rate": settings["rate"], "seed": seed}},
                      producer={"batch": {"documents": 16}})
    with small_pipeline(sections) as pipeline:
        clocks = Clocks(pipeline)

        def start(name):
            pipeline.start(role_of(name), name, clocks.wrapper(name))
            pipeline.telemetry(name)
        for name in NAMES:
            clocks.set(name, 0)
            start(name)
        flows(pipeline)
        before = noticed(pipeline)
        for _ in range(settings["jumps"]):
            counts["jumps of a clock"] += jump(clocks, chance)
            flows(pipeline, records=settings["rate"] // 2)
        assert noticed(pipeline) == before, f"{before} became {noticed(pipeline)}"
        for _ in range(settings["jumps"] // 2):
            counts["jumps of a clock"] += jump(clocks, chance)
            name = chance.choice(("t2", "s1"))
            pipeline.daemons[name].kill()
            start(name)
            counts["kills"] += 1
            flows(pipeline, records=settings["rate"] // 2)
        for name in NAMES:
            clocks.set(name, chance.choice((10 * YEAR, -10 * YEAR)))
        pipeline.daemons["p1"].stop()
        pipeline.finish()
        counts["lines of logs from another year"] = sum(map(years_in, pipeline.every))
        count = len(audit_end(pipeline).committed)
        tidy(pipeline)
    assert min(counts.values()) > 0, counts
    return (", ".join(f"{number} {what}" for what, number in counts.items()) +
            f"; {count} records, each once, none sent again because of a clock")

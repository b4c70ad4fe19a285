"""Each sync takes long: of a sink, of a producer, of both. Records arrive more slowly, each once; the
window bounds what is under way, and memory stays where it was.
"""
import os
import random

from place import audit_end, role_of, small_pipeline, wait_until
from pipeline import config

SIZES = {
    "quick": {"records": 400, "delay": 100},
    "budget": {"records": 400, "delay": 100},
    "full": {"records": 2000, "delay": 200},
}
NAMES = ("s1", "t1", "p1")
BATCH, BATCHES = 8, 16
MOST_GROWTH = 16 << 20  # bytes of memory


def slow(log, milliseconds):
    return ("strace", "-D", "-f", "-o", log, "-e", "trace=fdatasync", "-e",
            f"inject=fdatasync:delay_exit={milliseconds * 1000}")


def memory(daemon):
    with open(f"/proc/{daemon.process.pid}/statm", encoding="utf-8") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def syncs(log):
    with open(log, encoding="utf-8") as file:
        return sum("fdatasync" in line for line in file)


def slow_run(which, settings):
    sections = config({"generate": settings["records"]},
                      producer={"batch": {"documents": BATCH}, "window": {"batches": BATCHES}})
    with small_pipeline(sections) as pipeline:
        logs = {name: pipeline.path(f"{name}.strace") for name in which}
        for name in NAMES:
            pipeline.start(role_of(name), name,
                           slow(logs[name], settings["delay"]) if name in which else ())
        pipeline.wait_for("s1", "delivered", lambda delivered: delivered > 0)
        before = {name: memory(pipeline.daemons[name]) for name in NAMES}
        grown, most = dict.fromkeys(NAMES, 0), 0
        window = pipeline.telemetry("p1")

        def watch():
            nonlocal most
            if not pipeline.daemons["p1"].running():
                return True
            most = max(most, window.get("window_batches"))
            for name in NAMES:
                if pipeline.daemons[name].running():
                    grown[name] = max(grown[name], memory(pipeline.daemons[name]) - before[name])
            return False
        wait_until(watch, deadline=600, what="the end of p1")
        pipeline.finish()
        audit_end(pipeline, {"p1": settings["records"]})
        assert most <= BATCHES, f"{most} batches were in flight, the window is {BATCHES}"
        assert max(grown.values()) < MOST_GROWTH, f"memory has grown by {grown}"
        number = sum(map(syncs, logs.values()))
        assert number > 0, "no sync was slow"
        return number, most, max(grown.values())


def run(seed, settings):
    results = {}
    for which in random.Random(seed).sample((("s1",), ("p1",), ("s1", "p1")), 3):
        results[which] = number, most, grown = slow_run(which, settings)
        print(f"  {' and '.join(which)}: {number} slow syncs, at most {most} batches in flight, "
              f"memory grew by {grown >> 10} KiB", flush=True)
    return (f"{sum(number for number, _, _ in results.values())} syncs took {settings['delay']} ms "
            f"longer; 3 times {settings['records']} records, each once")

"""kill -9 of all daemons at the same moment, again and again: nothing that is only in memory, or on
its way between two of them, may matter.
"""
import collections
import random
import time

from place import audit_end, audit_now, is_fed, role_of, small_pipeline, wait_until
from pipeline import SANITIZED, config

SIZES = {
    "quick": {"rounds": 8, "rate": 500},
    "budget": {"rounds": 30, "rate": 500},
    "full": {"rounds": 100, "rate": 500},
}
NAMES = ("p1", "p2", "t1", "t2", "t3", "s1", "s2")
LONGEST = 8 if SANITIZED else 0.8  # seconds of a life
SECONDS_PER_ROUND = 0.5


def run(seed, settings):
    chance = random.Random(seed)
    count = int(settings["rounds"] * SECONDS_PER_ROUND * settings["rate"])
    sections = config({"generate": {"count": count, "rate": settings["rate"], "seed": seed}},
                      producer={"batch": {"documents": 16}})
    counts = collections.Counter()
    with small_pipeline(sections, producers=2, sinks=2) as pipeline:
        # On a busy machine the acks may be under way in none of the first rounds.
        for number in range(3 * settings["rounds"]):
            if number >= settings["rounds"] and min(counts.values()) > 0:
                break
            for name in chance.sample(NAMES, len(NAMES)):
                pipeline.start(role_of(name), name)
            end = time.monotonic() + chance.uniform(0, LONGEST)
            wait_until(lambda end=end: not is_fed(pipeline) or time.monotonic() >= end,
                       what="the next kill")
            for daemon in pipeline.daemons.values():
                daemon.process.kill()  # all of them first
            for daemon in pipeline.daemons.values():
                daemon.kill()
            audit = audit_now(pipeline, "after a kill of all")
            settled = sum(checkpoint.documents for checkpoint in audit.checkpoints.values())
            counts["kills of all"] += 1
            counts["with acks under way"] += len(audit.committed) > settled
            counts["with records settled"] += settled > 0
        for name in NAMES:
            pipeline.start(role_of(name), name)
        for name in ("p1", "p2"):
            pipeline.telemetry(name)
        pipeline.finish(count / settings["rate"] + 60)
        audit_end(pipeline, {"p1": count, "p2": count})
    assert min(counts.values()) > 0, counts
    return (", ".join(f"{number} {what}" for what, number in counts.items()) +
            f"; {2 * count} records, each once")

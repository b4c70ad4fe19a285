"""All daemons start and are killed again within moments, most before they are ready; then they are
left alone, and everything arrives once.
"""
import collections
import random
import time

from place import audit_end, audit_now, role_of, small_pipeline, wait_until
from pipeline import PATIENCE, config

SIZES = {
    "quick": {"starts": 150, "records": 2000},
    "budget": {"starts": 400, "records": 5000},
    "full": {"starts": 2000, "records": 20000},
}
NAMES = ("p1", "p2", "t1", "t2", "s1", "s2")
LONGEST = 0.3  # seconds of a life


def storm(pipeline, chance, starts):
    """Each daemon has a life of its own; gives how often each was killed before it was ready."""
    kill_at = {}
    early = collections.Counter()
    ready = {"producer": "run ", "transformer": " ready ", "sink": " ready "}

    def step():
        nonlocal starts
        for name in NAMES:
            if name not in kill_at:
                if starts == 0:
                    continue
                starts -= 1
                pipeline.start(role_of(name), name)
                kill_at[name] = time.monotonic() + LONGEST * chance.random() ** 3
            elif time.monotonic() >= kill_at[name]:
                daemon = pipeline.daemons[name]
                assert daemon.running() or daemon.process.returncode == 0, \
                    f"{name} ended with {daemon.process.returncode}:\n{daemon.log()}"
                early[daemon.role] += ready[daemon.role] not in daemon.log()
                daemon.kill()
                del kill_at[name]
        return starts == 0 and not kill_at
    wait_until(step, deadline=600, what="the end of the storm")
    return early


def run(seed, settings):
    chance = random.Random(seed)
    sections = config({"generate": {"count": settings["records"], "seed": seed}},
                      producer={"batch": {"documents": 8}, "window": {"batches": 8}})
    with small_pipeline(sections, producers=2, sinks=2) as pipeline:
        early = storm(pipeline, chance, settings["starts"])
        audit = audit_now(pipeline, "after the storm")
        began = time.monotonic()
        for name in NAMES:
            pipeline.start(role_of(name), name)
        for name in NAMES:  # one that is told to leave before it listens just ends
            if role_of(name) != "producer":
                pipeline.daemons[name].says(" ready ")
        pipeline.finish(2 * PATIENCE)
        calm = time.monotonic() - began
        end = audit_end(pipeline, {"p1": settings["records"], "p2": settings["records"]})
        dead = sum(sum(ledger.committed.dead.values()) for ledger in end.ledgers)
    assert sum(early.values()) > 0, "no daemon was killed before it was ready"
    told = ", ".join(f"{number} of a {role}" for role, number in sorted(early.items()))
    return (f"{settings['starts']} starts, {told} ended before it was ready; "
            f"{len(audit.committed)} records arrived in the storm, all {2 * settings['records']} "
            f"within {calm:.1f} s after it, {dead} of them condemned")

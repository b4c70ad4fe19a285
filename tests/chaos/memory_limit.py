"""Daemons start with an address space that chance makes too small or just enough, and die where an
allocation fails; each is started again with another limit, and in the end everything is there once.
"""
import collections
import random
import signal
import time

from place import audit_end, audit_now, role_of, wait_until
from pipeline import PATIENCE, Pipeline, config

SIZES = {
    "quick": {"deaths": 12, "records": 2000},
    "budget": {"deaths": 25, "records": 2000},
    "full": {"deaths": 100, "records": 4000},
}
NAMES = ("s1", "t1", "p1")
SIZE = "64KiB"  # of a record: memory is needed
# Of the address space that a daemon has when nothing limits it; much of that is only reserved.
LEAST, MOST = 0.1, 0.35
LONGEST = 1.0  # seconds of a life, if memory was enough
CODES = (0, -signal.SIGABRT, -signal.SIGSEGV, 69, 71, 74, 78, 127)


def sections(count):
    return config({"generate": {"count": count, "size": SIZE, "seed": 1, "rate": 300}},
                  producer={"batch": {"documents": 16, "bytes": "1MiB"},
                            "window": {"batches": 16, "bytes": "16MiB"}})


def address_space():
    """What each has under load, in bytes."""
    with Pipeline(sections(0)) as pipeline:
        for name in NAMES:
            pipeline.start(role_of(name), name)
        pipeline.wait_for("s1", "delivered", lambda delivered: delivered >= 150)
        found = {}
        for name in NAMES:
            with open(f"/proc/{pipeline.daemons[name].process.pid}/status", encoding="utf-8") as file:
                peak = next(line for line in file if line.startswith("VmPeak:"))
            found[name] = int(peak.split()[1]) << 10
        pipeline.daemons["p1"].stop()
        pipeline.finish()
    return found


def run(seed, settings):
    chance = random.Random(seed)
    normal = address_space()
    deaths, lives = collections.Counter(), collections.Counter()
    count = settings["records"]
    with Pipeline(sections(count)) as pipeline:

        def start(name):
            limit = int(normal[name] * chance.uniform(LEAST, MOST))
            pipeline.start(role_of(name), name, ("prlimit", f"--as={limit}", "--core=0"))

        def step():
            for name in NAMES:
                daemon = pipeline.daemons.get(name)
                if daemon and daemon.running():
                    if time.monotonic() > daemon.began + LONGEST:
                        daemon.kill()
                        lives[daemon.role] += 1
                        start(name)
                    continue
                if daemon and daemon.process.returncode != 0:
                    assert daemon.process.returncode in CODES, \
                        f"{name} ended with {daemon.process.returncode}:\n{daemon.log()}"
                    deaths[f"{daemon.role} with {daemon.process.returncode}"] += 1
                if not daemon or daemon.process.returncode != 0:
                    start(name)
            return sum(deaths.values()) >= settings["deaths"]
        wait_until(step, deadline=20 * PATIENCE, what="the deaths")
        for name in NAMES:
            pipeline.daemons[name].kill()
        audit = audit_now(pipeline, "after the deaths")
        for name in NAMES:
            pipeline.start(role_of(name), name)
        pipeline.finish(count / 300 + PATIENCE)
        end = audit_end(pipeline, {"p1": count})
        dead = sum(sum(ledger.committed.dead.values()) for ledger in end.ledgers)
    told = ", ".join(f"{number} of a {what}" for what, number in sorted(deaths.items()))
    assert lives, "no limit was enough to live with"
    return (f"{sum(deaths.values())} deaths: {told}; {sum(lives.values())} limits were enough; {len(audit.committed)} records had arrived "
            f"then, {count} in the end, each once, {dead} condemned")

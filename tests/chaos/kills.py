"""kill -9, again and again, of whatever daemon chance picks: every record arrives exactly once.

RATE is the records a second of each producer, TRANSPORT ipc or tcp.
"""
import random
import time

from checker import check
from pipeline import PATIENCE, Pipeline, config, network, wait_until
from place import audit_end

# at_work: of all kills, those of each role with work in flight are at least this share.
SIZES = {
    "quick": {"kills": 200, "rate": 1000, "transport": "ipc", "at_work": 0.25},
    "budget": {"kills": 1000, "rate": 1000, "transport": "ipc", "at_work": 0.2},
    "full": {"kills": 1000, "rate": 1000, "transport": "ipc", "at_work": 0.2},
}
ROLES = {"p1": "producer", "p2": "producer", "t1": "transformer", "t2": "transformer",
         "t3": "transformer", "s1": "sink", "s2": "sink"}
PRODUCERS = [name for name, role in ROLES.items() if role == "producer"]
SINKS = [name for name, role in ROLES.items() if role == "sink"]
SECONDS_PER_KILL = 0.15
LONGEST_PAUSE = 0.3
PATIENCE_FOR_WORK = 2  # seconds that a kill waits for a daemon with work in flight
FRESH = 0.6  # seconds: telemetry comes every 0.25


class Killer:
    def __init__(self, pipeline, chance, most):
        self.pipeline = pipeline
        self.chance = chance
        self.most = most
        self.kills = dict.fromkeys(("producer", "transformer", "sink"), 0)
        self.busy = dict(self.kills)  # those with work in flight
        self.totals = {}   # the gauges of processes that were killed
        self.back_at = {}  # when what was killed is started again

    def start(self, name):
        self.pipeline.start(ROLES[name], name)
        self.pipeline.telemetry(name)

    def in_flight(self):
        """What the producers that live say is in flight, if they said it just now."""
        told = [self.pipeline.telemetry(name) for name in PRODUCERS]
        return sum(t.get("in_flight") for t in told if t.is_fresh(FRESH))

    def has_work(self, name):
        telemetry = self.pipeline.telemetry(name)
        if not telemetry.is_fresh(FRESH):
            return False
        values = telemetry.newest
        if ROLES[name] == "producer":
            return values["in_flight"] > 0
        worked = values["documents"] if ROLES[name] == "transformer" else values["delivered"]
        return worked > 0 and self.in_flight() > 0

    def keep_totals(self, name):
        for gauge, value in self.pipeline.telemetry(name).values().items():
            if gauge in ("timeouts", "moved", "returned", "deaths", "condemned"):
                self.totals[gauge] = self.totals.get(gauge, 0) + value

    def kill(self, name):
        daemon = self.pipeline.daemons[name]
        assert daemon.running() or (daemon.role == "producer" and daemon.process.returncode == 0), \
            f"{name} ended by itself with {daemon.process.returncode}:\n{daemon.log()}"
        if not daemon.running():
            return
        self.busy[daemon.role] += self.has_work(name)
        self.keep_totals(name)
        daemon.kill()
        self.kills[daemon.role] += 1
        self.back_at[name] = time.monotonic() + self.chance.uniform(0, LONGEST_PAUSE)

    def restart_what_is_due(self):
        for name, when in list(self.back_at.items()):
            if time.monotonic() >= when:
                del self.back_at[name]
                self.start(name)

    def victims(self):
        """Mostly one, sometimes two, now and then all at once."""
        alive = [name for name in ROLES if name not in self.back_at]
        throw = self.chance.random()
        if throw < 0.03:
            return alive
        if throw < 0.18 and len(alive) > 1:
            return self.chance.sample(alive, 2)
        # Mostly where there is work, and of the role that was hit least at work so far.
        working = [name for name in alive if self.has_work(name)]
        if not working or throw < 0.3:
            return [self.chance.choice(alive)]
        least = min(self.busy[ROLES[name]] for name in working)
        return [self.chance.choice([n for n in working if self.busy[ROLES[n]] == least])]

    def records_flow(self):
        return any(self.pipeline.daemons[name].running() or name in self.back_at
                   for name in PRODUCERS)

    def run(self):
        while sum(self.kills.values()) < self.most and self.records_flow():
            next_at = time.monotonic() + self.chance.uniform(0.1, 0.4)

            def ready(next_at=next_at):
                for name in ROLES:
                    self.pipeline.telemetry(name).values()
                self.restart_what_is_due()
                late = time.monotonic() - next_at
                alive = [name for name in ROLES if name not in self.back_at]
                return late >= 0 and alive and (late > PATIENCE_FOR_WORK
                                                or any(self.has_work(name) for name in alive))
            wait_until(ready, what="the next kill")
            for name in self.victims():
                self.kill(name)

        def all_are_back():
            self.restart_what_is_due()
            return not self.back_at
        wait_until(all_are_back, what="the last restart")


def sections(seed, count, settings):
    more = {"network": network(PRODUCERS, SINKS)} if settings["transport"] == "tcp" else {}
    return config({"generate": {"count": count, "rate": settings["rate"], "seed": seed}},
                  producer={"batch": {"documents": 32}}, **more)


def told(killer, count, suppressed):
    roles = ", ".join(f"{number} {role}s ({killer.busy[role]} with work in flight)"
                      for role, number in killer.kills.items())
    again = ", ".join(f"{number} {gauge}" for gauge, number in killer.totals.items())
    return (f"{sum(killer.kills.values())} kills: {roles}; {2 * count} records; "
            f"sent again: {again}; {suppressed} repeats suppressed")


def run(seed, settings):
    count = int(settings["kills"] * SECONDS_PER_KILL * settings["rate"])
    with Pipeline(sections(seed, count, settings), 2, 2) as pipeline:
        killer = Killer(pipeline, random.Random(seed), settings["kills"])
        for name in ROLES:
            killer.start(name)
        killer.run()
        flowed = killer.records_flow()
        pipeline.finish(count / settings["rate"] + PATIENCE)
        for name in PRODUCERS:
            killer.keep_totals(name)
        suppressed = sum(pipeline.telemetry(name).get("suppressed") for name in SINKS)
        done = check([pipeline.path(f"out/{name}.ndjson") for name in SINKS],
                     [pipeline.path(f"out/{name}.dead.ndjson") for name in SINKS],
                     dict.fromkeys(PRODUCERS, count))
        print(done.text())
        for reason, times in done.reasons.items():
            print(f"dead letters: {times} x {reason}")
        assert not done.problems, "records are missing, doubled, changed or foreign"
        audit_end(pipeline, dict.fromkeys(PRODUCERS, count))
        kills = sum(killer.kills.values())
        assert kills >= killer.most and flowed, \
            "the records ended before the kills; give a higher RATE"
        if kills >= 200:
            assert min(killer.busy.values()) >= settings["at_work"] * kills, \
                f"too few kills of a role at work: {killer.busy}"
        return (f"{told(killer, count, suppressed)}; nothing lost, nothing doubled: with 95 % "
                f"confidence a kill does so at most once in {kills // 3} (3/n)")

"""Pipeline files that change under load: other batches, windows, workers and processors, with files
that cannot be used in between, and a kill now and then.

One daemon after the other is told (SIGHUP); in between they run with different files.
"""
import random
import signal

from checker import check
from pipeline import config, wait_until
from place import audit_end, role_of, small_pipeline

SIZES = {
    "quick": {"reloads": 12, "rate": 1000},
    "budget": {"reloads": 100, "rate": 1000},
    "full": {"reloads": 1000, "rate": 1000},
}
NAMES = ("p1", "p2", "s1", "s2", "t1", "t2")
PRODUCERS, SINKS = NAMES[:2], NAMES[2:4]
INVALID = 0.15
KILLED = 0.05


class Reloader:
    def __init__(self, pipeline, sections, chance):
        self.pipeline, self.sections, self.chance = pipeline, sections, chance
        self.counts = {"reloads": 0, "refused_reloads": 0, "kills": 0}

    def start(self, name):
        self.pipeline.start(role_of(name), name)
        wait_until(self.pipeline.telemetry(name).values, what=f"telemetry of {name}")

    def valid(self):
        chance = self.chance
        self.sections["producer"]["batch"] = {"documents": chance.randint(1, 200)}
        self.sections["producer"]["window"] = {"batches": chance.choice((4, 64, 1024))}
        self.sections["transformer"] = {
            "workers": chance.randint(1, 3),
            "processors": chance.choice((["to_json"], [{"keep": "/record"}, "to_json"],
                                         [{"drop": "/nothing"}, "to_json"]))}
        self.pipeline.write(self.sections)

    def invalid(self):
        self.pipeline.put("pipeline.yaml", self.chance.choice((
            "pipeline: [\n", "", "pipeline: test\nsink: {}\n",
            "pipeline: other\nproducer: {source: {generate: {count: 1}}}\n"
            "transformer: {processors: [to_json]}\nsink: {outputs: [{ndjson: {path: 'out/{sink}'}}]}\n")))

    def tell(self, name, gauge):
        """The daemon takes the file over, or refuses it and goes on."""
        telemetry = self.pipeline.telemetry(name)
        before = {each: telemetry.get(each) for each in ("reloads", "refused_reloads")}
        daemon = self.pipeline.daemons[name]
        daemon.send(signal.SIGHUP)

        def answered():
            assert daemon.running(), f"{name} ended:\n{daemon.log()}"
            return any(telemetry.get(each) > number for each, number in before.items())
        wait_until(answered, what=f"the answer of {name}")
        assert telemetry.get(gauge) > before[gauge], f"{name}: no {gauge}:\n{daemon.log()[-2000:]}"
        self.counts[gauge] += 1

    def refuse(self, name):
        self.invalid()
        self.tell(name, "refused_reloads")
        self.valid()

    def step(self):
        name = self.chance.choice(NAMES)
        if self.chance.random() < KILLED:
            self.valid()
            self.pipeline.daemons[name].kill()
            self.counts["kills"] += 1
            return self.start(name)
        if self.chance.random() < INVALID:
            return self.refuse(name)
        self.valid()
        return self.tell(name, "reloads")


def run(seed, settings):
    sections = config({"generate": {"count": 0, "rate": settings["rate"], "seed": seed}},
                      sink={"order": "any"}, transformer={})
    with small_pipeline(sections, producers=2, sinks=2) as pipeline:
        reloader = Reloader(pipeline, sections, random.Random(seed))
        for name in NAMES:
            reloader.start(name)
        for name in NAMES:
            reloader.refuse(name)
        while reloader.counts["reloads"] < settings["reloads"]:
            reloader.step()
        for name in PRODUCERS:
            pipeline.daemons[name].stop()
        pipeline.finish()
        audit = audit_end(pipeline)
        done = check([pipeline.path(f"out/{name}.ndjson") for name in SINKS],
                     [pipeline.path(f"out/{name}.dead.ndjson") for name in SINKS],
                     {name: audit.checkpoints[name].documents for name in PRODUCERS})
        assert not done.problems, done.text()
    counts = reloader.counts
    return (f"{counts['reloads']} files taken over, {counts['refused_reloads']} refused, "
            f"{counts['kills']} kills; {sum(done.delivered.values())} records, each once")

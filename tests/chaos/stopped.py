"""Each daemon is stopped (SIGSTOP) for longer than every timeout of the others and then wakes, as if
nothing had been.

A transformer's place has been taken by others meanwhile, and what it held has been sent again and
settled: what it now sends must be dropped. Nobody can take the place of a producer or a sink, whose
state the sleeper still holds: a second one of the name must be refused, and the sleeper goes on.
"""
import collections
import random
import signal
import time

from place import audit_end, flows, is_fed, role_of, small_pipeline, stopped, wait_until
from pipeline import config

SIZES = {
    "quick": {"rounds": 1, "seconds": 4, "rate": 1000},
    "budget": {"rounds": 1, "seconds": 7, "rate": 1000},
    "full": {"rounds": 2, "seconds": 8, "rate": 1000},
}
# A member is dead after 1.5 s of silence, a batch is sent again after 1 s, a worker waits 5 s for a
# sink: the seconds of a stop are more, but for those of make test, where time is short.
NAMES = ("s1", "t1", "t2", "p1")
TRIES = 4


class Stops:
    def __init__(self, pipeline, chance, seconds):
        self.pipeline, self.chance, self.seconds = pipeline, chance, seconds
        self.counts = collections.Counter()

    def start(self, name):
        self.pipeline.telemetry(name)
        return self.pipeline.start(role_of(name), name)

    def sleep_of(self, name):
        daemon = self.pipeline.daemons[name]
        daemon.send(signal.SIGSTOP)
        wait_until(lambda: stopped(daemon.process.pid), what=f"the stop of {name}")
        self.counts[f"stops of a {daemon.role}"] += 1
        return daemon

    def wait(self):
        end = time.monotonic() + self.seconds
        wait_until(lambda: not is_fed(self.pipeline) or time.monotonic() >= end,
                   deadline=self.seconds + 60, what="the end of the stop")

    def transformer(self):
        """Others go on with its work; what it says after its sleep is old. It may have slept on
        nothing; then it must sleep again."""
        sink = self.pipeline.telemetry("s1")
        before = sink.get("suppressed")
        for _ in range(TRIES):
            self.transformer_sleeps()
            end = time.monotonic() + self.seconds
            wait_until(lambda end=end: sink.get("suppressed") > before or time.monotonic() >= end,
                       deadline=self.seconds + 60, what="a repeat, or the end of waiting for it")
            if sink.get("suppressed") > before:
                break
        assert sink.get("suppressed") > before, f"it slept on nothing, {TRIES} times"
        self.counts["repeats suppressed"] += sink.get("suppressed") - before

    def transformer_sleeps(self):
        name = self.chance.choice(("t1", "t2"))
        worked = self.pipeline.telemetry(name).get("documents")
        self.pipeline.wait_for(name, "documents", lambda documents: documents > worked)
        producer = self.pipeline.daemons["p1"]
        silent = f"{name} is silent for"
        told = producer.log().count(silent)
        sleeper = self.sleep_of(name)
        wait_until(lambda: producer.log().count(silent) > told, what=f"the death of {name}")
        flows(self.pipeline)
        self.wait()
        sleeper.send(signal.SIGCONT)
        flows(self.pipeline)

    def holder_of_state(self, name):
        """A second one is refused as long as the first is there, asleep or not."""
        sleeper = self.sleep_of(name)
        self.wait()
        second = self.pipeline.start(role_of(name), name)
        self.pipeline.daemons[name] = sleeper
        code = second.exit_code()
        # Both tell into one log.
        assert code == 78 and f"in use by process {sleeper.process.pid}" in second.log(), \
            f"a second {name} ended with {code}:\n{second.log()}"
        self.counts["replacements refused"] += 1
        sleeper.send(signal.SIGCONT)
        flows(self.pipeline)


def run(seed, settings):
    chance = random.Random(seed)
    sections = config({"generate": {"count": 0, "rate": settings["rate"], "seed": seed}},
                      producer={"batch": {"documents": 16}, "window": {"batches": 64}})
    with small_pipeline(sections) as pipeline:
        stops = Stops(pipeline, chance, settings["seconds"])
        for name in NAMES:
            stops.start(name)
        flows(pipeline)
        for _ in range(settings["rounds"]):
            for role in chance.sample(("transformer", "s1", "p1"), 3):
                if role == "transformer":
                    stops.transformer()
                else:
                    stops.holder_of_state(role)
        pipeline.daemons["p1"].stop()
        pipeline.finish()
        count = len(audit_end(pipeline).committed)
    assert min(stops.counts.values()) > 0, stops.counts
    return (", ".join(f"{number} {what}" for what, number in sorted(stops.counts.items())) +
            f"; each for {settings['seconds']} s; {count} records, each once")

"""One of four transformers works at a hundredth of the speed of the others, is stopped for all but a
hundredth of the time, or stands still: the others keep their throughput, and everything arrives once.

So that two cores are not what limits them, a worker waits for each batch (slow_worker.cpp); the
producer reads as fast as it is let, so that all of them always have work. A slow worker waits a
hundred times as long, while its transformer goes on saying that it is there.
"""
import random
import time

from brake import Brake, stands_still, stopped_mostly
from place import audit_end, is_fed, small_pipeline, wait_until
from pipeline import config

SIZES = {  # least: percent of their throughput that the others keep; much else may run beside make test
    "quick": {"faults": 1, "seconds": 8, "least": 75},
    "budget": {"faults": 3, "seconds": 8, "least": 90},
    "full": {"faults": 3, "seconds": 30, "least": 90},
}
TRANSFORMERS = ("t1", "t2", "t3", "t4")
WAIT, SLOWER = 0.04, 100  # seconds that a worker waits for each batch; how much longer a slow one does
BATCH = 16


class Rates:
    """Documents a second: of each transformer, and of what the sink has committed."""

    def __init__(self, pipeline):
        self.gauges = {name: (pipeline.telemetry(name), "documents") for name in TRANSFORMERS}
        self.gauges["s1"] = (pipeline.telemetry("s1"), "delivered")
        self.pipeline = pipeline

    def now(self):
        return {name: (telemetry.get(gauge), telemetry.came)
                for name, (telemetry, gauge) in self.gauges.items()}

    def over(self, seconds):
        before, end = self.now(), time.monotonic() + seconds

        def is_over():
            self.now()
            assert is_fed(self.pipeline)
            return time.monotonic() >= end
        wait_until(is_over, deadline=seconds + 60, what="the end of the measurement")
        rates = {}
        for name, (number, came) in self.now().items():
            passed = came - before[name][1]
            rates[name] = (number - before[name][0]) / passed if passed else 0.0
        return rates

    def works(self, name):
        """Waits until it works at full speed: one that was slow has old batches to do first."""
        wait_until(lambda: self.over(1)[name] > BATCH / WAIT / 2, what=f"{name} at full speed")


def others(rates, slow):
    return sum(rates[name] for name in TRANSFORMERS if name != slow)


def compare(what, before, rates, slow):
    """What the others do, and what arrives; a quarter of that was the slow one's."""
    kept = others(rates, slow) / others(before, slow)
    arrived = rates["s1"] / (before["s1"] * 3 / 4)
    each = ", ".join(f"{name} {rates[name]:.0f}" for name in TRANSFORMERS)
    print(f"  {slow} {what}: the others keep {kept:.0%} of their throughput; {arrived:.0%} of what "
          f"arrived through them arrives; documents a second: {each}, s1 {rates['s1']:.0f}", flush=True)
    return min(kept, arrived)


def run(seed, settings):
    chance = random.Random(seed)
    slow = chance.choice(TRANSFORMERS)
    sections = config({"generate": {"count": 0, "seed": seed}},
                      producer={"batch": {"documents": BATCH}, "window": {"batches": 64}})
    with small_pipeline(sections) as pipeline:
        brakes = {name: Brake(pipeline, name) for name in TRANSFORMERS}
        for name, brake in brakes.items():
            brake.press(WAIT)
            pipeline.start("transformer", name, brake.wrapper)
        pipeline.start("sink", "s1")
        pipeline.start("producer", "p1")
        rates = Rates(pipeline)
        for name in TRANSFORMERS:
            rates.works(name)
        before = rates.over(settings["seconds"] / 2)
        daemon = pipeline.daemons[slow]
        faults = [(f"works at 1/{SLOWER} of its speed",
                   lambda: brakes[slow].pressed(SLOWER * WAIT, WAIT)),
                  (f"runs for 1/{SLOWER} of the time", lambda: stopped_mostly(daemon, 1.0, 1 / SLOWER)),
                  ("stands still", lambda: stands_still(daemon))]
        found = []
        for what, fault in faults if settings["faults"] == 3 else chance.sample(faults, settings["faults"]):
            with fault():
                found.append(compare(what, before, rates.over(settings["seconds"]), slow))
            rates.works(slow)
        for brake in brakes.values():
            brake.press(0)
        pipeline.daemons["p1"].stop()
        pipeline.finish()
        count = len(audit_end(pipeline).committed)
    least = min(found)
    assert least * 100 > settings["least"], \
        f"the others kept {least:.0%} of their throughput, not {settings['least']} %"
    return (f"one of four transformers slow in {len(found)} ways: the others keep at least {least:.0%} "
            f"of their throughput; {count} records, each once")

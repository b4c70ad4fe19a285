"""Transformers scaled from 1 to 8 and back under load, again and again: each that joins is known,
each that leaves has left in good order, and leaving sends nothing again. Whether one that joins gets
work depends on whether those before it have enough to do; timing_test.py looks at that.
"""
import random
import signal

from place import audit_end, flows, role_of, small_pipeline
from pipeline import config

SIZES = {
    "quick": {"rounds": 1, "rate": 2000},
    "budget": {"rounds": 2, "rate": 2000},
    "full": {"rounds": 10, "rate": 2000},
}
EXTRA = tuple(f"t{number}" for number in range(2, 9))
RESENDS = ("timeouts", "moved", "returned")


def resends(pipeline):
    telemetry = pipeline.telemetry("p1")
    return sum(telemetry.get(name) for name in RESENDS)


def grow(pipeline, chance):
    for name in chance.sample(EXTRA, len(EXTRA)):
        pipeline.start(role_of(name), name)
        pipeline.telemetry(name)
    pipeline.wait_for("p1", "members", lambda members: members == 1 + len(EXTRA))


def shrink(pipeline, chance):
    """Some one by one, some at the same time."""
    leaving = chance.sample(EXTRA, len(EXTRA))
    alone = chance.randint(0, len(leaving))
    for name in leaving[:alone]:
        pipeline.daemons[name].stop()
    for name in leaving[alone:]:
        pipeline.daemons[name].send(signal.SIGTERM)
    for name in leaving[alone:]:
        assert pipeline.daemons[name].exit_code() == 0, pipeline.daemons[name].log()
    for name in leaving:
        assert pipeline.daemons.pop(name).messages()[-1] == "left"
    pipeline.wait_for("p1", "members", lambda members: members == 1)


def run(seed, settings):
    chance = random.Random(seed)
    sections = config({"generate": {"count": 0, "rate": settings["rate"], "seed": seed}},
                      producer={"batch": {"documents": 16}})
    with small_pipeline(sections) as pipeline:
        for name in ("s1", "t1", "p1"):
            pipeline.start(role_of(name), name)
        pipeline.telemetry("p1")
        flows(pipeline)
        for _ in range(settings["rounds"]):
            grow(pipeline, chance)
            flows(pipeline, records=settings["rate"] // 2)
            shrink(pipeline, chance)
            flows(pipeline)
        again = resends(pipeline)
        pipeline.daemons["p1"].stop()
        pipeline.finish()
        count = len(audit_end(pipeline).committed)
    assert again == 0, f"{again} batches were sent again"
    return (f"{settings['rounds']} times from 1 to {1 + len(EXTRA)} and back, "
            f"{settings['rounds'] * len(EXTRA)} transformers left; {count} records, each once, no "
            "batch sent again")

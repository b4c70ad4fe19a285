"""With `order: source` the documents of each producer are in each sink's files as it read them,
whatever is killed meanwhile: in the output, and in the dead letters.

Environment: SEED (random; printed).
"""
import json
import os
import random
import signal
import sys
import time

from checker import check
from pipeline import PATIENCE, Pipeline, config

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
from kills import PRODUCERS, ROLES, SINKS, Killer  # noqa: E402  pylint: disable=wrong-import-position

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
KILLS = 60
RATE = 1000
COUNT = 12000  # records of each producer
# One in ten is filtered, one in ten does not fit the schema.
FILTERED, DEAD = "7", "3"
SCHEMA = {"properties": {"record": {"properties": {"@id": {"not": {"pattern": f"{DEAD}$"}}}}}}


def sections(rate, early):
    processors = [{"drop": {"path": f"self::*[substring(@id, string-length(@id)) = '{FILTERED}']"}},
                  "to_json", {"validate": {"json_schema": "schema.json"}}]
    return config({"generate": {"count": COUNT, "rate": rate, "seed": SEED}}, processors,
                  producer={"batch": {"documents": 16}}, sink={"order": "source", "early": early})


def in_order(numbers):
    return all(a < b for a, b in zip(numbers, numbers[1:]))


def judge(pipeline, sinks):
    """Everything once, in its producer's order, in the file that it belongs to."""
    outputs = [f"out/{name}.ndjson" for name in sinks]
    dead = [f"out/{name}.dead.ndjson" for name in sinks]
    done = check([pipeline.path(name) for name in outputs], [pipeline.path(name) for name in dead],
                 {name: COUNT for name in PRODUCERS})
    missing = [text for text in done.problems if not text.endswith(f"{FILTERED} is missing")]
    assert not missing, missing[:20]
    assert len(done.problems) == 2 * COUNT // 10, "filtered documents were delivered"
    assert all(name.endswith(DEAD) for name, _ in done.dead), "dead letters of valid documents"
    assert sum(done.dead.values()) == 2 * COUNT // 10
    for output, letters in zip(outputs, dead):
        ids = [line["record"]["@id"] for line in pipeline.lines(output)]
        places = [(line["producer"], line["sequence"], line["index"])
                  for line in pipeline.lines(letters)]
        for producer in PRODUCERS:
            mine = [name for name in ids if name.startswith(f"{producer}-")]
            assert mine and in_order(mine), f"{output} is not in the order of {producer}"
            letters_of = [place for place in places if place[0] == producer]
            assert letters_of and in_order(letters_of), f"{letters} is not in order"
    return done


def is_killed_at_random():
    """Kills of all roles, with room for all that is early, and with room for next to nothing."""
    for early in ({}, {"batches": 3}):
        with Pipeline(sections(RATE, early), 2, 2) as pipeline:
            pipeline.put("schema.json", json.dumps(SCHEMA))
            killer = Killer(pipeline, random.Random(SEED), KILLS)
            for name in ROLES:
                killer.start(name)
            killer.run()
            assert killer.records_flow(), "the records ended before the kills"
            pipeline.finish(COUNT / RATE + 2 * PATIENCE)
            done = judge(pipeline, SINKS)
            dropped = sum(pipeline.telemetry(name).get("early_dropped") for name in SINKS)
            print(f"{early}: {sum(killer.kills.values())} kills, {dropped} early batches dropped; "
                  f"{sum(done.delivered.values())} records in order")


def start(pipeline, sinks):
    for name in (*sinks, *(name for name in ROLES if name not in SINKS)):
        pipeline.start(ROLES.get(name, "sink"), name)


def one_stands_still():
    """What a transformer holds on to has its successors wait at the sinks until it is elsewhere."""
    with Pipeline(sections(RATE, {}), 2, 2) as pipeline:
        pipeline.put("schema.json", json.dumps(SCHEMA))
        start(pipeline, SINKS)
        pipeline.wait_for("s1", "delivered", lambda number: number > 500)
        pipeline.daemons["t1"].send(signal.SIGSTOP)
        most = pipeline.wait_for("s1", "early", lambda number: number > 0)
        pipeline.daemons["p1"].says("t1 is silent for ")
        pipeline.wait_for("s1", "early", lambda number: number == 0)
        pipeline.daemons["t1"].send(signal.SIGCONT)
        pipeline.finish(COUNT / RATE + PATIENCE)
        judge(pipeline, SINKS)
        print(f"a transformer stood still: {most} batches were early")


def a_sink_is_added():
    """Each sink has its own batches in order, those of the old list and those of the new one."""
    sinks = (*SINKS, "s3")
    with Pipeline(sections(RATE, {}), 2, 2) as pipeline:
        pipeline.put("schema.json", json.dumps(SCHEMA))
        start(pipeline, SINKS)
        pipeline.wait_for("s1", "delivered", lambda number: number > 500)
        for daemon in pipeline.every:
            daemon.kill()
        pipeline.arguments = ["--producers", "2", "--sinks", "3"]
        start(pipeline, sinks)
        pipeline.finish(COUNT / RATE + PATIENCE)
        judge(pipeline, sinks)


def main():
    print(f"SEED={SEED}", flush=True)
    began = time.monotonic()
    one_stands_still()
    a_sink_is_added()
    is_killed_at_random()
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())

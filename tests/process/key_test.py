"""With `partition: key` all documents of a key are at one sink, whatever is killed meanwhile: each
once, also those that end the transformers that work on them.

Environment: SEED (random; printed).
"""
import collections
import json
import os
import random
import sys
import time

from checker import check
from forger import hash64
from pipeline import PATIENCE, Pipeline, config, wait_until
import poison_test

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
from kills import PRODUCERS, ROLES, Killer  # noqa: E402  pylint: disable=wrong-import-position

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
SINKS = ["s1", "s2", "s3"]
ROLES["s3"] = "sink"
KILLS = 60
RATE = 1000
COUNT = 12000  # records of each producer
# One in ten is filtered, one in ten does not fit the schema.
FILTERED, DEAD = "7", "3"
SCHEMA = {"properties": {"record": {"properties": {"@id": {"not": {"pattern": f"{DEAD}$"}}}}}}
BOMBS, LINES, KEYS = (5, 704, 705, 1199), 1200, 11


def owner(key, sinks):
    """As docs/wire-format.md has it."""
    seed = hash64(key.encode())
    return min(sinks, key=lambda sink: (-hash64(sink.encode(), seed), sink))


def sections():
    processors = [{"drop": {"path": f"self::*[substring(@id, string-length(@id)) = '{FILTERED}']"}},
                  {"key": {"path": "@year"}}, "to_json", {"validate": {"json_schema": "schema.json"}}]
    return config({"generate": {"count": COUNT, "rate": RATE, "seed": SEED}}, processors,
                  producer={"batch": {"documents": 32}}, sink={"partition": "key"})


def judge(pipeline, lists):
    """Everything once; each key at its owner by one of the lists of sinks."""
    sinks = lists[-1]
    done = check([pipeline.path(f"out/{name}.ndjson") for name in sinks],
                 [pipeline.path(f"out/{name}.dead.ndjson") for name in sinks],
                 {name: COUNT for name in PRODUCERS})
    missing = [text for text in done.problems if not text.endswith(f"{FILTERED} is missing")]
    assert not missing, missing[:20]
    assert len(done.problems) == 2 * COUNT // 10, "filtered documents were delivered"
    assert all(name.endswith(DEAD) for name, _ in done.dead), "dead letters of valid documents"
    assert sum(done.dead.values()) == 2 * COUNT // 10
    sinks_of = collections.defaultdict(set)
    for name in sinks:
        for line in pipeline.lines(f"out/{name}.ndjson"):
            sinks_of[line["record"]["@year"]].add(name)
    for year, found in sinks_of.items():
        assert found <= {owner(year, names) for names in lists}, (year, found)
    assert set.union(*sinks_of.values()) == set(sinks), "a sink has nothing"
    return len(sinks_of)


def is_killed_at_random():
    with Pipeline(sections(), 2, 3) as pipeline:
        pipeline.put("schema.json", json.dumps(SCHEMA))
        killer = Killer(pipeline, random.Random(SEED), KILLS)
        for name in ROLES:
            killer.start(name)
        killer.run()
        assert killer.records_flow(), "the records ended before the kills"
        pipeline.finish(COUNT / RATE + 2 * PATIENCE)
        keys = judge(pipeline, [SINKS])
        again = {name: sum(pipeline.telemetry(p).get(name) for p in PRODUCERS)
                 for name in ("condemned", "ignored")}
        print(f"{sum(killer.kills.values())} kills: {keys} keys, each at one of 3 sinks; {again}")


def a_sink_is_added():
    """What was begun is divided over the old list, whoever starts again with the new one."""
    with Pipeline(sections(), 2, 2) as pipeline:
        pipeline.put("schema.json", json.dumps(SCHEMA))
        for name in ("s1", "s2", "t1", "t2", *PRODUCERS):
            pipeline.start(ROLES[name], name)
        pipeline.wait_for("s1", "delivered", lambda number: number > 500)
        for daemon in pipeline.every:
            daemon.kill()
        pipeline.arguments = ["--producers", "2", "--sinks", "3"]
        for name in ROLES:
            pipeline.start(ROLES[name], name)
        pipeline.finish(COUNT / RATE + PATIENCE)
        keys = judge(pipeline, [SINKS[:2], SINKS])
        print(f"a sink was added: {keys} keys, each at its owner by the old list or by the new one")


def line(number):
    bomb = {"bomb": True} if number in BOMBS else {}
    return json.dumps({"id": number, "k": f"key {number % KEYS}", **bomb}) + "\n"


def restart(pipeline, names):
    """kill -9 of these, all at once, and again from what is on their disks."""
    for name in names:
        if pipeline.daemons[name].running():
            pipeline.daemons[name].kill()
    for name in names:
        pipeline.start(ROLES[name], name)


def poison():
    """A condemned document is one dead letter, at one sink, though nobody knows its key; the sinks and
    the producer are killed when it is condemned."""
    processors = ({"key": {"path": "/k"}},
                  {"jq": "if .bomb then null | .[500000000] = 1 else {id, k} end"})
    pipeline_file = config({"lines": {"path": "in.ndjson", "format": "json"}}, processors,
                           producer={"batch": {"documents": 50}}, sink={"partition": "key"})
    with Pipeline(pipeline_file, 1, 3) as pipeline:
        pipeline.put("in.ndjson", "".join(line(number) for number in range(LINES)))
        for name in SINKS:
            pipeline.start("sink", name)
        for name in poison_test.NAMES:
            poison_test.start(pipeline, name)
        pipeline.start("producer", "p1")
        deaths, victims = [], [["p1"], ["p1", *SINKS], SINKS]

        def finished():
            if victims and "it is sent as a dead letter" in pipeline.daemons["p1"].log():
                restart(pipeline, victims.pop())
                return False
            return poison_test.revive(pipeline, deaths)
        wait_until(finished, deadline=300, what="the end of the producer")
        pipeline.finish()
        assert not victims, f"not killed: {victims}"
        delivered = {name: pipeline.lines(f"out/{name}.ndjson") for name in SINKS}
        dead = [json.loads(letter["document"])["id"]
                for name in SINKS for letter in pipeline.lines(f"out/{name}.dead.ndjson")]
    assert sorted(dead) == sorted(BOMBS), dead
    assert sorted(found["id"] for lines in delivered.values() for found in lines) == \
        [number for number in range(LINES) if number not in BOMBS], "delivered"
    for name, lines in delivered.items():
        assert all(owner(found["k"], SINKS) == name for found in lines), name
    print(f"{len(dead)} documents ended {len(deaths)} transformers; each is one dead letter")


def main():
    print(f"SEED={SEED}", flush=True)
    began = time.monotonic()
    poison()
    a_sink_is_added()
    is_killed_at_random()
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())

"""Three producers share a folder by claims. One ends between its claims and its list, then one after
the other is killed at random while files appear: each record comes once, each claim names the
producer that has the file in its list, and what is wrong with claims is said."""
import os
import random
import re
import shutil
import signal
import sys
import time
import zlib

from checker import check, generated_ids
from pipeline import LONGEST_PAUSE, Pipeline, config, network, wait_until

FILES, FIRST, STEP, RECORDS, KILLS = 360, 120, 20, 80, 24
NAMES = ("p1", "p2", "p3")
CLAIM = re.compile(r"claim 1 (p[1-3]) ([0-9a-f]{16})\n")


def sections(claims="claims"):
    return config({"files": {"path": "in/*.xml", "split": "/records/record", "claims": claims}},
                  producer={"batch": {"documents": 20}, "window": {"batches": 32}},
                  network=network(NAMES, ("s1",)))


def record(name):
    text = f"text of {name}"
    crc = zlib.crc32("\n".join((name, text)).encode())
    return f'<record id="{name}" sum="{crc:08x}"><text>{text}</text></record>\n'


def put(pipeline, number):
    """Whole or not at all, as whoever fills a folder that is watched must do it."""
    name = f"f{number:03}"
    content = "".join(record(each) for each in generated_ids(name, RECORDS))
    hidden = pipeline.put(f"in/.{name}", f"<records>\n{content}</records>\n")
    os.rename(hidden, pipeline.path(f"in/{name}.xml"))


def claims_of(pipeline):
    """{path: producer}."""
    found = {}
    for name in os.listdir(pipeline.path("claims")):
        if name.startswith("."):
            continue
        with open(pipeline.path("claims", name), encoding="utf-8") as file:
            claim = CLAIM.fullmatch(file.read())
        assert claim, name
        found[name.replace("%2f", "/")] = claim[1]
    return found


def list_of(pipeline, name):
    """The paths that a producer has written down; it must not run."""
    rows = pipeline.query_producer(name, "SELECT CAST(text AS TEXT) FROM source_rows")
    return [text.split(" ", 5)[5] for text, in rows]


def killed_between_claim_and_list(pipeline):
    """At the first sync of the folder: the claims are there, and nobody has written them down."""
    killer = ("strace", "-D", "-f", "-o", "/dev/null", "-P", pipeline.path("claims"), "-e",
              "trace=fsync", "-e", "inject=fsync:signal=SIGKILL:when=1")
    first = pipeline.start("producer", "p1", killer)
    assert first.exit_code() == -signal.SIGKILL, first.log()
    claims = claims_of(pipeline)
    assert len(claims) == 64 and set(claims.values()) == {"p1"}, claims
    assert list_of(pipeline, "p1") == []


def restart_who_ended(pipeline):
    for name in NAMES:
        daemon = pipeline.daemons.get(name)
        if daemon is None or not daemon.running():
            assert daemon is None or daemon.process.returncode in (0, -signal.SIGKILL), daemon.log()
            pipeline.start("producer", name)


def shared_by_three(seed):
    dice = random.Random(seed)
    with Pipeline(sections()) as pipeline:
        os.mkdir(pipeline.path("claims"))
        for number in range(FIRST):
            put(pipeline, number)
        pipeline.start("sink", "s1")
        pipeline.start("transformer", "t1")
        killed_between_claim_and_list(pipeline)
        arrived, kills = FIRST, 0
        while arrived < FILES or kills < KILLS:
            restart_who_ended(pipeline)
            for number in range(arrived, min(arrived + STEP, FILES)):
                put(pipeline, number)
            arrived = min(arrived + STEP, FILES)
            victim = pipeline.daemons[dice.choice(NAMES)]
            until = time.monotonic() + dice.uniform(0, LONGEST_PAUSE)
            wait_until(lambda: time.monotonic() >= until or not victim.running())
            if victim.running():
                victim.kill()
                kills += 1
        restart_who_ended(pipeline)
        pipeline.finish()
        done = check([pipeline.path("out/s1.ndjson")], [pipeline.path("out/s1.dead.ndjson")],
                     {f"f{number:03}": RECORDS for number in range(FILES)})
        assert not done.problems and not done.dead, done.text()
        claims = claims_of(pipeline)
        for name in NAMES:
            mine = sorted(path for path, owner in claims.items() if owner == name)
            assert sorted(list_of(pipeline, name)) == mine, name
        shares = [list(claims.values()).count(name) for name in NAMES]
        assert len(claims) == FILES and min(shares) > 0, shares
        told = [line for name in NAMES for line in pipeline.daemons[name].messages()
                if "left to" in line]
        assert told, "nobody said who reads the rest"
        print(f"{FILES} files, read by {' + '.join(map(str, shares))}; {kills} kills, seed {seed}; "
              f"{FILES * RECORDS} records, each once")


def started_anew():
    """A state folder is thrown away: the files of that producer are read again, the others not."""
    with Pipeline(sections()) as pipeline:
        os.mkdir(pipeline.path("claims"))
        put(pipeline, 0)
        pipeline.start("sink", "s1")
        pipeline.start("transformer", "t1")
        assert pipeline.start("producer", "p1").exit_code() == 0
        before = open(pipeline.path("claims/in%2ff000.xml"), encoding="utf-8").read()
        shutil.rmtree(pipeline.path("state/p1"))
        put(pipeline, 1)
        for name in ("p2", "p1"):
            assert pipeline.start("producer", name).exit_code() == 0
        pipeline.start("producer", "p3")
        pipeline.finish()
        counts = {}
        for line in pipeline.lines("out/s1.ndjson"):
            name = line["record"]["@id"][:4]
            counts[name] = counts.get(name, 0) + 1
        assert counts == {"f000": 2 * RECORDS, "f001": RECORDS}, counts
        after = open(pipeline.path("claims/in%2ff000.xml"), encoding="utf-8").read()
        assert before < after and CLAIM.fullmatch(after)[1] == "p1", (before, after)


def refused():
    """What the producer says, and with which code it ends."""
    with Pipeline(sections()) as pipeline:
        put(pipeline, 0)

        def ends_with(code, text):
            daemon = pipeline.start("producer", "p1")
            assert daemon.exit_code() == code, daemon.log()
            assert daemon.messages()[-1] == f"producer.source.files.claims: {text}", daemon.log()
        ends_with(78, "claims: no such folder; make it on a disk that every producer sees: "
                      "mkdir claims")
        pipeline.put("claims/in%2ff000.xml", "mine\n")
        pipeline.start("transformer", "t1")
        pipeline.start("sink", "s1")
        ends_with(74, "claims/in%2ff000.xml: expected 'claim 1 PRODUCER EPOCH', found 'mine'; "
                      "remove it if no producer has read that file, or put the right one back")
        pipeline.put("claims/in%2ff000.xml", "claim 1 p1 ffffffffffffffff\n")
        daemon = pipeline.start("producer", "p1")
        assert daemon.exit_code() == 74, daemon.log()
        assert "is of epoch ffffffffffffffff of p1, which began after this one" in daemon.log()


if __name__ == "__main__":
    shared_by_three(int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 32))
    started_anew()
    refused()

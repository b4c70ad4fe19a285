"""Documents on which a processor never comes to an end: the transformer ends itself when
limits.processing is over, the document is found, condemned and dead-lettered, and all others are
delivered once. The loop is real: jq, whose own limit is an hour here."""
import json
import os
import re
import signal
import subprocess
import sys
import time

from pipeline import Pipeline, binary, config, wait_until

COUNT, HANGS = 3000, (7, 1503)
NAMES = ("t1", "t2", "t3")
OVERDUE = 70  # the exit code
PROGRAM = {"program": "if .hang then until(false; .) else {id} end", "time_limit": "1h"}
TOLD = re.compile(r"document (\d+) of batch (\d+) of p1 is in transformer\.jq for more than 1s "
                  r"\(limits\.processing\); this transformer ends, so that the document is found")
CONDEMNED = re.compile(r"(\d+) transformers ended while they worked on it")
DOCUMENTS = 50  # of a batch


def sections(**more):
    return config({"lines": {"path": "in.ndjson", "format": "json"}}, ({"jq": PROGRAM},),
                  producer={"batch": {"documents": DOCUMENTS}, "window": {"batches": 32}},
                  limits={"processing": "1s"}, **more)


def record(number, hangs):
    return {"id": number, "hang": True} if number in hangs else {"id": number}


def put(pipeline, count, hangs):
    pipeline.put("in.ndjson", "".join(json.dumps(record(i, hangs)) + "\n" for i in range(count)))


def judge(pipeline, count, hangs):
    delivered = [line["id"] for line in pipeline.lines("out/s1.ndjson")]
    assert sorted(delivered) == [i for i in range(count) if i not in hangs], \
        "what was delivered is not every other document, once"
    dead = pipeline.lines("out/s1.dead.ndjson")
    assert sorted(json.loads(letter["document"])["id"] for letter in dead) == sorted(hangs), dead
    for letter in dead:
        found = CONDEMNED.fullmatch(letter["error"])
        assert found and 3 <= int(found[1]) <= 9, letter


def found_among_three():
    with Pipeline(sections()) as pipeline:
        put(pipeline, COUNT, HANGS)
        pipeline.start("sink", "s1")
        for name in NAMES:
            pipeline.start("transformer", name)
        delivered = pipeline.telemetry("s1")
        pipeline.start("producer", "p1")
        ended, moving = [], []

        def revive():
            for name in NAMES:
                daemon = pipeline.daemons[name]
                if not daemon.running():
                    assert daemon.process.returncode == OVERDUE, daemon.log()
                    if not ended:
                        moving.append(delivered.get("delivered"))
                    ended.extend(TOLD.fullmatch(line) for line in daemon.messages("error"))
                    pipeline.start("transformer", name)
            return not pipeline.daemons["p1"].running()
        began = time.monotonic()
        wait_until(revive, deadline=300, what="the end of the producer")
        took = time.monotonic() - began
        # One may still be in a document that is settled by now.
        for name in NAMES:
            if pipeline.daemons[name].running():
                pipeline.daemons[name].send(signal.SIGTERM)
            assert pipeline.daemons[name].exit_code() in (0, OVERDUE), name
        pipeline.finish()
        judge(pipeline, COUNT, HANGS)
        assert all(ended), "a transformer ended without saying why, or with other words"
        # Batches count from 1, documents of a batch from 0.
        accused = {(int(line[2]) - 1) * DOCUMENTS + int(line[1]) for line in ended}
        assert accused == set(HANGS), accused
        # Two documents hold two of the three; the third one goes on, as far as the window goes.
        assert moving[0] >= COUNT // 4, moving
        print(f"{len(HANGS)} documents held {len(ended)} transformers for 1 s each and were found "
              f"in {took:.0f} s; {moving[0]} of {COUNT} were delivered when the first one ended")


def run_starts_again_what_ended():
    with Pipeline(sections()) as pipeline:
        put(pipeline, 200, (120,))
        command = [os.path.join(os.path.dirname(binary("x")), "docmill"), "run", "pipeline.yaml"]
        run = subprocess.run(command, cwd=pipeline.folder, capture_output=True, text=True,
                             timeout=120, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        assert re.search(r"t\d ended with code 70; started again", run.stderr), run.stderr
        judge(pipeline, 200, (120,))


def processor_seconds(daemon):
    with open(f"/proc/{daemon.process.pid}/stat", encoding="utf-8") as file:
        user, system = file.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def an_end_that_is_asked_for_does_not_wait_for_ever():
    """A transformer that is told to end at once while a document hangs gives the batch back and exits."""
    with Pipeline({**sections(), "limits": {"processing": "3s"}}) as pipeline:
        put(pipeline, 1, (0,))
        transformer = pipeline.start("transformer", "t1")
        transformer.says("ready")
        at_start = processor_seconds(transformer)
        pipeline.start("producer", "p1")
        wait_until(lambda: processor_seconds(transformer) > at_start + 0.1, what="the loop")
        transformer.send(signal.SIGTERM)
        transformer.says("leaving")
        transformer.send(signal.SIGTERM)
        assert transformer.exit_code(deadline=2) == 0, transformer.log()
        assert "left without finishing batch 1 of p1 at once, as asked" in transformer.log()


if __name__ == "__main__":
    found_among_three()
    run_starts_again_what_ended()
    an_end_that_is_asked_for_does_not_wait_for_ever()

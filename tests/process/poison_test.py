"""Documents that end the transformer that works on them: each is found, condemned and dead-lettered
with the number of deaths; all its neighbours are delivered, once.

The bomb is real: a program of jq that asks for more memory than the process may have, and libjq does
not live through that.
"""
import json
import os
import signal
import sys

from pipeline import Pipeline, config, wait_until

COUNT, BOMBS = 3000, (5, 1504, 1505, 2999)
NAMES = ("t1", "t2")
ADDRESS_SPACE = 3 << 30  # bytes; the bomb wants 12 GB at once
ENDS = (-signal.SIGABRT, -signal.SIGSEGV)
PROGRAM = "if .bomb then null | .[500000000] = 1 else {id} end"
CONDEMNED = "{} transformers ended while they worked on it"


def record(number):
    return {"id": number, "bomb": True} if number in BOMBS else {"id": number}


def limited():
    """What a transformer is started with, so that it may not have what the bomb wants. A sanitizer has
    a limit of its own, because it takes all addresses for itself."""
    for options in ("ASAN_OPTIONS", "TSAN_OPTIONS"):
        if options in os.environ:
            return ("env", f"{options}={os.environ[options]}:allocator_may_return_null=1"
                           f":max_allocation_size_mb={ADDRESS_SPACE >> 20}:handle_segv=0")
    return ("prlimit", f"--as={ADDRESS_SPACE}", "--core=0")


def start(pipeline, name):
    pipeline.start("transformer", name, limited())


def revive(pipeline, deaths):
    """Starts again what a bomb has ended; whether the producer has ended meanwhile."""
    for name in NAMES:
        daemon = pipeline.daemons[name]
        if not daemon.running():
            assert daemon.process.returncode in ENDS, (daemon.process.returncode, daemon.log())
            deaths.append(name)
            start(pipeline, name)
    return not pipeline.daemons["p1"].running()


def main():
    sections = config({"lines": {"path": "in.ndjson", "format": "json"}}, ({"jq": PROGRAM},),
                      producer={"batch": {"documents": 50}})
    with Pipeline(sections) as pipeline:
        pipeline.put("in.ndjson", "".join(json.dumps(record(i)) + "\n" for i in range(COUNT)))
        pipeline.start("sink", "s1")
        for name in NAMES:
            start(pipeline, name)
        pipeline.start("producer", "p1")
        deaths = []
        wait_until(lambda: revive(pipeline, deaths), deadline=300, what="the end of the producer")
        pipeline.finish()
        delivered = [line["id"] for line in pipeline.lines("out/s1.ndjson")]
        dead = pipeline.lines("out/s1.dead.ndjson")
        log = pipeline.daemons["p1"].log()
    found = {json.loads(letter["document"])["id"]: letter["error"] for letter in dead}
    neighbours = [i for i in range(COUNT) if i not in BOMBS]
    assert sorted(delivered) == neighbours, \
        (f"expected every other document, once; missing {sorted({*neighbours} - {*delivered})}, "
         f"{len(delivered) - len({*delivered})} doubled, dead {found}\n{log}")
    assert len(dead) == len(BOMBS) and sorted(found) == sorted(BOMBS), dead
    for number, reason in found.items():
        assert any(reason == CONDEMNED.format(n) for n in range(3, 10)), (number, reason)
    print(f"{len(BOMBS)} documents ended {len(deaths)} transformers and were found; "
          f"{len(delivered)} neighbours delivered once")


if __name__ == "__main__":
    sys.exit(main())

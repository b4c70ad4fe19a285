"""limits.document is lowered while a larger document is on its way: it arrives whole, under the limit it
was read with, in whichever order the daemons take the new file over. The transformer and the sink need
seconds to receive it, or minutes on a busy machine, and the transformer is not taken for dead meanwhile.
"""
import os

from pipeline import Pipeline, config

SIZE = 400 << 20  # above what a link for documents of 64 MiB would carry
DEADLINE = 400  # seconds for what takes 20 on an idle machine


def sections(limit):
    return config({"files": {"path": "in/*.txt", "format": "text"}}, processors=(),
                  limits={"document": limit})


def check(pipeline):
    producer = pipeline.daemons["p1"]
    assert producer.exit_code(DEADLINE) == 0, producer.log()
    assert pipeline.telemetry("p1").get("deaths") == 0
    for daemon in ("t1", "s1"):
        pipeline.daemons[daemon].stop()
    sizes = [len(line["document"]) if isinstance(line, dict) and "document" in line else len(line)
             for line in pipeline.lines("out/s1.ndjson")]
    assert sorted(sizes) == [5, SIZE], sizes
    dead = pipeline.path("out", "s1.dead.ndjson")
    assert not os.path.exists(dead) or os.path.getsize(dead) == 0


def put_documents(pipeline):
    os.makedirs(pipeline.path("in"))
    with open(pipeline.path("in/a.txt"), "wb") as file:
        for _ in range(SIZE >> 20):
            file.write(b"x" * (1 << 20))
    pipeline.put("in/b.txt", "small")


def all_restart_with_the_lower_limit():
    with Pipeline(sections("1GiB")) as pipeline:
        put_documents(pipeline)
        pipeline.start("transformer", "t1")
        pipeline.start("producer", "p1")
        pipeline.wait_for("p1", "sends", lambda sends: sends >= 1)
        for name in ("p1", "t1"):
            pipeline.daemons[name].kill()
        pipeline.write(sections("64MiB"))
        pipeline.start_all()
        check(pipeline)


def the_producer_still_has_the_higher_limit():
    with Pipeline(sections("1GiB")) as pipeline:
        put_documents(pipeline)
        pipeline.start("producer", "p1")
        pipeline.daemons["p1"].says("reading goes on")
        pipeline.write(sections("64MiB"))
        pipeline.start("sink", "s1")
        pipeline.start("transformer", "t1")
        check(pipeline)


if __name__ == "__main__":
    for test in (all_restart_with_the_lower_limit, the_producer_still_has_the_higher_limit):
        print(test.__name__)
        test()

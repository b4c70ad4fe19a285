"""Outcomes that alternate document by document cost little: a sink acks them at every size of batch,
and throughput stays near that of outcomes that do not alternate (paired, in one run).

Environment: PAIRS (default 3): how often each pair is measured; the best counts.
"""
import os
import sqlite3
import sys
import time

from pipeline import Pipeline, config, wait_until

PAIRS = int(os.environ.get("PAIRS", 3))


def timed(made, text, count, check, table=None):
    """Documents per second, from the start of the producer to its end."""
    with Pipeline(made) as pipeline:
        pipeline.put("in.ndjson", text)
        if table:
            os.makedirs(pipeline.path("out"))
            connection = sqlite3.connect(pipeline.path("out/s1.db"))
            connection.executescript(table)
            connection.close()
        sink = pipeline.start("sink", "s1")
        sink.says("ready at")
        pipeline.start("transformer", "t1")
        began = time.monotonic()
        producer = pipeline.start("producer", "p1")
        wait_until(lambda: not producer.running() or not sink.running(), 300, "the end of the producer")
        took = time.monotonic() - began
        assert sink.running(), f"the sink ended with {sink.process.returncode}"
        pipeline.finish()
        check(pipeline)
        return count / took


def best_ratio(plain, other):
    """Of pairs measured one after the other, so that both meet the same machine."""
    ratios = []
    for _ in range(PAIRS):
        base = plain()
        found = other()
        ratios.append(found / base)
        print(f"  {base:.0f} and {found:.0f} documents/s: {ratios[-1]:.2f}", flush=True)
    return max(ratios)


def lines_of(pipeline, name):
    with open(pipeline.path(name), "rb") as file:
        return sum(1 for _ in file)


def delivered(count):
    def check(pipeline):
        found = lines_of(pipeline, "out/s1.ndjson")
        assert found == count, found
        assert os.path.getsize(pipeline.path("out/s1.dead.ndjson")) == 0
    return check


def alternating(count, processors, text="x" * 200, **producer):
    """Each document has that text; by default so much as records have."""
    made = config({"lines": "in.ndjson"}, processors, producer=producer)
    text = "".join('{"a":%d,"text":"%s"}\n{"d":%d,"text":"%s"}\n' % (n, text, n, text)
                   for n in range(count // 2))
    return timed(made, text, count, delivered(count // 2 if processors is DROP else count))


DROP = ({"drop": {"path": "/d"}},)
KEEP_ALL = ({"drop": {"path": "/none"}},)  # the same work for a document, without filtering


def every_second_document_of_600000_is_filtered():
    """Small ones, so that a group has many: its ack is larger than a message may be."""
    alternating(600_000, DROP, text="")
    alternating(600_000, DROP, text="", batch={"documents": 65536, "bytes": "64MiB"})


def alternating_outcomes_keep_throughput():
    ratio = best_ratio(lambda: alternating(400_000, KEEP_ALL), lambda: alternating(400_000, DROP))
    assert ratio >= 0.8, f"{ratio:.2f} of the throughput without filtering"
    large = {"batch": {"documents": 65536, "bytes": "64MiB"}}
    ratio = best_ratio(lambda: alternating(400_000, KEEP_ALL, **large),
                       lambda: alternating(400_000, DROP, **large))
    assert ratio >= 0.8, f"{ratio:.2f} of the throughput without filtering, in large batches"


# Tables that refuse every second row: by a check, by a function that has no value for it, and by a
# trigger behind the row, which is then taken back.
REFUSING = (
    "CREATE TABLE t (n CHECK (n % 2 = 0))",
    "CREATE TABLE t (n CHECK (n % 2 = 0 OR json(n || 'x')))",
    "CREATE TABLE t (n); CREATE TRIGGER x AFTER INSERT ON t WHEN NEW.n % 2 "
    "BEGIN SELECT RAISE(FAIL, 'odd'); END",
)


def rows_of(count, refusing=None):
    made = config({"lines": "in.ndjson"}, ())
    made["sink"]["outputs"] = [{"sqlite": {"path": "out/{sink}.db", "table": "t",
                                           "columns": {"n": "/n"}}}]
    text = "".join('{"n":%d}\n' % n for n in range(count))

    def check(pipeline):
        connection = sqlite3.connect(pipeline.path("out/s1.db"))
        found = connection.execute("SELECT count(*) FROM t").fetchone()[0]
        connection.close()
        assert found == (count // 2 if refusing else count), found
        assert lines_of(pipeline, "out/s1.dead.ndjson") == count - found
    return timed(made, text, count, check, refusing or "CREATE TABLE t (n CHECK (n >= 0))")


def rejected_rows_keep_throughput():
    for table in REFUSING:
        ratio = best_ratio(lambda: rows_of(100_000), lambda: rows_of(100_000, table))
        assert ratio >= 0.3, f"{table}: {ratio:.2f} of the throughput without rejections"


def main():
    every_second_document_of_600000_is_filtered()
    alternating_outcomes_keep_throughput()
    rejected_rows_keep_throughput()


if __name__ == "__main__":
    sys.exit(main())

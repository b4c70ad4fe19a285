"""A producer whose source looks for its next document for long sends what it has read, and ends within
shutdown_timeout when it is told to: a compressed line of gigabytes, a gap between two records, a
query that never gives a row, a claim that leads nowhere.
"""
import os
import signal
import sqlite3
import time
import zlib

from pipeline import Pipeline, config

TIMEOUT = 2.0
SLACK = 3.0  # for a machine that is busy with other tests
GIBIBYTE = 1 << 30


def packed(begin, gap, gibibytes, end):
    """gzip: `begin`, so many GiB of the byte `gap`, `end`."""
    def member(*pieces):
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        return b"".join([packer.compress(piece) for piece in pieces] + [packer.flush()])
    piece = gap * (1 << 24)
    middle = member(*[piece] * (GIBIBYTE // len(piece)))
    return member(begin) + middle * gibibytes + member(end)


def end(producer):
    began = time.monotonic()
    producer.send(signal.SIGTERM)
    code = producer.exit_code(TIMEOUT + SLACK)
    print(f"  ended with {code} after {time.monotonic() - began:.2f} s")
    assert code == 0, producer.log()


def while_busy(source, name, content):
    made = config(source, processors=(), shutdown_timeout=f"{TIMEOUT:.0f}s")
    with Pipeline(made) as pipeline:
        os.makedirs(pipeline.path("in"), exist_ok=True)
        with open(pipeline.path(name), "wb") as file:
            file.write(content)
        pipeline.start_all()
        pipeline.wait_for("p1", "delivered", lambda documents: documents == 50)
        end(pipeline.daemons["p1"])


def a_long_line():
    while_busy({"lines": {"path": "in/*"}}, "in/a.gz",
               packed(b'{"n":1}\n' * 50, b"\0", 12, b"\n"))


def a_gap_between_records():
    while_busy({"files": {"path": "in/*", "split": "/r/a"}}, "in/a.xml.gz",
               packed(b"<r>" + b"<a>1</a>" * 50, b" ", 6, b"<a>2</a></r>"))


def a_query_without_rows():
    query = ("SELECT id, (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
             "SELECT count(*) FROM c WHERE x > t.id) AS n FROM t WHERE id > :cursor ORDER BY id")
    made = config({"sqlite": {"path": "a.db", "query": query, "cursor": "id"}}, processors=(),
                  shutdown_timeout=f"{TIMEOUT:.0f}s")
    with Pipeline(made) as pipeline:
        with sqlite3.connect(pipeline.path("a.db")) as database:
            database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            database.execute("INSERT INTO t VALUES (1)")
        database.close()
        pipeline.start_all()
        pipeline.wait_for("p1", "members", lambda members: members > 0)
        end(pipeline.daemons["p1"])


def a_claim_that_leads_nowhere():
    made = config({"lines": {"path": "in/*", "claims": "claims"}}, processors=())
    with Pipeline(made) as pipeline:
        pipeline.put("in/a", '{"n":1}\n')
        os.makedirs(pipeline.path("claims"))
        os.symlink("/nowhere", pipeline.path("claims", "in%2fa"))
        producer = pipeline.start("producer", "p1")
        assert producer.exit_code() == 78, producer.log()
        assert "found a symbolic link that leads nowhere; remove it" in producer.log()


if __name__ == "__main__":
    for test in (a_long_line, a_gap_between_records, a_query_without_rows,
                 a_claim_that_leads_nowhere):
        print(test.__name__)
        test()

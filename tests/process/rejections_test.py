"""A document that one output rejects is one dead letter and in no output that is asked later, also
when the same commit meets a full disk, a locked database, a disk error or kill -9, and when several
outputs reject it.

Environment: SEED (random; printed).
"""
import collections
import json
import os
import random
import sqlite3
import sys

import zmq

from bad_places_test import SmallDisk
from http_server import Server
from pipeline import Pipeline, config, wait_until

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
COUNT = 3000
OK = (200, {}, b"")
REFUSED = (422, {}, b"not this one")


def table(path="db/{sink}.db", pad=False):
    columns = {"n": "/n", "pad": "/pad"} if pad else {"n": "/n"}
    return {"sqlite": {"path": path, "table": "t", "columns": columns}}


def lines(outputs, batch=16, **sink):
    made = config({"lines": "in.ndjson"}, (), producer={"batch": {"documents": batch}}, sink=sink)
    made["sink"]["outputs"] = outputs
    return made


def make_table(pipeline, check="n <> 5", columns="n", rolls_back=False):
    """A table that rejects all rows but those; with rolls_back, each with its whole transaction."""
    os.makedirs(pipeline.path("db"), exist_ok=True)
    connection = sqlite3.connect(pipeline.path("db/s1.db"))
    with connection:
        connection.execute(f"CREATE TABLE t ({columns})" if rolls_back
                           else f"CREATE TABLE t ({columns} , CHECK ({check}))")
        if rolls_back:
            connection.execute(f"CREATE TRIGGER x AFTER INSERT ON t WHEN NOT ({check.replace('n', 'NEW.n', 1)}) "
                               "BEGIN SELECT RAISE(ROLLBACK, 'not this one'); END")
    connection.close()


def rows(pipeline):
    connection = sqlite3.connect(pipeline.path("db/s1.db"), timeout=60)
    try:
        return sorted(n for (n,) in connection.execute("SELECT n FROM t"))
    finally:
        connection.close()


def balance(pipeline):
    connection = sqlite3.connect(pipeline.path("db/s1.db"), timeout=60)
    try:
        return connection.execute(
            "SELECT delivered, dead, written FROM docmill_ledger").fetchone()
    finally:
        connection.close()


def dead(pipeline):
    return [(json.loads(line["document"])["n"], line["stage"])
            for line in pipeline.lines("out/s1.dead.ndjson")]


def numbers(pipeline):
    return [line["n"] for line in pipeline.lines("out/s1.ndjson")]


def put_documents(pipeline, values, pad=""):
    pipeline.put("in.ndjson", "".join(json.dumps({"n": n, "pad": pad, "record": {"@id": str(n)}}) + "\n" for n in values))


def a_rejection_and_a_full_disk_in_one_commit():
    if os.geteuid() != 0:
        print("only root can make a small disk")
        return
    with Pipeline(lines([table(pad=True)], batch=1024)) as pipeline:
        disk = SmallDisk(pipeline.path("db"))
        try:
            make_table(pipeline, columns="n, pad")
            put_documents(pipeline, [5, 1, 2, 3, 4, 6, 7, 8, 9, 10], pad="x" * 3000)
            sink = pipeline.start("sink", "s1")
            sink.says("ready at")
            disk.fill()
            pipeline.start("transformer", "t1")
            pipeline.start("producer", "p1")
            sink.says("retry in 2s")
            disk.grow()
            pipeline.finish()
            assert rows(pipeline) == [1, 2, 3, 4, 6, 7, 8, 9, 10], rows(pipeline)
            assert dead(pipeline) == [(5, "sink.outputs.sqlite")], dead(pipeline)
            assert balance(pipeline) == (9, 1, 9), balance(pipeline)
        finally:
            disk.close()


def a_document_that_two_outputs_reject():
    """Alone, so that its commit has no other dead letter; then beside one that each of them rejects alone."""
    two_outputs_reject({5}, {5})
    two_outputs_reject({5, 6}, {5, 7})


def two_outputs_reject(server_rejects, table_rejects):
    def answer(post):
        return REFUSED if json.loads(post.body)["n"] in server_rejects else OK
    with Server(answer) as server:
        http = {"http": {"url": server.url, "body": "each", "retry": {"first": "20ms"}}}
        with Pipeline(lines([{"ndjson": {"path": "out/{sink}.ndjson"}}, table(), http])) as pipeline:
            make_table(pipeline, check=f"n NOT IN ({', '.join(map(str, table_rejects))})")
            put_documents(pipeline, range(10))
            pipeline.start_all()
            sink, producer = pipeline.daemons["s1"], pipeline.daemons["p1"]
            wait_until(lambda: not producer.running() or not sink.running(), what="the end of the producer")
            assert sink.running(), f"the sink ended with {sink.process.returncode}"
            pipeline.finish()
            left = [n for n in range(10) if n not in server_rejects | table_rejects]
            assert rows(pipeline) == left
            assert sorted(numbers(pipeline)) == left
            assert sorted(dead(pipeline)) == sorted(
                [(n, "sink.outputs.http") for n in server_rejects] +
                [(n, "sink.outputs.sqlite") for n in table_rejects - server_rejects])
            assert balance(pipeline) == (len(left), 10 - len(left), len(left))


def a_rejected_document_is_not_published():
    with Pipeline(lines([table()], publish={"bind": "ipc://published"})) as pipeline:
        make_table(pipeline, check="n % 3 <> 0")
        put_documents(pipeline, range(COUNT))
        pipeline.start("sink", "s1").says("ready at")
        with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
            subscriber.setsockopt(zmq.RCVHWM, 0)
            subscriber.setsockopt(zmq.SUBSCRIBE, b"")
            subscriber.connect(f"ipc://{pipeline.path('published')}")
            pipeline.start("transformer", "t1")
            pipeline.start("producer", "p1")
            seen = []

            def receive():
                while subscriber.poll(0):
                    seen.append(json.loads(subscriber.recv())["n"])
                return not pipeline.daemons["p1"].running() and seen
            wait_until(receive, what="published documents")
            pipeline.finish()
            receive()
        assert len(rows(pipeline)) == COUNT * 2 // 3
        assert seen and all(n % 3 for n in seen), [n for n in seen if n % 3 == 0]


def rejections_and_kills_and_locks(rolls_back=False):
    """The table and the file beside it hold the same documents in the end, each once."""
    chance = random.Random(SEED)
    with Pipeline(lines([{"ndjson": {"path": "out/{sink}.ndjson"}}, table()])) as pipeline:
        make_table(pipeline, check="n % 3 <> 0", rolls_back=rolls_back)
        put_documents(pipeline, range(COUNT))
        pipeline.start_all()
        for kill in range(8):
            wanted = COUNT * (kill + 1) // 20
            wait_until(lambda least=wanted: len(rows(pipeline)) >= least, what=f"{wanted} rows")
            if chance.random() < 0.5:
                reader = sqlite3.connect(pipeline.path("db/s1.db"), timeout=60)
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM t").fetchone()
                pipeline.daemons["s1"].kill()
                reader.close()
            else:
                pipeline.daemons["s1"].kill()
            pipeline.start("sink", "s1")
        pipeline.finish()
        expected = [n for n in range(COUNT) if n % 3]
        assert rows(pipeline) == expected
        assert sorted(numbers(pipeline)) == expected
        buried = collections.Counter(dead(pipeline))
        assert buried == collections.Counter(
            (n, "sink.outputs.sqlite") for n in range(0, COUNT, 3)), buried
        assert balance(pipeline) == (len(expected), COUNT - len(expected), len(expected))


def a_rejection_and_a_disk_error_in_one_commit():
    """The sink ends; the next one has the group once."""
    for call in ("fdatasync", "pwrite64"):
        with Pipeline(lines([{"ndjson": {"path": "out/{sink}.ndjson"}}, table()],
                            batch=1024)) as pipeline:
            make_table(pipeline)
            put_documents(pipeline, range(10))
            pipeline.start("sink", "s1").says("ready at")
            pipeline.daemons["s1"].stop()
            sink = pipeline.start("sink", "s1", wrapper=(
                "strace", "-f", "-o", "/dev/null", "-P", pipeline.path("out/s1.ndjson"), "-e",
                f"trace={call}", "-e", f"inject={call}:error=EIO:when=1"))
            sink.says("ready at")
            pipeline.start("transformer", "t1")
            pipeline.start("producer", "p1")
            assert sink.exit_code() == 74, sink.log()
            assert rows(pipeline) == []
            pipeline.start("sink", "s1")
            pipeline.finish()
            left = [0, 1, 2, 3, 4, 6, 7, 8, 9]
            assert rows(pipeline) == left
            assert numbers(pipeline) == left
            assert dead(pipeline) == [(5, "sink.outputs.sqlite")]


def main():
    print(f"SEED={SEED}")
    a_rejection_and_a_full_disk_in_one_commit()
    a_document_that_two_outputs_reject()
    a_rejected_document_is_not_published()
    rejections_and_kills_and_locks()
    rejections_and_kills_and_locks(rolls_back=True)
    a_rejection_and_a_disk_error_in_one_commit()


if __name__ == "__main__":
    sys.exit(main())

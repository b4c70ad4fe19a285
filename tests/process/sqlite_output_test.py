"""Rows of a SQLite output are there exactly once, whatever is killed and whoever reads meanwhile; a
key has the row of its last document; what the table does not take is a dead letter.

Environment: SEED (random; printed).
"""
import collections
import os
import random
import sqlite3
import sys

from checker import Check, generated_ids
from disk_audit import SPAN, VOID
from pipeline import Pipeline, config, wait_until

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
COUNT = 6000
KILLS = 12
UNFIT = "3"  # ids that end so do not fit the table


def sections(columns, key=None, rate=0, count=COUNT):
    output = {"path": "out/{sink}.db", "table": "books", "columns": columns}
    if key:
        output["key"] = key
    made = config({"generate": {"count": count, "rate": rate, "seed": SEED}},
                  producer={"batch": {"documents": 16}})
    made["sink"]["outputs"] = [{"sqlite": output}]
    return made


class Book:
    """The database of a sink, as another program sees it."""

    def __init__(self, pipeline, name="s1"):
        self.path = pipeline.path(f"out/{name}.db")

    def ask(self, query):
        connection = sqlite3.connect(self.path, timeout=60)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def rows(self):
        if not os.path.exists(self.path):
            return 0
        try:
            return self.ask("SELECT count(*) FROM books")[0][0]
        except sqlite3.OperationalError:
            return 0  # the table is not there yet

    def audit(self, dead=0):
        """In one read: rows and the ledger's counts agree, and so do its shares."""
        connection = sqlite3.connect(self.path, timeout=60)
        try:
            connection.execute("BEGIN")
            rows = connection.execute("SELECT count(*) FROM books").fetchone()[0]
            delivered, buried, written = connection.execute(
                "SELECT delivered, dead, written FROM docmill_ledger").fetchone()
            assert rows == delivered == written, (rows, delivered, written)
            found = 0
            for (spans,) in connection.execute("SELECT settled FROM docmill_entries"):
                found += sum(end - begin for begin, end, outcome in SPAN.iter_unpack(spans)
                             if outcome != VOID)
            assert found <= delivered + buried
            assert buried >= dead
            return rows
        finally:
            connection.close()


def killed_at_any_moment_each_row_is_there_once():
    """And while a reader holds the database again and again."""
    chance = random.Random(SEED)
    columns = {"id": "/record/@id", "document": "$document", "sequence": "$sequence"}
    with Pipeline(sections(columns, rate=2000)) as pipeline:
        book = Book(pipeline)
        os.makedirs(pipeline.path("out"))
        with sqlite3.connect(book.path) as connection:
            connection.execute("CREATE TABLE books (id TEXT NOT NULL CHECK (id NOT LIKE '%{}'), "
                               "document, sequence INTEGER)".format(UNFIT))
        connection.close()
        pipeline.start_all()
        for kill in range(KILLS):
            wanted = COUNT * 8 // 10 * (kill + 1) // (KILLS + 2)
            wait_until(lambda: book.rows() >= wanted, what=f"{wanted} rows")
            role, name = chance.choice([("sink", "s1")] * 3 + [("producer", "p1"),
                                                               ("transformer", "t1")])
            if chance.random() < 0.5:
                reader = sqlite3.connect(book.path, timeout=60)
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM books").fetchone()
                pipeline.daemons[name].kill()
                reader.close()
            else:
                pipeline.daemons[name].kill()
            book.audit()
            pipeline.start(role, name)
        pipeline.finish()
        assert book.audit() == COUNT * 9 // 10
        done = Check()
        for number, (document,) in enumerate(book.ask("SELECT document FROM books")):
            done.take(f"row {number}", document, False, done.delivered)
        done.dead_letters(pipeline.path("out/s1.dead.ndjson"))
        done.compare({"p1": COUNT})
        assert not done.problems, done.text()
        assert dict(done.reasons) == {
            f"sink.outputs.sqlite: CHECK constraint failed: id NOT LIKE '%{UNFIT}'": COUNT // 10}
        assert all(name.endswith(UNFIT) for name, _ in done.dead)
        print(f"{KILLS} kills: {COUNT * 9 // 10} rows and {COUNT // 10} dead letters, each once")


def a_key_has_the_row_of_its_last_document():
    """In the order of the producer, whatever was sent again."""
    columns = {"year": "/record/@year", "id": "/record/@id"}
    with Pipeline(sections(columns, key="year", rate=3000)) as pipeline:
        book = Book(pipeline)
        pipeline.start_all()
        pipeline.start("transformer", "t2")
        for gauge in (COUNT // 4, COUNT // 2):
            pipeline.wait_for("s1", "delivered", lambda count, least=gauge: count >= least)
            pipeline.daemons["s1"].kill()
            pipeline.daemons["t1"].kill()
            pipeline.start("sink", "s1")
            pipeline.start("transformer", "t1")
        pipeline.finish()
        written = book.ask("SELECT written FROM docmill_ledger")
        assert written == [(COUNT,)], written
        found = dict(book.ask("SELECT year, id FROM books"))
        # What the records are, from an output that has them all.
        expected = last_ids(pipeline.config)
        assert found == expected, {key: (found.get(key), expected.get(key))
                                   for key in found.keys() | expected.keys()
                                   if found.get(key) != expected.get(key)}
        left = book.ask("SELECT count(*) FROM docmill_versions_books_year")
        print(f"{len(found)} keys have their last row; {left[0][0]} versions are still noted")


def last_ids(like):
    """Each year's last id, by way of an NDJSON file."""
    made = dict(like)
    made["sink"] = {**like["sink"], "outputs": [{"ndjson": {"path": "out/{sink}.ndjson"}}]}
    last = {}
    with Pipeline(made) as pipeline:
        pipeline.start_all()
        pipeline.finish()
        for line in pipeline.lines("out/s1.ndjson"):
            record = line["record"]
            last[record["@year"]] = max(record["@id"], last.get(record["@year"], ""))
    return last


def a_locked_database_is_waited_for():
    """By a sink that starts, and by one that runs; nothing is settled meanwhile."""
    columns = {"id": "/record/@id"}
    with Pipeline(sections(columns, count=200)) as pipeline:
        book = Book(pipeline)
        os.makedirs(pipeline.path("out"))
        lock = sqlite3.connect(book.path, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        sink = pipeline.start("sink", "s1")
        busy = "out/s1.db: another program reads it or writes to it; retry in 2s"
        sink.says(busy)
        assert sink.messages("warning") == [busy] * len(sink.messages("warning"))
        lock.execute("COMMIT")
        sink.says("ready at")
        # A reader that stays lets nothing be committed.
        lock.execute("BEGIN")
        lock.execute("SELECT * FROM sqlite_schema").fetchall()
        seen = len(sink.messages("warning"))
        pipeline.start("transformer", "t1")
        pipeline.start("producer", "p1")
        wait_until(lambda: len(sink.messages("warning")) > seen, what="another warning")
        assert lock.execute("SELECT count(*) FROM books").fetchone() == (0,)
        lock.execute("COMMIT")
        lock.close()
        pipeline.finish()
        assert book.audit() == 200
        assert collections.Counter(book.ask("SELECT id FROM books")) == collections.Counter(
            (name,) for name in generated_ids("p1", 200))


def what_cannot_be_used_is_said_and_ends_the_sink():
    columns = {"id": "/record/@id", "year": "/record/@year"}
    with Pipeline(sections(columns, key="id", count=1)) as pipeline:
        os.makedirs(pipeline.path("out"))
        with sqlite3.connect(pipeline.path("out/s1.db")) as connection:
            connection.execute("CREATE TABLE books (id, isbn NOT NULL)")
        connection.close()
        sink = pipeline.start("sink", "s1")
        assert sink.exit_code() == 78
        assert sink.messages("error") == [
            "out/s1.db: table books does not fit: year: expected a column, found none; isbn: "
            "expected a path for it, for it is NOT NULL and has no default, found none; id: "
            "expected a PRIMARY KEY or UNIQUE column, as it is the key, found neither; change the "
            "table or the settings"], sink.log()
        # The ledger stays where it is.
        pipeline.write(config({"generate": {"count": 1}}))
        sink = pipeline.start("sink", "s1")
        assert sink.exit_code() == 78
        assert sink.messages("error") == [
            "state/s1: expected this sink's ledger in state/s1/ledger.db, found that it is in "
            "out/s1.db; let the output that it belongs to stay as it was, or start over with "
            "--fresh"], sink.log()


def main():
    print(f"SEED={SEED}")
    killed_at_any_moment_each_row_is_there_once()
    a_key_has_the_row_of_its_last_document()
    a_locked_database_is_waited_for()
    what_cannot_be_used_is_said_and_ends_the_sink()


if __name__ == "__main__":
    sys.exit(main())

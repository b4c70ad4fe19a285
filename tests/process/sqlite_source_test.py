"""Rows that another program adds to a database come out once each, in a row of another database:
while both daemons are killed, and while the other program holds its locks."""
import contextlib
import os
import random
import sqlite3
import sys
import threading

from pipeline import Pipeline, config, wait_until

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
COUNT = 4000
KILLS = 10


def sections(poll):
    made = config({"sqlite": {"path": "in.db", "cursor": "id", "poll": poll,
                              "query": "SELECT id, text FROM notes WHERE id > :cursor ORDER BY id"}},
                  processors=(), producer={"batch": {"documents": 16}})
    made["sink"]["outputs"] = [{"sqlite": {"path": "out.db", "table": "notes",
                                           "columns": {"id": "/id", "text": "/text"}}}]
    return made


def connect(pipeline, name):
    return contextlib.closing(sqlite3.connect(pipeline.path(name), timeout=60,
                                              isolation_level=None))


def make(pipeline):
    with connect(pipeline, "in.db") as database:
        database.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")


def write(pipeline, chance, gate):
    """Groups of rows, some of which are held for a while before they are committed."""
    with connect(pipeline, "in.db") as database:
        written = 0
        while written < COUNT:
            database.execute("BEGIN EXCLUSIVE" if chance.random() < 0.2 else "BEGIN IMMEDIATE")
            for _ in range(chance.randrange(1, 60)):
                if written < COUNT:
                    written += 1
                    database.execute("INSERT INTO notes (text) VALUES (?)", (f"note {written}",))
            gate.wait(chance.random() * 0.02)
            database.execute("COMMIT")


def found(pipeline):
    if not os.path.exists(pipeline.path("out.db")):
        return 0
    with connect(pipeline, "out.db") as database:
        try:
            return database.execute("SELECT count(*) FROM notes").fetchone()[0]
        except sqlite3.OperationalError:
            return 0  # not there yet


def rows_that_are_added_come_once():
    chance = random.Random(SEED)
    with Pipeline(sections("50ms")) as pipeline:
        make(pipeline)
        writer = threading.Thread(target=write,
                                  args=(pipeline, random.Random(SEED + 1), threading.Event()))
        pipeline.start_all()
        writer.start()
        for kill in range(KILLS):
            wanted = COUNT * 8 // 10 * (kill + 1) // (KILLS + 1)
            wait_until(lambda least=wanted: found(pipeline) >= least, what=f"{wanted} rows")
            role, name = chance.choice((("producer", "p1"), ("sink", "s1"), ("transformer", "t1")))
            pipeline.daemons[name].kill()
            pipeline.start(role, name)
        writer.join()
        wait_until(lambda: found(pipeline) >= COUNT, what="all rows")
        pipeline.daemons["p1"].stop()
        pipeline.finish()
        with connect(pipeline, "out.db") as database:
            rows = database.execute("SELECT id, text, typeof(id) FROM notes ORDER BY id").fetchall()
            ledger = database.execute("SELECT delivered, written FROM docmill_ledger").fetchone()
        assert rows == [(n, f"note {n}", "integer") for n in range(1, COUNT + 1)], len(rows)
        assert ledger == (COUNT, COUNT), ledger
        print(f"{KILLS} kills: {COUNT} rows, each once")


def a_lock_is_waited_for_and_the_end_is_found():
    with Pipeline(sections("0s")) as pipeline:
        make(pipeline)
        with connect(pipeline, "in.db") as database:
            database.execute("INSERT INTO notes VALUES (7, 'seven')")
            database.execute("BEGIN EXCLUSIVE")
            pipeline.start_all()
            pipeline.daemons["p1"].says("in.db: another program writes to it; retry in 1s")
            database.execute("COMMIT")
        pipeline.finish()
        assert found(pipeline) == 1


def main():
    print(f"SEED={SEED}")
    rows_that_are_added_come_once()
    a_lock_is_waited_for_and_the_end_is_found()


if __name__ == "__main__":
    sys.exit(main())

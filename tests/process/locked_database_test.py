"""While another program has the database of a `sqlite` output locked, `docmill run` and a sink that
starts wait for it, an end is an orderly one, and `--fresh` moves nothing."""
import os
import signal
import sqlite3
import subprocess
import unittest

from pipeline import Pipeline, binary, config, wait_until

UNAVAILABLE = 69
LOCKED = "another program reads it or writes to it"


def sections(count=10):
    made = config({"generate": {"count": count}})
    made["sink"]["outputs"] = [{"sqlite": {"path": "db/{sink}.db", "table": "t",
                                           "columns": {"id": "/record/@id"}}}]
    return made


class Run:
    """`docmill run` in the background."""

    def __init__(self, pipeline, *arguments):
        self.path = pipeline.path("run.err")
        with open(self.path, "wb") as err:
            self.process = subprocess.Popen(
                [os.path.join(os.path.dirname(binary("sink")), "docmill"), "run", "pipeline.yaml",
                 *arguments], cwd=pipeline.folder, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=err)

    def text(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def waits(self):
        wait_until(lambda: f"{LOCKED}; retry in 2s" in self.text(), what="a run that waits")

    def end(self):
        wait_until(lambda: self.process.poll() is not None, what="the end of the run")
        return self.process.returncode


class LockedDatabaseTest(unittest.TestCase):
    def lock(self, pipeline):
        os.makedirs(pipeline.path("db"), exist_ok=True)
        other = sqlite3.connect(pipeline.path("db/s1.db"), isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN EXCLUSIVE")
        return other

    def rows(self, other):
        return other.execute("SELECT count(*), count(DISTINCT id) FROM t").fetchone()

    def test_a_run_reads_a_former_source_that_is_locked_to_its_end(self):
        source = {"sqlite": {"path": "in.db", "cursor": "id", "poll": "0s",
                             "query": "SELECT id FROM t WHERE id > :cursor ORDER BY id"}}
        with Pipeline(config(source)) as pipeline:
            other = sqlite3.connect(pipeline.path("in.db"), isolation_level=None)
            self.addCleanup(other.close)
            other.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            other.execute("INSERT INTO t VALUES (1)")
            self.assertEqual(Run(pipeline).end(), 0)
            other.execute("INSERT INTO t VALUES (2)")
            other.execute("BEGIN EXCLUSIVE")
            pipeline.write(config({"generate": {"count": 1}}))
            run = Run(pipeline)
            wait_until(lambda: "in.db: another program writes to it; retry in" in run.text(),
                       what="a source that waits")
            other.execute("ROLLBACK")
            self.assertEqual(run.end(), 0, run.text())
            found = pipeline.lines("out/s1.ndjson")
            self.assertEqual([line["id"] for line in found if "id" in line], [1, 2])
            self.assertEqual(len(found), 3)

    def test_a_run_waits_for_the_database_before_it_begins(self):
        with Pipeline(sections()) as pipeline:
            self.assertEqual(Run(pipeline).end(), 0)
            other = self.lock(pipeline)
            run = Run(pipeline)
            run.waits()
            other.execute("ROLLBACK")
            self.assertEqual(run.end(), 0, run.text())
            self.assertEqual(self.rows(other), (10, 10))

    def test_a_run_that_waits_for_the_database_can_be_stopped(self):
        with Pipeline(sections()) as pipeline:
            self.assertEqual(Run(pipeline).end(), 0)
            self.lock(pipeline)
            run = Run(pipeline)
            run.waits()
            run.process.send_signal(signal.SIGTERM)
            self.assertEqual(run.end(), 0)
            self.assertIn("stopped; run again to go on\n", run.text())

    def test_a_sink_that_waits_for_the_database_to_begin_ends_in_order(self):
        with Pipeline(sections()) as pipeline:
            self.lock(pipeline)
            sink = pipeline.start("sink", "s1")
            sink.says(LOCKED)
            sink.send(signal.SIGTERM)
            self.assertEqual(sink.exit_code(), 0)
            sink.says("stopped while it waited to begin")

    def test_to_start_over_moves_nothing_while_a_database_is_locked(self):
        with Pipeline(sections()) as pipeline:
            self.assertEqual(Run(pipeline).end(), 0)
            other = self.lock(pipeline)
            run = Run(pipeline, "--fresh")
            self.assertEqual(run.end(), UNAVAILABLE)
            self.assertIn(f"{LOCKED}; nothing was moved, start over again later\n", run.text())
            sink = subprocess.run([binary("sink"), "pipeline.yaml", "--name", "s1", "--producers",
                                   "1", "--sinks", "1", "--fresh"], cwd=pipeline.folder,
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(sink.returncode, UNAVAILABLE, sink.stderr)
            self.assertIn("nothing was moved", sink.stderr)
            moved = [name for folder in (".", "db") for name in os.listdir(pipeline.path(folder))
                     if ".before-" in name]
            self.assertEqual(moved, [])
            other.execute("ROLLBACK")
            run = Run(pipeline, "--fresh")
            self.assertEqual(run.end(), 0, run.text())
            self.assertEqual(self.rows(self.unlocked(pipeline)), (10, 10))

    def unlocked(self, pipeline):
        other = sqlite3.connect(pipeline.path("db/s1.db"))
        self.addCleanup(other.close)
        return other


if __name__ == "__main__":
    unittest.main()

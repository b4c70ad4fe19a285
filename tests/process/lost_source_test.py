"""A pipeline file that names another source when the former one cannot be opened any more: it
follows at once if nothing of the former one is left, and otherwise after an operator gave that
up, with every batch that was given up listed."""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import unittest

from pipeline import Pipeline, binary, config, wait_until

CONFIG = 78
UNREAD = 65
TO_JSON = ("to_json",)


def rows(table):
    return config({"sqlite": {"path": "o.db", "query": f"SELECT * FROM {table} WHERE id > :cursor "
                              "ORDER BY id", "cursor": "id", "poll": "200ms"}}, TO_JSON,
                  producer={"batch": {"documents": 10}})


def lines(path, **more):
    return config({"lines": {"path": path, "format": "json", **more}}, TO_JSON,
                  producer={"batch": {"documents": 10}})


def forget(pipeline):
    docmill = os.path.join(os.path.dirname(binary("sink")), "docmill")
    done = subprocess.run([docmill, "source", "forget", "pipeline.yaml"], cwd=pipeline.folder,
                          timeout=60, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class LostSourceTest(unittest.TestCase):
    def table(self, pipeline, name, first, count):
        with sqlite3.connect(pipeline.path("o.db")) as database:
            database.execute(f"CREATE TABLE {name}(id INTEGER PRIMARY KEY, x)")
            database.executemany(f"INSERT INTO {name}(x) VALUES(?)",
                                 [(first + number,) for number in range(count)])
        database.close()

    def rename(self, pipeline, before, after):
        with sqlite3.connect(pipeline.path("o.db")) as database:
            database.execute(f"ALTER TABLE {before} RENAME TO {after}")
        database.close()

    def delivered(self, pipeline, key):
        path = pipeline.path("out/s1.ndjson")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            records = [json.loads(line) for line in file if line.endswith("\n")]
        return sorted(record[key] for record in records if key in record)

    def killed_with_all_in_flight(self, pipeline):
        """A producer has read table a, and nothing is settled."""
        self.table(pipeline, "a", 0, 50)
        pipeline.start("sink", "s1")
        pipeline.start("producer", "p1")
        pipeline.wait_for("p1", "read", lambda number: number == 50)
        pipeline.daemons["p1"].kill()

    def test_a_renamed_table_whose_rows_are_settled_makes_way_for_another_source(self):
        with Pipeline(rows("a")) as pipeline:
            self.table(pipeline, "a", 0, 50)
            pipeline.start_all()
            pipeline.wait_for("p1", "delivered", lambda number: number == 50)
            pipeline.daemons["p1"].stop()
            self.rename(pipeline, "a", "gone")
            self.table(pipeline, "b", 50, 50)
            pipeline.write(rows("b"))
            p1 = pipeline.start("producer", "p1")
            pipeline.wait_for("p1", "delivered", lambda number: number == 100)
            self.assertIn("nothing that was read of it is left to settle", p1.log())
            # What was decided holds when the producer starts again.
            p1.kill()
            p1 = pipeline.start("producer", "p1")
            p1.says("100 documents are settled")
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            self.assertEqual(self.delivered(pipeline, "x"), list(range(100)))

    def test_a_removed_folder_of_claims_whose_files_are_settled_makes_way_for_another_source(self):
        with Pipeline(lines("in/*.ndjson", claims="claims")) as pipeline:
            os.makedirs(pipeline.path("claims"))
            pipeline.put("in/a.ndjson", "".join('{"x":%d}\n' % n for n in range(10)))
            pipeline.start_all()
            self.assertEqual(pipeline.daemons["p1"].exit_code(), 0)
            shutil.rmtree(pipeline.path("claims"))
            shutil.rmtree(pipeline.path("in"))
            pipeline.put("new.json", '{"x":10}')
            pipeline.write(config({"files": {"path": "new.json"}}, TO_JSON))
            p1 = pipeline.start("producer", "p1")
            self.assertEqual(p1.exit_code(), 0, p1.log())
            pipeline.finish()
            self.assertEqual(self.delivered(pipeline, "x"), list(range(11)))

    def test_batches_that_may_be_in_an_output_are_given_up_only_by_command_and_listed(self):
        with Pipeline(rows("a")) as pipeline:
            self.killed_with_all_in_flight(pipeline)
            self.rename(pipeline, "a", "gone")
            self.table(pipeline, "b", 50, 50)
            pipeline.write(rows("b"))
            p1 = pipeline.start("producer", "p1")
            self.assertEqual(p1.exit_code(), CONFIG)
            said = re.search(r"the former source is needed for batches 1 to (\d+) \(at most (\d+) "
                             r"documents\) of o\.db: put back what it read, or give that up with "
                             r"'docmill source forget FILE', and start again", p1.log())
            self.assertTrue(said, p1.log())
            self.assertGreaterEqual(int(said[2]), 50)
            code, printed = forget(pipeline)
            self.assertEqual(code, 0, printed)
            self.assertIn("p1: when it starts", printed)
            pipeline.start("transformer", "t1")
            p1 = pipeline.start("producer", "p1")
            pipeline.wait_for("p1", "delivered", lambda number: number == 50)
            self.assertIn(f"given up as decided with 'docmill source forget': batches 1 to {said[1]}"
                          f" (at most {said[2]} documents) of o.db", p1.log())
            p1.stop()
            # The decision is used up: the query that was given up is not read again by accident.
            pipeline.write(rows("gone"))
            self.rename(pipeline, "gone", "a")
            pipeline.write(rows("a"))
            p1 = pipeline.start("producer", "p1")
            self.assertEqual(p1.exit_code(), CONFIG)
            self.assertIn("expected a query that was not given up", p1.log())
            pipeline.daemons["t1"].stop()
            pipeline.daemons["s1"].stop()
            self.assertEqual(self.delivered(pipeline, "x"), list(range(50, 100)))

    def changed_twice(self, pipeline):
        """Tables a and b are read, nothing is settled, and the pipeline file names table c."""
        self.killed_with_all_in_flight(pipeline)
        for number, name in enumerate(("b", "c"), 1):
            self.table(pipeline, name, 50 * number, 50)
        pipeline.write(rows("b"))
        pipeline.start("producer", "p1")
        pipeline.wait_for("p1", "read", lambda number: number == 100)
        pipeline.daemons["p1"].kill()
        pipeline.write(rows("c"))

    def finish_with_table_c(self, pipeline, settled):
        """The former sources that are lost are given up, once for all of them."""
        p1 = pipeline.start("producer", "p1")
        self.assertEqual(p1.exit_code(), CONFIG)
        self.assertIn("the former source is needed for batches", p1.log())
        code, printed = forget(pipeline)
        self.assertEqual(code, 0, printed)
        p1 = pipeline.start("producer", "p1")
        wait_until(lambda: self.delivered(pipeline, "x") == settled + list(range(100, 150)),
                   what="the rows of table c")
        for name in ("p1", "t1", "s1"):
            pipeline.daemons[name].stop()
        return p1.log().count("given up as decided")

    def test_a_source_before_the_lost_one_is_settled_to_its_end(self):
        with Pipeline(rows("a")) as pipeline:
            self.changed_twice(pipeline)
            self.rename(pipeline, "b", "gone")
            pipeline.start("transformer", "t1")
            p1 = pipeline.start("producer", "p1")
            self.assertEqual(p1.exit_code(), CONFIG)
            self.assertIn("no such table: b; what was read before is settled, then this producer "
                          "ends", p1.log())
            self.assertEqual(self.delivered(pipeline, "x"), list(range(50)))
            self.assertEqual(self.finish_with_table_c(pipeline, list(range(50))), 1)

    def test_two_lost_sources_in_a_row_are_given_up_together(self):
        with Pipeline(rows("a")) as pipeline:
            self.changed_twice(pipeline)
            self.rename(pipeline, "a", "gone_a")
            self.rename(pipeline, "b", "gone_b")
            pipeline.start("transformer", "t1")
            self.assertEqual(self.finish_with_table_c(pipeline, []), 2)

    def test_a_source_that_is_not_there_is_refused_before_the_former_one_is_drained_for_it(self):
        with Pipeline(rows("a")) as pipeline:
            self.killed_with_all_in_flight(pipeline)
            pipeline.write(rows("missing"))
            pipeline.start("transformer", "t1")
            p1 = pipeline.start("producer", "p1")
            self.assertEqual(p1.exit_code(), CONFIG)
            self.assertEqual(self.delivered(pipeline, "x"), [])
            self.table(pipeline, "c", 100, 50)
            pipeline.write(rows("c"))
            p1 = pipeline.start("producer", "p1")
            wait_until(lambda: self.delivered(pipeline, "x") ==
                       [*range(50), *range(100, 150)], what="the rows of table c")
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()

    def test_the_rest_of_a_file_that_was_begun_is_named_and_given_up_by_command(self):
        with Pipeline(lines("in/*.ndjson", claims="claims")) as pipeline:
            os.makedirs(pipeline.path("claims"))
            pipeline.put("in/a.ndjson", "".join('{"x":%d}\n' % n for n in range(100000)))
            pipeline.put("in/b.ndjson", '{"x":-1}\n')
            pipeline.start_all()
            pipeline.wait_for("p1", "delivered", lambda number: number >= 10)
            pipeline.daemons["p1"].stop()
            shutil.move(pipeline.path("claims"), pipeline.path("away"))
            pipeline.put("new.json", '{"new":1}')
            pipeline.write(config({"files": {"path": "new.json"}}, TO_JSON))
            p1 = pipeline.start("producer", "p1")
            self.assertEqual(p1.exit_code(), CONFIG)
            self.assertRegex(p1.log(), r"is needed for (batch.* of )?in/a\.ndjson from record \d+ on")
            self.assertEqual(forget(pipeline)[0], 0)
            p1 = pipeline.start("producer", "p1")
            self.assertEqual(p1.exit_code(), 0, p1.log())
            self.assertRegex(p1.log(), r"given up .*in/a\.ndjson from record \d+ on")
            pipeline.finish()
            self.assertEqual(self.delivered(pipeline, "new"), [1])
            # Files that were not begun are not given up.
            shutil.move(pipeline.path("away"), pipeline.path("claims"))
            before = self.delivered(pipeline, "x")
            pipeline.write(lines("in/*.ndjson", claims="claims", when_done="delete"))
            pipeline.start("sink", "s1")
            pipeline.start("transformer", "t1")
            p1 = pipeline.start("producer", "p1")
            self.assertEqual(p1.exit_code(), UNREAD, p1.log())
            pipeline.finish()
            self.assertEqual(os.listdir(pipeline.path("in")), ["a.ndjson"])
            after = self.delivered(pipeline, "x")
            self.assertEqual(len(after), len(set(after)))
            self.assertEqual(after, sorted([-1, *before]))

    def test_a_decision_to_give_up_changes_nothing_while_the_former_source_opens(self):
        with Pipeline(rows("a")) as pipeline:
            self.killed_with_all_in_flight(pipeline)
            self.table(pipeline, "b", 50, 50)
            pipeline.write(rows("b"))
            self.assertEqual(forget(pipeline)[0], 0)
            p1 = pipeline.start("producer", "p1")
            pipeline.start("transformer", "t1")
            pipeline.wait_for("p1", "delivered", lambda number: number == 100)
            self.assertIn("nothing is given up", p1.log())
            self.assertFalse(os.path.exists(pipeline.path("state/p1/forget-source")))
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            self.assertEqual(self.delivered(pipeline, "x"), list(range(100)))


if __name__ == "__main__":
    unittest.main()

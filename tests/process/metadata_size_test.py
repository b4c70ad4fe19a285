"""Metadata that is larger than the documents: it counts toward the bytes of a batch, and what no
message can carry is a dead letter with the reason."""
import sqlite3
import sys
import unittest

from pipeline import Pipeline, config

RECORDS = 1000


def sections(*names):
    return config({"files": {"path": "in.xml", "split": "/c/r",
                             "keep": {name: "/c/@a" for name in names or ("a",)}}}, processors=())


class MetadataSizeTest(unittest.TestCase):
    def test_an_attribute_of_a_megabyte_on_a_thousand_records_is_many_batches_and_not_one(self):
        made = sections()
        made["sink"]["outputs"] = [{"ndjson": {"path": "out/{sink}.ndjson"}}]
        with Pipeline(made) as pipeline:
            pipeline.put("in.xml", '<c a="' + "x" * 1_000_000 + '">' +
                         "".join(f"<r>{n}</r>" for n in range(RECORDS)) + "</c>")
            pipeline.start_all()
            most = 0

            def settled(number):
                nonlocal most
                most = max(most, pipeline.telemetry("p1").get("window_bytes"))
                return number == RECORDS
            pipeline.wait_for("s1", "delivered", settled, deadline=300)  # of 1 GB
            pipeline.finish()
            with open(pipeline.path("out/s1.ndjson"), encoding="utf-8") as file:
                lines = file.read().splitlines()
            self.assertEqual(sorted(int(line.strip('"').removeprefix("<r>").removesuffix("</r>"))
                                    for line in lines), list(range(RECORDS)))
            print(f"at most {most >> 20} MiB in the window")
            self.assertLess(most, 512 << 20)

    def test_metadata_above_the_limit_of_a_document_is_a_dead_letter(self):
        made = sections("a", "b", "d")
        made["limits"] = {"document": "2MiB"}
        with Pipeline(made) as pipeline:
            pipeline.put("in.xml", '<c a="' + "x" * 900_000 + '"><r>1</r><r>2</r></c>')
            pipeline.start_all()
            pipeline.finish(code=65)
            dead = pipeline.lines("out/s1.dead.ndjson")
            self.assertEqual([(letter["error"], letter["record"]) for letter in dead], [
                ("expected metadata of at most 2MiB, found 2700020 bytes; keep less, or raise "
                 "limits.document", record) for record in (1, 2)])

    def test_a_row_above_the_limit_of_a_document_is_a_dead_letter_with_its_hash(self):
        made = config({"sqlite": {"path": "in.db", "cursor": "id", "document": "text", "poll": "0s",
                                  "query": "SELECT * FROM t WHERE id > :cursor ORDER BY id"}},
                      processors=())
        made["limits"] = {"document": "1MiB"}
        with Pipeline(made) as pipeline:
            with sqlite3.connect(pipeline.path("in.db")) as database:
                database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
                database.executemany("INSERT INTO t VALUES (?, ?)",
                                     [(1, "small"), (2, "x" * (3 << 20)), (3, "last")])
            database.close()
            pipeline.start_all()
            pipeline.finish()
            (dead,) = pipeline.lines("out/s1.dead.ndjson")
            self.assertRegex(dead["error"], "^larger than limits.document: 3145728 bytes, at most "
                             "1MiB; raise the limit; this is its first 65536 bytes; xxh3 of all of "
                             "it [0-9a-f]{16}$")
            self.assertEqual((dead["record"], dead["document"]), (2, "x" * 65536))
            self.assertEqual(len(pipeline.lines("out/s1.ndjson")), 2)


if __name__ == "__main__":
    sys.exit(unittest.main())

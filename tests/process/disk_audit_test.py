"""The audit of a disk reports what it is there for: each way in which checkpoint, ledger and output
can contradict one another."""
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest

from checker_test import letter, line, xml

AUDIT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "disk_audit.py")
EPOCH = 77


class Folder:
    """A pipeline that has settled two batches of two records; a third is in the ledger only."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("state/p1", "state/s1", "out"):
            os.makedirs(os.path.join(folder, name))
            self.put(f"{name}/lock" if name != "out" else "out/s1.dead.ndjson", "")
        self.put("out/s1.ndjson", "".join(map(line, range(1, 7))))
        self.sql("p1/producer.db",
                 "CREATE TABLE producer(epoch, checkpoint, delivered, filtered, dead, position)",
                 f"INSERT INTO producer VALUES({EPOCH}, 2, 4, 0, 0, 'generate 1 4')")
        settled = struct.pack("<IIB", 0, 2, 0).hex()
        self.sql("s1/ledger.db",
                 "CREATE TABLE ledger(delivered, dead)", "INSERT INTO ledger VALUES(6, 0)",
                 "CREATE TABLE files(path, length)",
                 f"INSERT INTO files VALUES('out/s1.ndjson', {self.size('out/s1.ndjson')}), "
                 "('out/s1.dead.ndjson', 0)",
                 "CREATE TABLE lineages(producer, epoch, watermark)",
                 f"INSERT INTO lineages VALUES('p1', {EPOCH}, 2)",
                 "CREATE TABLE entries(producer, epoch, sequence, settled)",
                 *(f"INSERT INTO entries VALUES('p1', {EPOCH}, {n}, x'{settled}')" for n in (2, 3)))

    def put(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def size(self, name):
        return os.path.getsize(os.path.join(self.folder, name))

    def sql(self, database, *statements):
        connection = sqlite3.connect(os.path.join(self.folder, "state", database))
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()


def output(text):
    """The output is this, and all of it is committed."""
    def change(folder):
        folder.put("out/s1.ndjson", text)
        folder.sql("s1/ledger.db", f"UPDATE files SET length = {folder.size('out/s1.ndjson')} "
                                   "WHERE path = 'out/s1.ndjson'")
    return change


def producer(text):
    return lambda folder: folder.sql("p1/producer.db", f"UPDATE producer SET {text}")


def ledger(*statements):
    return lambda folder: folder.sql("s1/ledger.db", *statements)


def nothing(_):
    pass


def dead_letter(folder):
    output("".join(map(line, (1, 2, 4, 5, 6))))(folder)
    folder.put("out/s1.dead.ndjson", letter(xml(3), "xml"))
    ledger("UPDATE ledger SET delivered = 5, dead = 1",
           f"UPDATE files SET length = {folder.size('out/s1.dead.ndjson')} "
           "WHERE path = 'out/s1.dead.ndjson'")(folder)


def finish(folder):
    producer("checkpoint = 3, delivered = 6, position = 'generate 1 6'")(folder)


def finish_and(name, text):
    def change(folder):
        finish(folder)
        folder.put(name, text)
    return change


GOOD = "".join(map(line, range(1, 7)))


class DiskAuditTest(unittest.TestCase):
    maxDiff = None

    def audit(self, change, *arguments):
        with tempfile.TemporaryDirectory(prefix="docmill-") as place:
            change(Folder(place))
            done = subprocess.run([sys.executable, "-B", AUDIT, place, *arguments],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.stderr, "")
            return done.returncode, done.stdout.splitlines()

    def test_a_pipeline_on_its_way_is_consistent(self):
        for name, change in (("as it is", nothing), ("with a dead letter", dead_letter),
                             ("a checkpoint that lags", producer(
                                 "checkpoint = 1, delivered = 2, position = 'generate 1 2'")),
                             ("bytes that are not committed", lambda folder: folder.put(
                                 "out/s1.ndjson", GOOD + line(1)[:50]))):
            with self.subTest(name):
                if name == "a checkpoint that lags":
                    change = (lambda inner: lambda folder: (inner(folder), ledger(
                        "UPDATE lineages SET watermark = 1")(folder)))(change)
                self.assertEqual(self.audit(change), (0, ["6 records committed, 0 problems"]))

    def test_a_finished_pipeline_is_whole(self):
        self.assertEqual(self.audit(finish, "--expect", "p1=6"),
                         (0, ["6 records committed, 0 problems"]))

    def test_each_contradiction_is_told(self):
        for name, change, problems in (
                ("checkpoint ahead of the output", producer(
                    "checkpoint = 4, delivered = 8, position = 'generate 1 8'"),
                 ["p1-000000007 is below the checkpoint of p1 (8), and no sink has committed it",
                  "p1-000000008 is below the checkpoint of p1 (8), and no sink has committed it",
                  "of p1 6 records are committed, but 8 are below its checkpoint and 0 in ledgers "
                  "beyond it"]),
                ("checkpoint at another place than it counts", producer("position = 'generate 1 5'"),
                 ["the checkpoint of p1 is at 'generate 1 5' with 4 documents settled"]),
                ("watermark ahead of the checkpoint", ledger("UPDATE lineages SET watermark = 3"),
                 ["the watermark of s1 for p1 is 3, its checkpoint 2"]),
                ("output shorter than committed",
                 lambda folder: folder.put("out/s1.ndjson", GOOD[:-1]),
                 [f"out/s1.ndjson: the ledger of s1 has committed {len(GOOD)} bytes, the file has "
                  f"{len(GOOD) - 1}"]),
                ("output gone", lambda folder: os.remove(
                    os.path.join(folder.folder, "out/s1.ndjson")),
                 [f"out/s1.ndjson: the ledger of s1 has committed {len(GOOD)} bytes, the file has "
                  "0", "the ledger of s1 counts 6 delivered and 0 dead, its files hold 0 and 0"]),
                ("a record twice", output(GOOD + line(6)),
                 ["the ledger of s1 counts 6 delivered and 0 dead, its files hold 7 and 0",
                  "p1-000000006 is committed 2 times",
                  "of p1 7 records are committed, but 4 are below its checkpoint and 2 in ledgers "
                  "beyond it"]),
                ("a batch that is settled and not there", ledger(
                    f"INSERT INTO entries SELECT producer, epoch, 4, settled FROM entries WHERE "
                    "sequence = 3"),
                 ["of p1 6 records are committed, but 4 are below its checkpoint and 4 in ledgers "
                  "beyond it"]),
                ("a ledger that was lost", lambda folder: os.remove(
                    os.path.join(folder.folder, "state/s1/ledger.db")),
                 [f"p1-00000000{number} is below the checkpoint of p1 (4), and no sink has "
                  "committed it" for number in range(1, 5)] +
                 ["of p1 0 records are committed, but 4 are below its checkpoint and 0 in ledgers "
                  "beyond it"])):
            with self.subTest(name):
                code, said = self.audit(change)
                self.assertEqual((code, said[:len(problems)]), (1, problems))

    def test_a_damaged_database_is_told(self):
        def damage(folder):
            with open(os.path.join(folder.folder, "state/s1/ledger.db"), "r+b") as file:
                file.seek(4096)
                file.write(bytes(4096))
        code, said = self.audit(damage)
        self.assertEqual(code, 1)
        self.assertRegex(said[0], "^state/s1: .*(malformed|integrity_check)")

    def test_what_a_finished_pipeline_must_not_leave_is_told(self):
        for name, change, problems in (
                ("not all is settled", nothing, ["the checkpoint of p1 is at 4 of 6"]),
                ("a stray file", finish_and("state/s1/ledger.db-journal2", "x"),
                 ["state/s1/ledger.db-journal2 is a stray file"]),
                ("bytes behind the last commit", finish_and("out/s1.ndjson", GOOD + "{}"),
                 [f"out/s1.ndjson: {len(GOOD) + 2} bytes, of which {len(GOOD)} are committed"])):
            with self.subTest(name):
                code, said = self.audit(change, "--expect", "p1=6")
                self.assertEqual((code, said[:-1]), (1, problems))
        code, said = self.audit(finish, "--expect", "p1=7")
        self.assertEqual(said[:-1], ["p1-000000007 is missing", "the checkpoint of p1 is at 6 of 7"])


if __name__ == "__main__":
    unittest.main()

"""Checks what producers and sinks have on disk, at any moment: after a kill, after a power cut, at
the end. Shares no code with the daemons; docs/stores.md has the formats.

    disk_audit.py FOLDER [--expect PRODUCER=COUNT]...

FOLDER holds state/ and out/ of a pipeline whose source is `generate`, or a copy of them: nothing
may write there meanwhile, and databases are opened, which may change them. Without --expect the
pipeline may be anywhere on its way: what a checkpoint or a ledger says is settled must be in the
outputs, once. With it the pipeline has finished, and everything must be there and nothing else.
"""
import argparse
import collections
import os
import sqlite3
import struct
import sys

from checker import Check, check_ids, generated_ids

SPAN = struct.Struct("<IIB")  # begin, end, outcome of documents that a ledger has settled
VOID = 3  # the outcome of one that another sink settles
Checkpoint = collections.namedtuple("Checkpoint", "epoch sequence documents position")


def rows(database, query):
    """The rows, none where the database is not there yet or is as good as empty."""
    if not os.path.exists(database):
        return []
    connection = sqlite3.connect(database)
    try:
        damage = connection.execute("PRAGMA integrity_check").fetchall()
        if damage != [("ok",)]:
            raise sqlite3.DatabaseError(f"integrity_check says {damage[0][0]}")
        if not connection.execute("SELECT * FROM sqlite_schema").fetchall():
            return []
        return connection.execute(query).fetchall()
    finally:
        connection.close()


class Ledger:
    """A sink's ledger, and the records below the lengths it has committed."""

    def __init__(self, folder, name, check):
        self.name = name
        database = os.path.join(folder, "state", name, "ledger.db")
        self.lengths = dict(rows(database, "SELECT path, length FROM files"))
        self.totals = (rows(database, "SELECT delivered, dead FROM ledger") or [(0, 0)])[0]
        self.lineages = rows(database, "SELECT producer, epoch, watermark FROM lineages")
        self.settled = collections.Counter()  # (producer, epoch, sequence): documents
        for producer, epoch, sequence, spans in rows(
                database, "SELECT producer, epoch, sequence, settled FROM entries"):
            self.settled[producer, epoch, sequence] += sum(
                end - begin for begin, end, outcome in SPAN.iter_unpack(spans)
                if outcome != VOID)
        self.committed = Check()
        self.take(folder, check.problems)

    def take(self, folder, problems):
        for path, length in self.lengths.items():
            whole = os.path.join(folder, path)
            size = os.path.getsize(whole) if os.path.exists(whole) else 0
            if size < length:
                problems.append(f"{path}: the ledger of {self.name} has committed {length} bytes, "
                                f"the file has {size}")
            if not os.path.exists(whole):
                continue
            if path.endswith(".dead.ndjson"):
                self.committed.dead_letters(whole, length)
            else:
                self.committed.output(whole, length)
        problems += self.committed.problems
        found = (sum(self.committed.delivered.values()), sum(self.committed.dead.values()))
        if found != self.totals:
            problems.append(f"the ledger of {self.name} counts {self.totals[0]} delivered and "
                            f"{self.totals[1]} dead, its files hold {found[0]} and {found[1]}")


class DiskAudit:
    """problems: what is wrong with the folder; the rest says how far the pipeline is."""

    def __init__(self, folder):
        self.folder = folder
        self.problems = []
        self.checkpoints = {}
        self.ledgers = []
        state = os.path.join(folder, "state")
        for name in sorted(os.listdir(state)) if os.path.isdir(state) else []:
            try:
                if os.path.exists(os.path.join(state, name, "ledger.db")):
                    self.ledgers.append(Ledger(folder, name, self))
                self.read_checkpoint(name, os.path.join(state, name, "producer.db"))
            except sqlite3.Error as error:
                self.problems.append(f"state/{name}: {error}")
        self.committed = collections.Counter()
        for ledger in self.ledgers:
            for counter in (ledger.committed.delivered, ledger.committed.dead):
                for (record, _), times in counter.items():
                    self.committed[record] += times
        for record, times in self.committed.items():
            if times > 1:
                self.problems.append(f"{record} is committed {times} times")
        for name, checkpoint in self.checkpoints.items():
            self.compare(name, checkpoint)

    def read_checkpoint(self, name, database):
        for row in rows(database, "SELECT epoch, checkpoint, delivered + filtered + dead, position "
                                  "FROM producer"):
            self.checkpoints[name] = Checkpoint(*row)

    def compare(self, name, checkpoint):
        """The checkpoint must not be ahead of what sinks have committed, nor a watermark of it."""
        if checkpoint.position not in ("", f"generate 1 {checkpoint.documents}"):
            self.problems.append(f"the checkpoint of {name} is at '{checkpoint.position}' with "
                                 f"{checkpoint.documents} documents settled")
        for record in generated_ids(name, checkpoint.documents):
            if record not in self.committed:
                self.problems.append(f"{record} is below the checkpoint of {name} "
                                     f"({checkpoint.documents}), and no sink has committed it")
        beyond = 0
        for ledger in self.ledgers:
            for producer, epoch, watermark in ledger.lineages:
                if producer == name and epoch == checkpoint.epoch and \
                        watermark > checkpoint.sequence:
                    self.problems.append(f"the watermark of {ledger.name} for {name} is "
                                         f"{watermark}, its checkpoint {checkpoint.sequence}")
            beyond += sum(documents for (producer, epoch, sequence), documents
                          in ledger.settled.items() if producer == name
                          and epoch == checkpoint.epoch and sequence > checkpoint.sequence)
        found = sum(times for record, times in self.committed.items()
                    if record.startswith(name + "-"))
        if found != checkpoint.documents + beyond:
            self.problems.append(
                f"of {name} {found} records are committed, but {checkpoint.documents} are below "
                f"its checkpoint and {beyond} in ledgers beyond it")

    def finished(self, expect):
        """expect: {producer: count}. The pipeline has ended in good order with all of it."""
        self.problems += check_ids(self.committed, expect)
        for name, count in expect.items():
            found = self.checkpoints[name].documents if name in self.checkpoints else 0
            if found != count:
                self.problems.append(f"the checkpoint of {name} is at {found} of {count}")
        known = {"state": set(), "out": set()}
        for ledger in self.ledgers:
            known["state"] |= {f"state/{ledger.name}/{file}" for file in ("lock", "pipeline", "ledger.db", "ledger.id", "reserve")}
            known["out"] |= set(ledger.lengths)
            for path, length in ledger.lengths.items():
                whole = os.path.join(self.folder, path)
                if os.path.exists(whole) and os.path.getsize(whole) > length:
                    self.problems.append(f"{path}: {os.path.getsize(whole)} bytes, of which "
                                         f"{length} are committed")
        for name in self.checkpoints:
            known["state"] |= {f"state/{name}/{file}" for file in ("lock", "pipeline", "producer.db", "reserve")}
        self.problems += [f"{path} is a stray file" for path in self.files()
                          if path not in known["state"] | known["out"]]

    def files(self):
        """Regular files: sockets stay where they were."""
        for top in ("state", "out"):
            for place, _, names in os.walk(os.path.join(self.folder, top)):
                for name in sorted(names):
                    path = os.path.join(place, name)
                    if os.path.isfile(path):
                        yield os.path.relpath(path, self.folder)


def main():
    parser = argparse.ArgumentParser(description="Is what is on disk consistent?")
    parser.add_argument("--expect", action="append", default=[], metavar="PRODUCER=COUNT")
    parser.add_argument("folder", metavar="FOLDER")
    options = parser.parse_args()
    audit = DiskAudit(options.folder)
    if options.expect:
        audit.finished({name: int(count) for name, count in
                        (text.split("=") for text in options.expect)})
    for problem in audit.problems:
        print(problem)
    print(f"{len(audit.committed)} records committed, {len(audit.problems)} "
          f"problem{'s' * (len(audit.problems) != 1)}")
    sys.exit(1 if audit.problems else 0)


if __name__ == "__main__":
    main()

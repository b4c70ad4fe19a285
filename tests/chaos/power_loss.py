"""The power goes, of the whole machine or of one host, and the disk has lost what was not synced.

Daemons run with power_loss.so, which journals what they do to their disks. At a random moment they
are killed; the disk becomes what a power cut at a random entry of the journals may have left
(disk_model.py), and is audited; then they start from it, up to the next cut. In the end each record
is there once. That the case would see a mistake is tried, too: with a disk that takes the syncs of
some files for nothing it must find a loss.
"""
import collections
import os
import random
import time

from checker import check_ids
from disk_model import FOLDERS, Disk, Journals
from place import (audit_end, audit_now, at_once, frozen, role_of, small_pipeline,
                   wait_until)
from pipeline import config

SIZES = {
    "quick": {"cuts": 20, "jobs": 2},
    "budget": {"cuts": 120, "jobs": 2},
    "full": {"cuts": 1000, "jobs": 2},
}
CHAIN = 10  # cuts until a pipeline may finish
COUNT, RATE = 4000, 4000
START = 100  # entries: what a start writes down, about
NAMES = ("s1", "t1", "p1")
PARTS = ("state", "out")
HOSTS = {"p1": ("state/p1",), "s1": ("state/s1", "out")}  # what is on the disk of each
# Whose syncs are taken for nothing, to see that it is found out.
MISTAKES = ("out/s1.ndjson", "ledger.db", "producer.db", FOLDERS)
MOST_TRIES = 20  # chains, for a mistake
LIBRARY = os.path.join(os.environ.get("DOCMILL_BIN", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../build/release/bin")), "power_loss.so")


def sections():
    return config({"generate": {"count": COUNT, "rate": RATE}},
                  producer={"batch": {"documents": 8}, "window": {"batches": 16}})


class Chain:
    """One pipeline, cut off again and again."""

    def __init__(self, pipeline, chance, forget=()):
        self.pipeline, self.chance = pipeline, chance
        if chance.random() < 0.5:
            os.makedirs(pipeline.path("out"))
        self.journals = Journals(pipeline.path("journals"), pipeline.folder)
        self.disk = Disk(pipeline.folder, PARTS, forget)
        self.counts = self.disk.counts

    def start(self, name):
        self.pipeline.start(role_of(name), name, self.journals.wrapper(LIBRARY))

    def alive(self):
        """What has ended by itself has ended well; False when all is settled."""
        for daemon in self.pipeline.daemons.values():
            if not daemon.running():
                assert daemon.name == "p1" and daemon.process.returncode == 0, \
                    f"{daemon.name} ended with {daemon.process.returncode}:\n{daemon.log()}"
        return self.pipeline.daemons["p1"].running()

    def live(self):
        """For a while, or until all is settled."""
        end = time.monotonic() + self.chance.uniform(0, self.chance.choice((0.1, 0.6)))
        wait_until(lambda: not self.alive() or time.monotonic() >= end, what="the next cut")

    def cut_all(self):
        for name in NAMES:
            self.pipeline.daemons[name].kill()
        entries = self.journals.take()
        most = self.chance.choice((len(entries), min(START, len(entries))))
        for entry in entries[:self.chance.randint(0, most)]:
            self.disk.apply(entry)
        self.disk.cut(self.chance, PARTS)
        self.counts["cuts of the machine"] += 1
        self.audit("after a cut of the machine")

    def cut_host(self, name):
        """The others go on, and have seen all that it did."""
        self.pipeline.daemons[name].kill()
        with frozen(self.pipeline):
            for entry in self.journals.take():
                self.disk.apply(entry)
        self.disk.cut(self.chance, HOSTS[name])
        self.counts[f"cuts of a {role_of(name)}'s host"] += 1
        self.audit(f"after a cut of the host of {name}")

    def audit(self, when):
        audit = audit_now(self.pipeline, when)
        self.counts["cuts with records settled"] += bool(audit.committed)

    def start_all(self):
        for name in self.chance.sample(NAMES, len(NAMES)):
            self.start(name)

    def run(self, cuts):
        for number in range(cuts):
            if not self.pipeline.daemons or not self.pipeline.daemons["s1"].running():
                self.start_all()
            self.live()
            if not self.alive():
                break
            if number + 1 < cuts and self.chance.random() < 0.4:
                name = self.chance.choice(tuple(HOSTS))
                self.cut_host(name)
                self.start(name)
            else:
                self.cut_all()
        self.end()

    def end(self):
        if not self.pipeline.daemons["s1"].running():
            self.start_all()
        wait_until(lambda: not self.alive(), what="the end of p1")
        for name in ("t1", "s1"):
            self.pipeline.daemons[name].says(" ready ")
        self.pipeline.finish()
        audit_end(self.pipeline, {"p1": COUNT})
        for entry in self.journals.take():
            self.disk.apply(entry)
        assert not self.disk.differences(), f"the model is not the disk: {self.disk.differences()}"
        self.disk.cut(self.chance, PARTS)
        problems = check_ids(audit_now(self.pipeline, "after the last cut").committed,
                             {"p1": COUNT})
        assert not problems, "after the last cut:\n" + "\n".join(problems[:20])


def chain(seed, cuts):
    with small_pipeline(sections()) as pipeline:
        one = Chain(pipeline, random.Random(seed))
        one.run(cuts)
        return one.counts


def finds(mistake, chance):
    """How many chains it takes until a mistake is found, and what is said."""
    for number in range(1, MOST_TRIES + 1):
        with small_pipeline(sections()) as pipeline:
            try:
                Chain(pipeline, random.Random(chance.random()), (mistake,)).run(CHAIN)
            except AssertionError as error:
                said = str(error).splitlines()
                return number, " ".join(said[:2])[:160]
    raise AssertionError(f"a disk that never syncs {mistake} was not found out")


def run(seed, settings):
    assert os.path.exists(LIBRARY), f"{LIBRARY} is missing; build it first (make build)"
    chance = random.Random(seed)
    for mistake in MISTAKES:
        number, problem = finds(mistake, chance)
        print(f"  {mistake} never synced: found by pipeline {number}: {problem}", flush=True)
    chains = [(chance.random(), CHAIN) for _ in range(-(-settings["cuts"] // CHAIN))]
    counts = collections.Counter()
    began = time.monotonic()
    while True:
        for one in at_once(settings["jobs"], lambda pair: chain(*pair), chains):
            counts.update(one)
        cuts = sum(number for what, number in counts.items() if what.startswith("cuts of"))
        if cuts >= settings["cuts"]:
            break
        chains = [(chance.random(), CHAIN) for _ in range(-(-(settings["cuts"] - cuts) // CHAIN))]
    told = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
    print(f"  {told}", flush=True)
    # A few cuts need not meet every kind.
    for what in () if cuts < 100 else ("cuts of the machine", "cuts of a producer's host",
                                       "cuts of a sink's host", "lost writes", "lost sectors",
                                       "torn writes", "lost names", "syncs"):
        assert counts[what] > 0, f"there were no {what}"
    return (f"{cuts} cuts, nothing lost, nothing doubled, {len(MISTAKES)} of {len(MISTAKES)} planted "
            f"mistakes found; {(time.monotonic() - began) / cuts:.2f} s a cut")

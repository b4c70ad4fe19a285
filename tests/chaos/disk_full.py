"""A small disk is filled by somebody else and freed again, under load, now of the outputs and now of
the state; daemons that wait for room are killed, and started again on the full disk.

Nothing is acked meanwhile, nothing lost or doubled, and everybody goes on when there is room. Only
root can make a small disk.
"""
import collections
import contextlib
import os
import random
import signal
import subprocess

from place import audit_end, audit_now, flows, role_of, small_pipeline, wait_until
from pipeline import PATIENCE, config

SIZES = {
    "quick": {"rounds": 3, "rate": 1000},
    "budget": {"rounds": 6, "rate": 1000},
    "full": {"rounds": 20, "rate": 1000},
}
SECONDS_PER_ROUND = 6
SIZE = "64M"
WAITS = "no space left on device; retry in 2s"
NAMES = ("s1", "t1", "p1")
WRITERS = {"out": ("s1",), "state": ("s1", "p1")}


@contextlib.contextmanager
def small_disk(folder):
    os.makedirs(folder)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "docmill-chaos", folder],
                   check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(folder):
    """Takes all the room there is, to the last byte."""
    with open(os.path.join(folder, "others"), "wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass


class Rounds:
    def __init__(self, pipeline, chance):
        self.pipeline, self.chance = pipeline, chance
        self.counts = collections.Counter()

    def wait_for_one(self, names):
        """Until one of them waits for room; while it does, another may have nothing to write."""
        daemons = [self.pipeline.daemons[name] for name in names]
        told = {daemon: daemon.log().count(WAITS) for daemon in daemons}
        wait_until(lambda: any(daemon.log().count(WAITS) > told[daemon] for daemon in daemons),
                   what=f"a full disk of {' and '.join(names)}")
        for daemon in daemons:
            waits = daemon.log().count(WAITS) > told[daemon]
            self.counts[f"times that a {daemon.role} waited for room"] += waits

    def kill(self, name):
        self.pipeline.daemons[name].kill()
        self.counts[f"kills of a {role_of(name)} that waited"] += 1
        audit_now(self.pipeline, f"{name} was killed on a full disk")
        again = self.pipeline.start(role_of(name), name)
        wait_until(lambda: not again.running() or
                   any(text in again.log() for text in ("ready", "run", WAITS)),
                   what=f"the start of {name} on a full disk")
        if not again.running():
            assert again.process.returncode == 69 and "no space left on device" in again.log(), \
                f"{name} ended with {again.process.returncode}:\n{again.log()}"
            self.counts["starts that a full disk refused"] += 1

    def round(self):
        folder = self.chance.choice(tuple(WRITERS))
        flows(self.pipeline)
        fill(self.pipeline.path(folder))
        self.counts[f"times that '{folder}' was full"] += 1
        self.wait_for_one(WRITERS[folder])
        if self.chance.random() < 0.6:
            self.kill(self.chance.choice(WRITERS[folder]))
        os.remove(self.pipeline.path(folder, "others"))
        for name in NAMES:
            daemon = self.pipeline.daemons[name]
            if not daemon.running() and daemon.process.returncode != 0:
                self.pipeline.start(role_of(name), name)


def run(seed, settings):
    if os.geteuid() != 0:
        return "skipped, only root can make a small disk"
    count = settings["rounds"] * SECONDS_PER_ROUND * settings["rate"]
    sections = config({"generate": {"count": count, "rate": settings["rate"]}},
                      producer={"batch": {"documents": 32}})
    with contextlib.ExitStack() as stack, small_pipeline(sections) as pipeline:
        for folder in WRITERS:
            stack.enter_context(small_disk(pipeline.path(folder)))
        rounds = Rounds(pipeline, random.Random(seed))
        for name in NAMES:
            pipeline.start(role_of(name), name)
        for _ in range(settings["rounds"]):
            rounds.round()
        flows(pipeline, records=1)
        pipeline.finish(count / settings["rate"] + PATIENCE)
        audit_end(pipeline, {"p1": count})
        for daemon in pipeline.every:
            assert daemon.process.returncode in (0, 69, -signal.SIGKILL), daemon.log()
        # The small disks go before the folder does.
        told = ", ".join(f"{number} {what}" for what, number in sorted(rounds.counts.items()))
        stack.close()
    assert any("waited for room" in what for what in rounds.counts), "nobody waited"
    return f"{told}; {count} records, each once"

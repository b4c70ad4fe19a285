"""A pipeline goes from the daemons of the commit before to those of this one and back, one daemon after
the other, while records flow.

The others are in OLD_BIN; without it scripts/previous builds them (COMMIT=... those of another commit). Where
the two speak other versions of the wire format (WIRE_VERSION=9) they refuse each other's messages with
a clear line, and records wait until all are of one version. A daemon that does not know the format of
the state that is there says so and ends; then all go back to the version that wrote it.
"""
import collections
import os
import random
import re
import signal
import subprocess

from place import audit_end, flows, role_of, small_pipeline, wait_until
from pipeline import binary, config

SIZES = {
    "quick": {"rounds": 1, "rate": 1000},
    "budget": {"rounds": 1, "rate": 1000},
    "full": {"rounds": 5, "rate": 1000},
}
NAMES = ("s1", "s2", "t1", "t2", "t3", "p1", "p2")
SINKS = ("s1", "s2")
PRODUCERS = ("p1", "p2")
REFUSED = re.compile(r"expected wire version (\d+), found (\d+); run the same docmill on both sides")
FORMAT = re.compile(r"expected [^\n]* of format \d+, found format \d+; use the docmill that wrote it")
HERE = os.path.dirname(os.path.abspath(__file__))


def old_binaries():
    """The folder, and how it came to be."""
    given = os.environ.get("OLD_BIN")
    if given:
        return given, "OLD_BIN"
    script = os.path.join(HERE, "../../scripts/previous")
    built = subprocess.run([script], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return built, "scripts/previous"


class Upgrade:
    """Which daemon is of which version, and what they said of each other."""

    def __init__(self, pipeline, bins, rate):
        self.pipeline, self.bins, self.rate = pipeline, bins, rate
        self.version = {}
        self.read = dict.fromkeys(PRODUCERS, 0)  # how far any run of it is known to have read
        self.counts = collections.Counter()

    def start(self, name, version):
        before = os.environ.get("DOCMILL_BIN")
        os.environ["DOCMILL_BIN"] = self.bins[version]
        try:
            daemon = self.pipeline.start(role_of(name), name)
            assert os.path.realpath(binary("sink")).startswith(os.path.realpath(self.bins[version]))
        finally:
            if before is None:
                del os.environ["DOCMILL_BIN"]
            else:
                os.environ["DOCMILL_BIN"] = before
        self.version[name] = version
        return daemon

    def refused(self):
        """What those that run now said of messages of another version."""
        return [found[0] for daemon in self.pipeline.daemons.values()
                for found in [REFUSED.search(daemon.log())] if found]

    def takes_state(self, daemon):
        """Whether it begins with what is on disk."""
        begun = " run " if daemon.role == "producer" else " ready "
        wait_until(lambda: begun in daemon.log() or not daemon.running(), what=f"{daemon.name} to begin")
        if begun in daemon.log():
            return True
        assert FORMAT.search(daemon.log()), \
            f"{daemon.name} ended with {daemon.process.returncode}:\n{daemon.log()}"
        return False

    def exchange(self, name, version, ends):
        """Whether it could be done."""
        before = self.version[name]
        daemon = self.pipeline.daemons[name]
        for producer in PRODUCERS:
            told = self.pipeline.telemetry(producer).get("read")
            self.read[producer] = max(self.read[producer], told)
        assert daemon.running(), f"{name} ended with {daemon.process.returncode}:\n{daemon.log()}"
        if ends == "killed":
            daemon.kill()
        else:
            daemon.send(signal.SIGTERM)
            code = daemon.exit_code()
            assert code == 0, f"{name} ended with {code}:\n{daemon.log()}"
        if not self.takes_state(self.start(name, version)):
            self.counts[f"{version} daemons that did not know the format of the state"] += 1
            assert self.takes_state(self.start(name, before)), self.pipeline.daemons[name].log()
            return False
        self.counts[f"daemons {ends} for {version} ones"] += 1
        self.flows_or_is_refused()
        return True

    def flows_or_is_refused(self):
        """Records flow, unless two versions of the wire format meet."""
        if self.refused():
            self.counts["mixes that refused each other"] += 1
            return
        sinks = {name: self.pipeline.telemetry(name) for name in SINKS}
        for telemetry in sinks.values():
            telemetry.forget()
        before = {}

        def is_seen():
            for name, telemetry in sinks.items():
                if telemetry.values():
                    before.setdefault(name, telemetry.get("delivered"))
            return self.refused() or (len(before) == len(sinks) and all(
                telemetry.get("delivered") > before[name] for name, telemetry in sinks.items()))
        wait_until(is_seen, what="records, or a refusal")
        self.counts["mixes in which records flowed"] += not self.refused()

    def all_to(self, version, chance):
        """Transformers, sinks, producers; on the way back in any order. Whether all are."""
        order = list(NAMES)
        order.sort(key=lambda name: "tsp".index(name[0]))
        if version == "old":
            chance.shuffle(order)
        for name in order:
            if self.version[name] != version and \
                    not self.exchange(name, version, chance.choice(("stopped", "killed"))):
                return False
        self.all_flow()
        return True

    def all_flow(self):
        """Each sink gets records, and each producer is beyond what its runs before may have sent."""
        for name in SINKS:
            flows(self.pipeline, name)
        for name in PRODUCERS:
            telemetry, far = self.pipeline.telemetry(name), self.read[name] + self.rate
            wait_until(lambda telemetry=telemetry, far=far: telemetry.get("delivered") > far,
                       deadline=600, what=f"{far} records of {name}")


def run(seed, settings):
    chance = random.Random(seed)
    folder, how = old_binaries()
    bins = {"old": folder, "new": os.path.dirname(os.path.abspath(binary("sink")))}
    print(f"  old: {bins['old']} (by {how}); new: {bins['new']}", flush=True)
    sections = config({"generate": {"count": 0, "rate": settings["rate"], "seed": seed}},
                      producer={"batch": {"documents": 16}})
    with small_pipeline(sections, producers=2, sinks=2) as pipeline:
        upgrade = Upgrade(pipeline, bins, settings["rate"])
        for name in NAMES:
            upgrade.start(name, "old")
        upgrade.all_flow()
        for version, other in [("new", "old"), ("old", "new")] * settings["rounds"] + [("new", "old")]:
            if not upgrade.all_to(version, chance):
                assert upgrade.all_to(other, chance)
                break
        for name in PRODUCERS:
            pipeline.daemons[name].send(signal.SIGTERM)
        pipeline.finish()
        count = len(audit_end(pipeline).committed)
    assert len(set(upgrade.version.values())) == 1, upgrade.version
    told = ", ".join(f"{number} {what}" for what, number in sorted(upgrade.counts.items()))
    return f"{told}; {count} records, each once"

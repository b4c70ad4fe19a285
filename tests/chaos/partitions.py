"""Producers, transformers and sinks in network namespaces of their own, which lose sight of each
other: both ways, one way only, on and off quickly, and a host whose cable is pulled while what runs
on it is killed, so that nobody is told. Needs root, for the namespaces and their rules.
"""
import collections
import contextlib
import os
import random
import subprocess
import time

from pipeline import config, wait_until
from place import audit_end, flows, is_fed, role_of, small_pipeline

SIZES = {
    "quick": {"faults": 4, "rate": 2000},
    "budget": {"faults": 4, "rate": 2000},
    "full": {"faults": 20, "rate": 2000},
}
NAMES = {"p": ("p1", "p2"), "t": ("t1", "t2"), "s": ("s1", "s2")}
HOSTS = {"p": "10.231.0.1", "t": "10.231.0.2", "s": "10.231.0.3"}
PAIRS = (("p", "t"), ("t", "s"), ("p", "s"))
LONGEST = 5  # seconds of a fault: more than what makes a silent member a dead one


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Network:
    """A bridge in a namespace of its own, and one namespace for each tier, on a cable to it."""

    def __init__(self):
        self.prefix = f"dm{os.getpid()}"

    def space(self, host):
        return f"{self.prefix}-{host}"

    def inside(self, host):
        return ("ip", "netns", "exec", self.space(host))

    def __enter__(self):
        ip("netns", "add", self.space("hub"))
        ip("-n", self.space("hub"), "link", "add", "bridge", "type", "bridge")
        ip("-n", self.space("hub"), "link", "set", "bridge", "up")
        for host, address in HOSTS.items():
            ip("netns", "add", self.space(host))
            ip("-n", self.space("hub"), "link", "add", f"to-{host}", "type", "veth", "peer", "name",
               "cable", "netns", self.space(host))
            ip("-n", self.space("hub"), "link", "set", f"to-{host}", "master", "bridge", "up")
            ip("-n", self.space(host), "address", "add", f"{address}/24", "dev", "cable")
            ip("-n", self.space(host), "link", "set", "lo", "up")
            ip("-n", self.space(host), "link", "set", "cable", "up")
            self.nft(host, "add table ip fault; add chain ip fault out "
                           "{ type filter hook output priority 0; }")
        return self

    def __exit__(self, kind, error, trace):
        for host in ("hub", *HOSTS):
            subprocess.run(["ip", "netns", "del", self.space(host)], check=False)

    def nft(self, host, rules):
        return subprocess.run([*self.inside(host), "nft", rules], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def cut(self, host, other):
        """What the host sends to the other is dropped without a word."""
        self.nft(host, f"add rule ip fault out ip daddr {HOSTS[other]} counter drop")

    def heal(self):
        """Gives how many packets were dropped."""
        dropped = 0
        for host in HOSTS:
            words = self.nft(host, "list chain ip fault out").split()
            dropped += sum(int(words[i + 1]) for i, word in enumerate(words) if word == "packets")
            self.nft(host, "flush chain ip fault out")
        return dropped

    def cable(self, host, state):
        ip("-n", self.space("hub"), "link", "set", f"to-{host}", state)


class Partitions:
    def __init__(self, pipeline, net, chance, rate):
        self.pipeline, self.net, self.chance, self.rate = pipeline, net, chance, rate
        self.counts = collections.Counter()
        self.read = collections.Counter()  # what a killed producer had read, as far as it has told

    def start(self, name):
        self.pipeline.telemetry(name)
        self.pipeline.start(role_of(name), name, self.net.inside(name[0]))

    def wait(self, seconds):
        end = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() >= end, deadline=seconds + 60)

    @contextlib.contextmanager
    def apart(self, pair, both):
        self.net.cut(*pair)
        if both:
            self.net.cut(*reversed(pair))
        try:
            yield
        finally:
            self.counts["packets dropped"] += self.net.heal()

    def full(self):
        with self.apart(self.chance.choice(PAIRS), both=True):
            self.wait(self.chance.uniform(1, LONGEST))

    def one_way(self):
        pair = self.chance.choice(PAIRS)
        with self.apart(pair if self.chance.random() < 0.5 else pair[::-1], both=False):
            self.wait(self.chance.uniform(1, LONGEST))

    def flapping(self):
        pair = self.chance.choice(PAIRS)
        for _ in range(self.chance.randint(5, 15)):
            with self.apart(pair, both=True):
                self.wait(self.chance.uniform(0.05, 0.4))
            self.wait(self.chance.uniform(0.05, 0.2))

    def vanishing(self):
        """Nobody hears that the processes of the host have ended; new ones come when it is back."""
        host = self.chance.choice("pts")
        self.net.cable(host, "down")
        for name in NAMES[host]:
            self.read[name] = max(self.read[name], self.pipeline.telemetry(name).get("read"))
            self.pipeline.daemons[name].kill()
        self.wait(self.chance.uniform(1, LONGEST))
        self.net.cable(host, "up")
        for name in NAMES[host]:
            self.start(name)

    def caught_up(self):
        """What an earlier run has delivered counts once a later one has read as far."""
        for name in NAMES["p"]:
            far = self.read[name] + 2 * self.rate
            self.pipeline.wait_for(name, "read", lambda read, far=far: read >= far)

    def one(self, kind):
        getattr(self, kind)()
        self.counts[kind] += 1
        flows(self.pipeline, self.chance.choice(NAMES["s"]))


def sections_of(rate, seed):
    return config({"generate": {"count": 0, "rate": rate, "seed": seed}},
                  producer={"batch": {"documents": 16}},
                  transformer={"advertise": HOSTS["t"], "ports": "20000-20099"},
                  security={"insecure": True},
                  network={"producers": {name: f"tcp://{HOSTS['p']}:{5550 + i}"
                                         for i, name in enumerate(NAMES["p"])},
                           "sinks": {name: f"tcp://{HOSTS['s']}:{5560 + i}"
                                     for i, name in enumerate(NAMES["s"])}})


def run(seed, settings):
    if os.geteuid() != 0:
        return "skipped, only root can make network namespaces"
    chance = random.Random(seed)
    kinds = ("full", "one_way", "flapping", "vanishing")
    with Network() as net, small_pipeline(sections_of(settings["rate"], seed)) as pipeline:
        faults = Partitions(pipeline, net, chance, settings["rate"])
        for name in (*NAMES["s"], *NAMES["t"], *NAMES["p"]):
            faults.start(name)
        flows(pipeline)
        for number in range(settings["faults"]):
            faults.one(kinds[number % len(kinds)])
        assert is_fed(pipeline)
        faults.caught_up()
        for name in NAMES["p"]:
            pipeline.daemons[name].stop()
        pipeline.finish()
        count = len(audit_end(pipeline).committed)
    assert faults.counts["packets dropped"] > 0, faults.counts
    told = ", ".join(f"{number} {what}" for what, number in sorted(faults.counts.items()))
    return f"{told}; {count} records, each once"

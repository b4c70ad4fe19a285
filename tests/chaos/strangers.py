"""Strangers at every port of a pipeline, without keys and with them: noise, wrong and half greetings,
frames without an end, whole messages that nobody should believe. Records go on, a new transformer
joins in between, and afterwards no daemon has more memory or descriptors, or work, than before.

With keys there is also a transformer whose key is known, and that speaks in the name of others.
"""
import random
import re
import subprocess
import time

import zmq

from descriptors import cpu, descriptors
from forger import READY, Batch, Forger, Key, heartbeat, knock
from place import audit_end, flows, role_of, small_pipeline, wait_until
from pipeline import binary, config, free_ports
from stranger import Crowd, memory

SIZES = {  # connections: of each of the two pipelines
    "quick": {"connections": 300},
    "budget": {"connections": 1500},
    "full": {"connections": 5000},
}
NAMES = ("s1", "t1", "p1")
RATE = 500
MOST_GROWTH = 48 << 20  # bytes
MOST_CPU = 0.3  # of a core, more than before
LIES = 20  # times that the transformer with a key lies


def sections(port, with_keys):
    more = {"security": {"curve": {"keys": "keys"}}} if with_keys else {}
    return config({"generate": {"count": 0, "rate": RATE}},
                  network={"producers": {"p1": f"tcp://127.0.0.1:{port['control']}"},
                           "sinks": {"s1": f"tcp://127.0.0.1:{port['data']}"}},
                  sink={"publish": {"bind": f"tcp://127.0.0.1:{port['published']}"}},
                  producer={"batch": {"documents": 16}}, **more)


def docmill(folder, *arguments):
    program = binary("sink").replace("docmill-sink", "docmill")
    subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True)


def overheard(pipeline, control):
    """A batch as a member gets it, from a member that joins and falls silent; others get its work."""
    documents = pipeline.context.socket(zmq.PULL)
    documents.setsockopt(zmq.LINGER, 0)
    port = documents.bind_to_random_port("tcp://127.0.0.1", 20000, 32000)
    push = knock(pipeline.context, zmq.PUSH, control)
    push.send(heartbeat("spy", 7, f"tcp://127.0.0.1:{port}", READY))
    assert documents.poll(10000), "nothing came to the member that listens"
    batch = Batch(documents.recv_multipart()[0])
    pipeline.daemons["p1"].says("spy is silent for")
    push.close()
    documents.close()
    return batch


class Liar:
    """Has the key of a transformer; takes batches and says in the name of others what became of them."""

    def __init__(self, pipeline, control):
        self.evil = Forger(pipeline.context, "evil", pipeline.path("keys"), control, "p1")
        self.next_at, self.held, self.count = 0.0, [], 0

    def lies(self):
        """About what it holds: it gets less and less, since nothing of it comes to an end."""
        if self.count >= LIES or time.monotonic() < self.next_at:
            return
        self.next_at = time.monotonic() + 0.2
        self.evil.beacon()
        self.held += self.evil.batches()
        for batch in self.held[-2:]:
            self.evil.forge(batch, "s1", "t1")
            self.count += 1


def knockers(pipeline, addresses):
    """Without a key, with one that nobody knows, and with one for another server."""
    unknown, known = zmq.curve_keypair(), Key(pipeline.path("keys"), "t1")
    for name, address in addresses.items():
        server = Key.read(pipeline.path("keys", f"{name}.public"))
        for key, expected in ((None, None), (unknown, server), ((known.public, known.secret), unknown[0])):
            yield knock(pipeline.context, zmq.PUSH, address, key, expected)


class Watch:
    """What a daemon takes of the machine."""

    def __init__(self, pipeline):
        self.daemons = [pipeline.daemons[name] for name in NAMES]
        self.memory = {daemon.name: memory(daemon) for daemon in self.daemons}
        self.descriptors = {daemon.name: descriptors(daemon) for daemon in self.daemons}
        self.cpu = self.share()
        self.grown = dict.fromkeys(self.memory, 0)

    def share(self, seconds=1):
        began, used = time.monotonic(), {daemon.name: cpu(daemon) for daemon in self.daemons}
        wait_until(lambda: time.monotonic() >= began + seconds, what="the end of the measurement")
        return {daemon.name: (cpu(daemon) - used[daemon.name]) / seconds for daemon in self.daemons}

    def look(self):
        for daemon in self.daemons:
            assert daemon.running(), f"{daemon.name} ended:\n{daemon.log()[-3000:]}"
            self.grown[daemon.name] = max(self.grown[daemon.name],
                                          memory(daemon) - self.memory[daemon.name])

    def compare(self, more):
        """more: descriptors that peers which came meanwhile and stay cost."""
        for daemon in self.daemons:
            most = self.descriptors[daemon.name] + more
            wait_until(lambda daemon=daemon, most=most: descriptors(daemon) <= most,
                       what=f"{daemon.name} to have {most} descriptors as before")
        busy = {name: share - self.cpu[name] for name, share in self.share().items()}
        assert max(busy.values()) < MOST_CPU, f"shares of a core, more than before: {busy}"
        assert max(self.grown.values()) < MOST_GROWTH, f"memory has grown by {self.grown} bytes"


def begin(pipeline, keys):
    if keys:
        docmill(pipeline.folder, "keygen", *NAMES, "t2", "evil")
    for name in NAMES:
        pipeline.start(role_of(name), name)
        pipeline.telemetry(name)
    flows(pipeline)
    return re.search(r"t1 joined at tcp://127.0.0.1:(\d+)", pipeline.daemons["p1"].log())[1]


def run_one(chance, keys, settings):
    port = dict(zip(("control", "data", "published"), free_ports(3)))
    with small_pipeline(sections(port, keys)) as pipeline:
        port["member"] = int(begin(pipeline, keys))
        control, data = (f"tcp://127.0.0.1:{port[name]}" for name in ("control", "data"))
        genuine = None if keys else overheard(pipeline, control)
        watch = Watch(pipeline)
        liar = Liar(pipeline, control) if keys else None
        knocking = list(knockers(pipeline, {"p1": control, "s1": data})) if keys else []
        crowd = Crowd(port, settings["connections"])
        crowd.start(chance, genuine)
        telemetry = {name: pipeline.telemetry(name) for name in NAMES}
        delivered, began, joined = telemetry["s1"].get("delivered"), time.monotonic(), False

        def is_over():
            nonlocal joined
            watch.look()
            if liar:
                liar.lies()
            if not joined and crowd.left < settings["connections"] / 2:
                joined = pipeline.start("transformer", "t2")
            for one in telemetry.values():
                one.values()
            return not crowd.running() and (not liar or liar.count >= LIES)
        try:
            wait_until(is_over, deadline=600, what="the last stranger")
        finally:
            crowd.end()
        seconds = time.monotonic() - began
        rate = (telemetry["s1"].get("delivered") - delivered) / seconds
        pipeline.telemetry("t2")
        pipeline.wait_for("t2", "documents", lambda documents: documents > 0)
        for peer in knocking:
            peer.close()
        if liar:
            liar.evil.control.close()
            liar.evil.documents.close()
            pipeline.daemons["p1"].says("evil is silent for")
        flows(pipeline)
        watch.compare(more=6)
        counted = {name: {gauge: one.get(gauge) for gauge in
                          ("malformed", "ignored_acks", "forged", "refused_peers", "refused", "misrouted") if gauge in
                          one.values()} for name, one in telemetry.items()}
        pipeline.daemons["p1"].stop()
        pipeline.finish()
        count = len(audit_end(pipeline).committed)
    print(f"  {'with' if keys else 'without'} keys: {crowd.made} connections in {seconds:.0f} s, "
          f"{rate:.0f} records a second meanwhile; grown by {max(watch.grown.values()) >> 10} KiB at most; "
          f"counted: {counted}; {count} records, each once", flush=True)
    return sum(crowd.made.values()), counted, rate


def run(seed, settings):
    chance = random.Random(seed)
    total = 0
    for keys in (False, True):
        made, counted, rate = run_one(chance, keys, settings)
        total += made
        expected = ([("p1", "forged"), *((name, "refused_peers") for name in NAMES)] if keys else
                    [("p1", "ignored_acks"), *((name, "malformed") for name in NAMES)])
        for name, gauge in expected:
            assert counted[name][gauge] > 0, f"{gauge} of {name} is 0: {counted}"
        assert rate > RATE / 2, f"{rate:.0f} records a second while strangers came, of {RATE}"
    return f"{total} connections of strangers at four ports, without keys and with them; all served meanwhile"

"""Every link to producers and sinks goes through a proxy that delays, holds, cuts and changes what
passes: documents on their way to sinks, acks and presence on theirs to producers.

What a flipped bit makes of a frame is garbage, another length, or another batch but for its hash;
none of it may be settled.
"""
import collections
import contextlib
import time

from fault_proxy import FaultProxy
from pipeline import PATIENCE, as_yaml, config, free_ports, network, wait_until
from place import audit_end, flows, is_fed, role_of, small_pipeline

SIZES = {
    "quick": {"seconds": 8, "rate": 1000},
    "budget": {"seconds": 30, "rate": 1000},
    "full": {"seconds": 180, "rate": 1000},
}
PRODUCERS, SINKS, MEMBERS = ("p1", "p2"), ("s1", "s2"), ("t1", "t2")
RATES = {"flip": 0.02, "delay": 0.05, "hold": 0.002, "reset": 0.01}


def through_proxies(sections, proxies, own):
    """The pipeline file of one daemon: its own address as it is, all others at their proxies."""
    tiers = {tier: {name: address if name == own else f"tcp://127.0.0.1:{proxies[name].port}"
                    for name, address in peers.items()}
             for tier, peers in sections["network"].items()}
    return as_yaml({**sections, "network": tiers})


def run(seed, settings):
    count = settings["rate"] * (settings["seconds"] + 5)  # so that the faults end before the records
    sections = config({"generate": {"count": count, "rate": settings["rate"], "seed": seed}},
                      producer={"batch": {"documents": 16}}, network=network(PRODUCERS, SINKS))
    counts = collections.Counter()
    with small_pipeline(sections) as pipeline, contextlib.ExitStack() as stack:
        addresses = {name: int(address.rsplit(":", 1)[1])
                     for peers in sections["network"].values() for name, address in peers.items()}
        used = len(addresses)  # the first free ports are still free: nobody has bound them yet
        ports = free_ports(2 * used)[used:]
        proxies = {name: stack.enter_context(FaultProxy(port, target, seed + number, RATES))
                   for number, (port, (name, target)) in enumerate(zip(ports, addresses.items()))}
        for name in (*SINKS, *MEMBERS, *PRODUCERS):
            file = f"{name}.yaml"
            pipeline.put(file, through_proxies(sections, proxies, name))
            pipeline.telemetry(name)
            pipeline.start(role_of(name), name, file=file)
        flows(pipeline)
        end = time.monotonic() + settings["seconds"]
        wait_until(lambda: time.monotonic() >= end or not is_fed(pipeline),
                   deadline=settings["seconds"] + 60, what="the end of the faults")
        for proxy in proxies.values():
            proxy.calm = True
            counts += proxy.counts
        pipeline.finish(2 * PATIENCE)
        suppressed = sum(pipeline.telemetry(sink).get("suppressed") for sink in SINKS)
        records = len(audit_end(pipeline, {name: count for name in PRODUCERS}).committed)
    assert all(counts[fault] > 0 for fault in RATES), counts
    told = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
    return f"{told}; {suppressed} repeats suppressed; {records} records, each once"

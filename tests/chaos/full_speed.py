"""kill -9 at full speed: default batches, default window, producers that never wait for a clock.

The other kills run small batches at a fixed rate. Here queues, windows and commits are as full as they get. Most
records are filtered, so that the disk holds the run; each record that is kept is checked.
"""
import random
import signal
import time

from checker import Check
from kills import PRODUCERS, ROLES, SINKS, Killer
from pipeline import Pipeline, config, wait_until
from place import memory_folder
from soak import KEPT, check_outputs

SIZES = {
    "quick": {"kills": 40},
    "budget": {"kills": 200},
    "full": {"kills": 1000},
}
IN_FLIGHT = 200_000  # records; more than fit into a window of 64 MiB
STOPS = 5  # a producer that could not empty its window before its deadline is started and stopped again


def sections(seed):
    processors = [{"keep": {"path": f"self::*[substring(@id, string-length(@id) - 1) = '{KEPT}']"}}, "to_json"]
    return config({"generate": {"count": 0, "seed": seed}}, processors)


def pass_replay(pipeline):
    """Waits until the producers are past everything that an earlier run can have sent: a run that is stopped
    before has settled less than what is in the outputs."""
    highest = dict.fromkeys(PRODUCERS, 0)
    done = Check()
    for name in SINKS:
        done.output(pipeline.path(f"out/{name}.ndjson"))
    for record, _ in done.delivered:
        name, number = record.rsplit("-", 1)
        highest[name] = max(highest[name], int(number))
    for name in PRODUCERS:
        telemetry = pipeline.telemetry(name)
        wait_until(lambda: telemetry.get("delivered") + telemetry.get("filtered") > highest[name] + IN_FLIGHT,
                   deadline=600, what=f"the end of the replay of {name}")


def empty_windows(pipeline):
    """Stops the producers with nothing in flight."""
    left = list(PRODUCERS)
    for _ in range(STOPS):
        for name in left:
            pipeline.daemons[name].send(signal.SIGTERM)
        for name in left:
            assert pipeline.daemons[name].exit_code() == 0, pipeline.daemons[name].log()[-3000:]
        left = [name for name in left if "; 0 in flight" not in pipeline.daemons[name].log()]
        if not left:
            return
        for name in left:
            pipeline.start(ROLES[name], name)
    raise AssertionError(f"{', '.join(left)}: the window was not empty after {STOPS} orderly stops")


def run(seed, settings):
    began = time.monotonic()
    with Pipeline(sections(seed), 2, 2, under=memory_folder()) as pipeline:
        killer = Killer(pipeline, random.Random(seed), settings["kills"])
        for name in ROLES:
            killer.start(name)
        killer.run()
        for name in PRODUCERS:
            killer.keep_totals(name)
        pass_replay(pipeline)
        empty_windows(pipeline)
        suppressed = sum(pipeline.telemetry(name).get("suppressed") for name in SINKS)
        pipeline.finish()
        records, kept = check_outputs(pipeline)
    kills = sum(killer.kills.values())
    assert kills >= settings["kills"], f"{kills} kills where {settings['kills']} were asked for"
    roles = ", ".join(f"{number} {role}s ({killer.busy[role]} with work in flight)"
                      for role, number in killer.kills.items())
    again = ", ".join(f"{number} {gauge}" for gauge, number in killer.totals.items())
    return (f"{kills} kills: {roles}; {records} records settled at {records / (time.monotonic() - began):.0f} a second, "
            f"{kept} of them kept, each once; batches sent again: {again}; {suppressed} repeats suppressed; with 95 % "
            f"confidence a kill loses or doubles something at most once in {kills // 3} (3/n)")

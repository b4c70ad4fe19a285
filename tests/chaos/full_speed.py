"""kill -9 at full speed: default batches, default window, producers that never wait for a clock.

The other kills run small batches at a fixed rate. Here queues, windows and commits are as full as they get. Most
records are filtered, so that the disk holds the run; each record that is kept is checked.
"""
import random
import signal
import time

from kills import PRODUCERS, ROLES, SINKS, Killer
from pipeline import Pipeline, config, wait_until
from place import memory_folder
from soak import KEPT, check_outputs

SIZES = {
    "quick": {"kills": 40},
    "budget": {"kills": 200},
    "full": {"kills": 1000},
}
STOPS = 5  # a producer that could not empty its window before its deadline is started and stopped again


def sections(seed):
    processors = [{"keep": {"path": f"self::*[substring(@id, string-length(@id) - 1) = '{KEPT}']"}}, "to_json"]
    return config({"generate": {"count": 0, "seed": seed}}, processors)


def empty_windows(pipeline):
    """Stops the producers with nothing in flight."""
    left = list(PRODUCERS)
    for _ in range(STOPS):
        for name in left:
            wait_until(pipeline.daemons[name].minds_sigterm, what=f"the start of {name}")
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

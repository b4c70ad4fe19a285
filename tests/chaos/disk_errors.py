"""A call to the disk fails with EIO, at each such call of a sink and a producer.

What is documented: the process says what failed and ends with code 74 (78 where it could not even
open its place), and the next start goes by what is committed. Never may it go on as if the disk had
done what it was told. SQLite passes over two calls: the sync of its folder when it makes a log, and
anything when it closes, after the last commit. The reserve may fail: it is written again later.
"""
import collections
import random
import re

from crash_points import Run, first_kill_of, record, sample, sections, told, tracer
from place import audit_now, at_once, small_pipeline, wait_until

SIZES = {
    "quick": {"points": 12, "jobs": 2},
    "budget": {"points": 24, "jobs": 2},
    "full": {"points": 0, "jobs": 2},
}
CALLS = ("fdatasync", "fsync", "pwrite64", "ftruncate")
INJECTED = re.compile(r"(\w+)\(\d+<([^>]*)>.*EIO.*INJECTED")
TRIES = 5  # of a call that a run did not come to: how many there are depends on what comes together
NOT_REACHED = "not reached: the run had a call less"
SAID = re.compile(r"input/output error|disk I/O error")


def injected(log):
    """What the call was about, and whether the daemon did anything to its disk afterwards."""
    with open(log, encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines):
        found = INJECTED.search(line)
        if found:
            return found[2], sum("pwrite64(" in later for later in lines[number + 1:])
    return None, 0


def judge(point, daemon, path, more):
    """How the daemon took it; complains when it should have ended."""
    code = daemon.process.returncode
    if code in (74, 78):
        assert SAID.search(daemon.log()), \
            f"{told(point)} ended with {code} without a word:\n{daemon.log()}"
        return f"ended with {code}"
    assert code == 0, f"{told(point)} ended with {code}:\n{daemon.log()}"
    if path.endswith(f"/state/{point.name}"):
        return "SQLite's sync of its folder, passed over"
    if path.endswith(f"/state/{point.name}/reserve"):
        return "the reserve, which is written again later"
    assert more == 0, f"{told(point)}: {path} failed, and {daemon.name} went on:\n{daemon.log()}"
    return "while closing, after the last commit"


def try_point(point):
    """How it was taken; none of the runs may have come to the call."""
    outcomes = (one_run(point) for _ in range(TRIES))
    return next((outcome for outcome in outcomes if outcome), NOT_REACHED)


def one_run(point):
    with small_pipeline(sections()) as pipeline:
        run = Run(pipeline, point.name, point.life, first_kill_of(point.name))
        wrapper = tracer(run.log, CALLS, "-e",
                         f"inject={point.call}:error=EIO:when={point.number}")
        daemon = run.traced_life(wrapper)
        path, more = injected(run.log)
        outcome = judge(point, daemon, path, more) if path else None
        audit_now(pipeline, f"{told(point)}, before the restart")
        if run.producer().running() or point.name == "p1":
            again = run.start(point.name)
            if point.name != "p1":
                again.says(" ready ")
            wait_until(lambda: not run.producer().running(), what=f"{told(point)}: the end of p1")
        elif daemon.process.returncode != 0:
            run.start(point.name).says(" ready ")
        run.finish()
        return outcome


def run(seed, settings):
    chance = random.Random(seed)
    runs = [(name, life) for name in ("s1", "p1") for life in (1, 2)]
    points = [point for points in at_once(settings["jobs"], lambda one: record(*one), runs)
              for point in points if point.call in CALLS]
    tried = sample(points, settings["points"], chance)
    outcomes = at_once(settings["jobs"], try_point, tried)
    counts = collections.Counter(zip([point.call for point in tried], outcomes))
    for (call, outcome), number in sorted(counts.items()):
        print(f"  {number} {call}: {outcome}")
    ended = sum(number for (_, outcome), number in counts.items() if "ended" in outcome)
    assert outcomes.count(NOT_REACHED) <= 0.02 * len(tried) + 1, "most calls must be reached"
    assert ended > 0.3 * len(tried), "hardly a call ended the process"
    return f"EIO at {len(tried)} of {len(points)} calls, {ended} of them ended the process"

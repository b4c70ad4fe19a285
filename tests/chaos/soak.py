"""An hour at half of what the machine can do, with a fault every ten seconds: of the daemons that are never
touched, one of each role, neither memory nor the number of open files grows.

Half is half of what arrives when nobody waits, measured first. Ninety-nine of a hundred records are filtered by the
transformers, so that an hour does not fill the disk; what is left is checked, each once.
"""
import collections
import random
import signal
import time

from checker import Check
from descriptors import descriptors
from place import role_of, small_pipeline, wait_until
from pipeline import PATIENCE, config
from stranger import memory

SIZES = {
    "quick": {"seconds": 60},
    "budget": {"seconds": 60},
    "full": {"seconds": 3600},
}
LIVE = ("p1", "t1", "s1")
TOUCHED = ("p2", "t2", "t3", "s2")
KEPT = "07"  # how the numbers of the records end that are not filtered
PACE = 10  # seconds from fault to fault
LONGEST_AWAY, LONGEST_STOP = 2.0, 4.0  # seconds
WARM = 0.2  # of the time: what is there at the end of it is what a daemon needs
MOST_GROWTH = 16 << 20  # bytes of memory, of the whole time
MOST_FILES = 8  # more open files than at first


def sections(seed, rate):
    processors = [{"keep": {"path": f"self::*[substring(@id, string-length(@id) - 1) = '{KEPT}']"}}, "to_json"]
    return config({"generate": {"count": 0, "rate": rate, "seed": seed}}, processors,
                  producer={"batch": {"documents": 64}, "window": {"batches": 256}})


def settled(pipeline):
    return sum(pipeline.telemetry(name).get(gauge) for name in ("p1", "p2")
               for gauge in ("delivered", "filtered"))


def start(pipeline, names):
    for name in names:
        pipeline.start(role_of(name), name)
        pipeline.telemetry(name)


def full_rate(seed, seconds=6):
    """Records a second when nobody waits."""
    with small_pipeline(sections(seed, 0), producers=2, sinks=2) as pipeline:
        start(pipeline, LIVE + TOUCHED)
        wait_until(lambda: settled(pipeline) > 10000, what="the first records")
        before, began = settled(pipeline), time.monotonic()
        wait_until(lambda: settled(pipeline) and time.monotonic() >= began + seconds,
                   what="the end of the measurement")
        return (settled(pipeline) - before) / (time.monotonic() - began)


class Line:
    """Least squares through what was measured."""

    def __init__(self, times, values):
        mean_t, mean_v = sum(times) / len(times), sum(values) / len(values)
        spread = sum((t - mean_t) ** 2 for t in times)
        self.slope = sum((t - mean_t) * (v - mean_v) for t, v in zip(times, values)) / spread


class Watch:
    """Memory and open files of those that live, each second."""

    def __init__(self, pipeline):
        self.pipeline, self.began = pipeline, time.monotonic()
        self.samples = collections.defaultdict(list)

    def look(self):
        now = time.monotonic() - self.began
        for name in LIVE:
            daemon = self.pipeline.daemons[name]
            assert daemon.running(), f"{name} ended with {daemon.process.returncode}:\n{daemon.log()[-3000:]}"
            known = self.samples[name]
            if not known or now - known[-1][0] >= 1:
                known.append((now, memory(daemon), descriptors(daemon)))

    def judge(self):
        """Prints the slopes; gives what grew too much."""
        found = []
        for name, samples in self.samples.items():
            seconds = samples[-1][0]
            times, sizes, files = zip(*[one for one in samples if one[0] >= WARM * seconds])
            passed = times[-1] - times[0]
            growth = Line(times, sizes).slope * passed
            more = Line(times, files).slope * passed
            print(f"  {name}: {sizes[0] >> 10} KiB, slope {growth / passed * 3600 / 1024:+.0f} KiB an hour; "
                  f"{min(files)} to {max(files)} open files, slope {more / passed * 3600:+.1f} an hour",
                  flush=True)
            if growth > MOST_GROWTH or more > MOST_FILES:
                found.append(f"{name} has grown by {growth / 1024:.0f} KiB and {more:.0f} files")
        return found


class Faults:
    """One of those that may be touched, in one of three ways."""

    def __init__(self, pipeline, chance):
        self.pipeline, self.chance = pipeline, chance
        self.counts = collections.Counter()
        self.next_at = time.monotonic() + PACE
        self.due = {}  # by name: when, and what

    def step(self):
        now = time.monotonic()
        for name, (when, what) in list(self.due.items()):
            if now >= when:
                del self.due[name]
                what()
        if now >= self.next_at:
            self.next_at = now + PACE
            free = [name for name in TOUCHED if name not in self.due]
            if free:
                self.fault(self.chance.choice(free), now)

    def fault(self, name, now):
        daemon = self.pipeline.daemons[name]
        assert daemon.running(), f"{name} ended with {daemon.process.returncode}:\n{daemon.log()[-3000:]}"
        kind = self.chance.choice(("kill", "stop", "leave"))
        self.counts[kind] += 1
        if kind == "stop":
            daemon.send(signal.SIGSTOP)
            self.due[name] = (now + self.chance.uniform(1, LONGEST_STOP), lambda: daemon.send(signal.SIGCONT))
            return
        if kind == "kill":
            daemon.kill()
        else:
            daemon.stop()
        self.due[name] = (now + self.chance.uniform(0, LONGEST_AWAY), lambda: start(self.pipeline, [name]))

    def end(self):
        for _, what in self.due.values():
            what()
        self.due = {}


def check_outputs(pipeline):
    """Of what the producers say is settled, each record that is kept is there once."""
    done = Check()
    for name in ("s1", "s2"):
        done.output(pipeline.path(f"out/{name}.ndjson"))
    found = collections.Counter(record for record, _ in done.delivered.elements())
    total = 0
    for name in ("p1", "p2"):
        log = pipeline.daemons[name].log()
        assert "; 0 in flight" in log, f"the window of {name} is not empty in the end:\n{log[-3000:]}"
        count = int(log.rsplit(" documents settled", 1)[0].rsplit(" ", 1)[1])
        total += count
        for number in range(int(KEPT), count + 1, 10 ** len(KEPT)):
            done.problems += [f"{name}-{number:09} is there {times} times"
                              for times in [found.pop(f"{name}-{number:09}", 0)] if times != 1]
    done.problems += [f"{record} is foreign" for record in found]
    assert not done.problems, "\n".join(done.problems[:20])
    return total, sum(done.delivered.values())


def run(seed, settings):
    full = full_rate(seed)
    rate = max(int(full / 2 / 2), 1)  # of each of two producers
    with small_pipeline(sections(seed, rate), producers=2, sinks=2) as pipeline:
        start(pipeline, LIVE + TOUCHED)
        wait_until(lambda: settled(pipeline) > 1000, what="the first records")
        watch, faults = Watch(pipeline), Faults(pipeline, random.Random(seed))
        end = time.monotonic() + settings["seconds"]

        def is_over():
            faults.step()
            watch.look()
            return time.monotonic() >= end
        wait_until(is_over, deadline=settings["seconds"] + PATIENCE, what="the end of the soak")
        faults.end()
        grown = watch.judge()
        for name in ("p1", "p2"):
            pipeline.daemons[name].send(signal.SIGTERM)
        pipeline.finish()
        records, kept = check_outputs(pipeline)
    assert not grown, "; ".join(grown)
    told = ", ".join(f"{number} {kind}s" for kind, number in sorted(faults.counts.items()))
    return (f"{settings['seconds']} s at {2 * rate} of {full:.0f} records a second, {told}; {records} records "
            f"settled, {kept} of them kept, each once")

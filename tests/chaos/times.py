"""How long the pipeline goes without what was killed: from kill -9 of a transformer with work in flight
until that work is done elsewhere, and from the start of a killed sink until its first commit.

A subscriber watches what the sink publishes, which it does after each commit. The work of a killed
transformer is the documents that others overtake for longer than anything takes on its way: what it
had, and what it was given before its death was noticed; the time ends when the last of these is
committed. The first commit of a sink is seen a little late: the subscriber has to find the new
process first.
"""
import random
import re
import time

import zmq

from brake import Brake
from place import audit_end, role_of, small_pipeline, wait_until
from pipeline import config

SIZES = {  # most: seconds; the goal at length, on a machine that does nothing else
    "quick": {"kills": 3, "most": 10.0},
    "budget": {"kills": 8, "most": 10.0},
    "full": {"kills": 50, "most": 2.0},
}
TRANSFORMERS = ("t1", "t2", "t3")
RATE = 1000
WAIT = 0.004  # seconds that a batch takes, of about 200 in a second: two transformers are enough for them
HELD = 0.4  # seconds that only what a killed one holds is overtaken by others
HAD = 0.2  # seconds after a kill in which what it had is overtaken
NOTICED = 2.0  # seconds after which nothing is given to it any more
ID = re.compile(rb'"@id":"p1-(\d+)"')


class Subscriber:
    """What the sink has published; which numbers were overtaken by others, when, and for how long."""

    def __init__(self, pipeline):
        self.socket = pipeline.context.socket(zmq.SUB)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 2)
        self.socket.setsockopt(zmq.SUBSCRIBE, b"")
        self.socket.connect(f"ipc://{pipeline.path('state')}/s1.published")
        self.highest, self.count = 0, 0
        self.missing = {}  # by number: since when
        self.late = []  # (overtaken, came) of what came long after it was overtaken

    def take(self):
        now = time.monotonic()
        while self.socket.poll(0):
            number = int(ID.search(self.socket.recv_multipart()[-1])[1])
            self.count += 1
            overtaken = self.missing.pop(number, now)
            if now - overtaken > HELD:
                self.late.append((overtaken, now))
            self.missing.update((other, now) for other in range(self.highest + 1, number))
            self.highest = max(self.highest, number)
        return self.count

    def waits(self):
        """Whether something has been overtaken for too long."""
        self.take()
        return any(time.monotonic() - since > HELD for since in self.missing.values())

    def forget(self):
        self.missing, self.late = {}, []


class Times:
    def __init__(self, pipeline, subscriber, brakes):
        self.pipeline, self.subscriber, self.brakes = pipeline, subscriber, brakes
        self.elsewhere, self.all_of_it, self.commits = [], [], []

    def until(self, moment):
        def is_over():
            self.subscriber.take()
            assert self.pipeline.daemons["p1"].running()
            return time.monotonic() >= moment
        wait_until(is_over, what="the moment")

    def flows(self, number=RATE // 4):
        """So many more are published."""
        most = self.subscriber.take() + number
        wait_until(lambda: self.subscriber.take() >= most, what="more that is published")

    def transformer(self, name):
        self.pipeline.wait_for(name, "documents", lambda documents: documents > 0)
        self.flows()
        self.subscriber.forget()
        began = time.monotonic()
        self.pipeline.daemons[name].kill()
        self.until(began + NOTICED)
        wait_until(lambda: not self.subscriber.waits(), what="what the killed transformer held")
        late = self.subscriber.late
        had = [came - began for overtaken, came in late if overtaken < began + HAD]
        if had:
            self.elsewhere.append(max(had))
            self.all_of_it.append(max(came - began for _, came in late))
        self.pipeline.start("transformer", name, self.brakes[name].wrapper)

    def sink(self):
        self.flows()
        self.pipeline.daemons["s1"].kill()
        self.subscriber.take()
        before, began = self.subscriber.count, time.monotonic()
        self.pipeline.start("sink", "s1")
        wait_until(lambda: self.subscriber.take() > before, what="the first commit of s1")
        self.commits.append(time.monotonic() - began)


def told(what, seconds):
    ordered = sorted(seconds)
    median = ordered[len(ordered) // 2]
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    print(f"  {what}: median {median:.2f} s, p99 {p99:.2f} s, of {len(ordered)}", flush=True)
    return median, p99


def run(seed, settings):
    chance = random.Random(seed)
    sections = config({"generate": {"count": 0, "rate": RATE, "seed": seed}},
                      producer={"batch": {"documents": 16}},
                      sink={"publish": {"bind": "ipc://state/{sink}.published"}})
    with small_pipeline(sections) as pipeline:
        times = Times(pipeline, Subscriber(pipeline),
                      {name: Brake(pipeline, name) for name in TRANSFORMERS})
        for name, brake in times.brakes.items():
            brake.press(WAIT)
            pipeline.start("transformer", name, brake.wrapper)
        for name in ("s1", "p1"):
            pipeline.start(role_of(name), name)
        while len(times.elsewhere) < settings["kills"]:
            times.transformer(chance.choice(TRANSFORMERS))
        while len(times.commits) < settings["kills"]:
            times.sink()
        pipeline.daemons["p1"].stop()
        pipeline.finish()
        count = len(audit_end(pipeline).committed)
    found = [told("from kill -9 of a transformer until what it had is committed", times.elsewhere),
             told("and what it was given before its death was noticed", times.all_of_it),
             told("from the start of a killed sink until its first commit", times.commits)]
    assert max(p99 for _, p99 in found) < settings["most"], f"more than {settings['most']} s: {found}"
    return (f"{len(times.elsewhere)} kills of transformers at work: median {found[0][0]:.2f} s, p99 "
            f"{found[0][1]:.2f} s; {len(times.commits)} of sinks: median {found[2][0]:.2f} s, p99 "
            f"{found[2][1]:.2f} s; {count} records, each once")

"""The sink is killed before one of the calls by which arrays that rotate and files of single documents
come to the disk, at places chosen at random; after its restart each record is in each output once.

POINTS=60 SEED=3 in the environment for more of them, and others.
"""
import os
import random
import signal
import sys
import unittest

from checker import check_ids
from file_outputs_test import ids_in
from pipeline import Pipeline, config, wait_until

COUNT = 60
CALLS = {"renameat2": 20, "syncfs": 12, "unlinkat": 12, "openat": 60, "openat2": 24, "pwrite64": 80,
         "fdatasync": 30, "fsync": 12, "ftruncate": 2}  # how many of each a run makes, about
OUTPUTS = [{"json": {"path": "out/array.json", "rotate": {"size": "1KiB"}, "compress": "gzip"}},
           {"documents": {"path": "out/each/{producer}/{sequence}-{index}.xml"}}]


class Point:
    """A pipeline whose sink dies before the number-th call of that name, if it comes to it."""

    def __init__(self, call, number):
        self.wrapper = ("strace", "-D", "-f", "-o", "/dev/null", "-e", f"trace={call}",
                        "-e", f"inject={call}:signal=SIGKILL:when={number}")

    def run(self):
        """Whether it died, and what is wrong afterwards."""
        with Pipeline(config({"generate": COUNT}, (),
                             producer={"batch": {"documents": 4}, "window": {"batches": 2}},
                             sink={"outputs": OUTPUTS, "dead_letters": "dead.ndjson"})) as pipeline:
            sink = pipeline.start("sink", "s1", self.wrapper)
            pipeline.start("transformer", "t1")
            producer = pipeline.start("producer", "p1")
            wait_until(lambda: not sink.running() or not producer.running(), what="an end")
            if sink.running():  # its last calls come when it stops
                pipeline.daemons["t1"].stop()
                sink.send(signal.SIGTERM)
                sink.exit_code()
            died = sink.process.returncode == -signal.SIGKILL
            assert died or sink.process.returncode == 0, sink.log()
            if died:
                pipeline.start("sink", "s1")
            if pipeline.daemons["t1"].running() or producer.running():
                if not pipeline.daemons["t1"].running():
                    pipeline.start("transformer", "t1")
                pipeline.finish()
            elif died:
                wait_until(lambda: "ready at" in pipeline.daemons["s1"].log(), what="its restart")
                pipeline.daemons["s1"].stop()
            files = [os.path.join(folder, name)
                     for folder, _, names in os.walk(pipeline.path("out")) for name in names
                     if "/.docmill-s1" not in folder]
            problems = [f"{path} was not ended" for path in files if path.endswith(".open")]
            for part in ("out/array", "out/each"):
                mine = [path for path in files
                        if path.startswith(pipeline.path(part)) and not path.endswith(".open")]
                problems += check_ids(ids_in(mine), {"p1": COUNT})
            return died, problems


class PointsTest(unittest.TestCase):
    def test_each_record_is_there_once_whatever_call_was_the_last(self):
        seed = int(os.environ.get("SEED", "1"))
        chance = random.Random(seed)
        died = 0
        for _ in range(int(os.environ.get("POINTS", "12"))):
            call = chance.choice(list(CALLS))
            number = chance.randint(1, CALLS[call])
            with self.subTest(call=call, number=number, seed=seed):
                killed, problems = Point(call, number).run()
                died += killed
                self.assertEqual(problems, [])
        print(f"{died} deaths")
        self.assertGreater(died, 4)


if __name__ == "__main__":
    sys.exit(unittest.main())

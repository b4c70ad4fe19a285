"""The ventilator, worker and sink of the ZeroMQ guide: docmill-transformer with ten lines of YAML
takes the place of the worker, alone and three times, and nothing else is changed."""
import contextlib
import json
import os
import subprocess
import sys
import unittest

from processes import HERE, Peer, wait_until
from pipeline import Pipeline, binary, free_ports

TASKS = 300
FILE = """\
pipeline: worker
transformer:
  input:
    zmq: {{ type: pull, connect: "{tasks}" }}
  output:
    zmq: {{ type: push, connect: "{results}" }}
  processors:
    - to_json
tests:
  - {{ input: <task number="1"/>, output: {{ task: {{ "@number": "1" }} }} }}
"""


def guide(program, *arguments):
    return [sys.executable, os.path.join(HERE, "guide", program + ".py"), *arguments]


class GuideWorkerTest(unittest.TestCase):
    def setUp(self):
        self.tasks, self.results = (f"tcp://127.0.0.1:{port}" for port in free_ports(2))

    def run_with(self, workers):
        """Ventilator and sink around workers that were started; what the sink says."""
        with Peer(guide("sink", self.results, TASKS)) as sink, \
             Peer(guide("ventilator", self.tasks, self.results, workers, TASKS)) as ventilator:
            ventilator.end()
            said = json.loads(sink.end()[0])
        self.assertEqual(said, {"numbers": list(range(TASKS)), "words": ["salt & water"]})

    def transformers(self, number, stack):
        pipeline = stack.enter_context(Pipeline({}))
        pipeline.arguments = []
        pipeline.put("pipeline.yaml", FILE.format(tasks=self.tasks, results=self.results))
        for name in [f"t{i + 1}" for i in range(number)]:
            pipeline.start("transformer", name)
            pipeline.telemetry(name)
        return pipeline

    def test_the_worker_of_the_guide_works(self):
        with Peer(guide("worker", self.tasks, self.results)):
            self.run_with(1)

    def test_docmill_takes_its_place_with_ten_lines(self):
        self.assertEqual(FILE.count("\n"), 10)
        with contextlib.ExitStack() as stack:
            pipeline = self.transformers(1, stack)
            self.run_with(1)
            for command in ("check", "test"):
                subprocess.run([os.path.join(os.path.dirname(binary("transformer")), "docmill"),
                                command, pipeline.path("pipeline.yaml")], check=True,
                               stdout=subprocess.DEVNULL)
            pipeline.daemons["t1"].stop()
            self.assertEqual(pipeline.daemons["t1"].messages(), [
                "ready with 1 worker between raw links, at most once",
                f"left; {TASKS} documents received, {TASKS} sent"])

    def test_three_of_them_share_the_tasks(self):
        with contextlib.ExitStack() as stack:
            pipeline = self.transformers(3, stack)
            self.run_with(3)
            told = [pipeline.telemetry(name) for name in pipeline.daemons]
            wait_until(lambda: sum(one.get("sent") for one in told) == TASKS, what="all tasks sent")
            self.assertEqual([one.get("sent") for one in told], [TASKS // 3] * 3)


if __name__ == "__main__":
    unittest.main()

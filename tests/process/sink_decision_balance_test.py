"""After `docmill sink forget` and `docmill sink accept` the balance of `docmill run` adds up, and
shows what was lost with the sink."""
import json
import os
import shutil
import subprocess
import unittest

from pipeline import Pipeline, binary, config, network


def docmill(pipeline, *arguments):
    program = os.path.join(os.path.dirname(binary("sink")), "docmill")
    return subprocess.run([program, *arguments], cwd=pipeline.folder, timeout=120,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def put_lines(pipeline, first, last):
    with open(pipeline.path("in.ndjson"), "a", encoding="utf-8") as file:
        for number in range(first, last):
            file.write(json.dumps({"n": number}) + "\n")


class SinkDecisionBalanceTest(unittest.TestCase):
    def run_all(self, pipeline):
        """Gives the balance of a run that adds up."""
        run = docmill(pipeline, "run", "pipeline.yaml", "--json")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        balance = json.loads(run.stdout.splitlines()[-1])
        self.assertTrue(balance["adds_up"])
        return balance, run.stderr

    def check_lost(self, pipeline, sink, documents):
        for _ in range(2):
            balance, err = self.run_all(pipeline)
            self.assertEqual(balance["lost"], [{"producer": "p1", "sink": sink,
                                                "documents": documents, "exact": True}])
            self.assertIn(f"p1: {documents} documents that sink {sink} had acknowledged were given "
                          "up with docmill sink; they are in no output that is counted here\n", err)

    def test_the_balance_adds_up_after_a_sink_was_forgotten(self):
        made = config({"lines": "in.ndjson"}, (), network=network(["p1"], ["s1", "s2"]),
                      producer={"batch": {"documents": 10}})
        with Pipeline(made) as pipeline:
            put_lines(pipeline, 0, 400)
            self.run_all(pipeline)
            lost = len(pipeline.lines("out/s2.ndjson"))
            self.assertGreater(lost, 0)
            shutil.rmtree(pipeline.path("state/s2"))
            for name in ("s2.ndjson", "s2.dead.ndjson"):
                os.unlink(pipeline.path("out", name))
            forget = docmill(pipeline, "sink", "forget", "pipeline.yaml", "s2")
            self.assertEqual(forget.returncode, 0, forget.stderr)
            put_lines(pipeline, 400, 500)
            self.check_lost(pipeline, "s2", lost)
            # Anything else that is missing is still found.
            shutil.rmtree(pipeline.path("state/s1"))
            run = docmill(pipeline, "run", "pipeline.yaml")
            self.assertNotEqual(run.returncode, 0, run.stdout)

    def test_the_balance_adds_up_after_an_older_sink_was_accepted(self):
        made = config({"files": "in/*.json"}, ())
        with Pipeline(made) as pipeline:
            for number in range(5):
                pipeline.put(f"in/{number}.json", json.dumps({"n": number}))
            self.run_all(pipeline)
            for folder in ("state/s1", "out"):
                shutil.copytree(pipeline.path(folder), pipeline.path("copy", folder))
            for number in range(5, 9):
                pipeline.put(f"in/{number}.json", json.dumps({"n": number}))
            self.run_all(pipeline)
            for folder in ("state/s1", "out"):
                shutil.rmtree(pipeline.path(folder))
                shutil.copytree(pipeline.path("copy", folder), pipeline.path(folder))
            accept = docmill(pipeline, "sink", "accept", "pipeline.yaml", "s1")
            self.assertEqual(accept.returncode, 0, accept.stderr)
            for number in range(9, 12):
                pipeline.put(f"in/{number}.json", json.dumps({"n": number}))
            self.check_lost(pipeline, "s1", 4)


if __name__ == "__main__":
    unittest.main()

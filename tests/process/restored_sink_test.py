"""A sink whose state and output were put back to an older copy: its producer and it refuse each
other, nothing is written, and each of the three ways out that the message names works."""
import os
import re
import shutil
import subprocess
import sys
import unittest

from checker import generated_ids
from pipeline import Pipeline, binary, config, wait_until

COUNT = 8000
SECTIONS = config({"generate": {"count": COUNT, "rate": 3000}},
                  producer={"batch": {"documents": 16}, "window": {"batches": 64}})
OUTPUT = "out/s1.ndjson"
CORRUPT = 74
WRONG = 78
REFUSAL = (r"an older copy of this sink's state was put back: commit \d+ was acknowledged, found a "
           r"ledger that ends at commit \d+ and has batches up to \d+ of p1; put the newer state "
           r"back, or accept the loss with 'docmill sink accept FILE s1' on the hosts of the "
           r"producers, or start the whole pipeline over with --fresh")

NOTICED = (r"sink s1 was put back to an older copy of its state: commit \d+ was acknowledged, found a "
           r"ledger that has gone on from before it; put the newer state back, or accept the loss "
           r"with 'docmill sink accept FILE s1' on the hosts of the producers, or start the whole "
           r"pipeline over with --fresh")


def docmill(pipeline, *arguments):
    """Gives the exit code and what was printed."""
    program = os.path.join(os.path.dirname(binary("sink")), "docmill")
    done = subprocess.run([program, *arguments], cwd=pipeline.folder, timeout=120,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class RestoredSinkTest(unittest.TestCase):
    def delivered(self, pipeline, more):
        before = pipeline.telemetry("s1").get("delivered")
        pipeline.wait_for("s1", "delivered", lambda number: number >= before + more)

    def copy(self, pipeline, name):
        for folder in ("state/s1", "out"):
            shutil.copytree(pipeline.path(folder), pipeline.path(name, folder))

    def put_back(self, pipeline, name):
        for folder in ("state/s1", "out"):
            shutil.rmtree(pipeline.path(folder))
            shutil.copytree(pipeline.path(name, folder), pipeline.path(folder))

    def checkpoint(self, pipeline):
        """How far the producer is durably."""
        return pipeline.query_producer("p1", "SELECT checkpoint FROM producer")[0][0]

    def restored(self, pipeline):
        """A pipeline whose sink was put back while its producer has more; both have said so."""
        pipeline.start_all()
        self.delivered(pipeline, 500)
        pipeline.daemons["s1"].stop()
        self.copy(pipeline, "backup")
        at_backup = self.checkpoint(pipeline)
        pipeline.start("sink", "s1")
        self.delivered(pipeline, 1000)
        wait_until(lambda: self.checkpoint(pipeline) > at_backup, what="a checkpoint of p1")
        pipeline.daemons["s1"].kill()
        self.copy(pipeline, "newest")
        self.put_back(pipeline, "backup")
        sink = pipeline.start("sink", "s1")
        producer = pipeline.daemons["p1"]
        self.assertEqual(producer.exit_code(), CORRUPT)
        told = producer.messages("error")
        self.assertEqual(len(told), 1, told)
        self.assertRegex(told[0], f"^(sink s1 refused p1: {REFUSAL}|{NOTICED})$")
        # Batches that were on their way when it was told may have come through; nothing of a new
        # run does.
        producer = pipeline.start("producer", "p1")
        self.assertEqual(producer.exit_code(), CORRUPT)
        told = producer.messages("error")
        self.assertRegex(told[0], f"^sink s1 refused p1: {REFUSAL}$")
        sink.says(told[0].split(": ", 1)[1])

    def ids(self, pipeline):
        found = [line["record"]["@id"] for line in pipeline.lines(OUTPUT)]
        self.assertEqual(len(found), len(set(found)), "something is there twice")
        return set(found)

    def test_the_newer_state_is_put_back_and_nothing_is_lost(self):
        with Pipeline(SECTIONS) as pipeline:
            self.restored(pipeline)
            pipeline.daemons["s1"].stop()
            self.put_back(pipeline, "newest")
            pipeline.start("sink", "s1")
            pipeline.start("producer", "p1")
            pipeline.finish()
            self.assertEqual(self.ids(pipeline), set(generated_ids("p1", COUNT)))

    def test_the_loss_is_accepted_and_is_as_large_as_was_said(self):
        with Pipeline(SECTIONS) as pipeline:
            self.restored(pipeline)
            pipeline.daemons["s1"].stop()
            code, printed, wrong = docmill(pipeline, "sink", "accept", "pipeline.yaml", "s1")
            self.assertEqual((code, wrong), (0, ""))
            said = re.fullmatch(r"p1 takes sink s1 as it is: (?:(\d+) documents that it had "
                                r"acknowledged are in no output, among those of batches "
                                r"\d+(?:-\d+)?|nothing in batches up to \d+ is lost)\n", printed)
            self.assertTrue(said, printed)
            self.assertEqual(docmill(pipeline, "sink", "accept", "pipeline.yaml", "s1"), (
                0, "p1 has nothing to accept of sink s1: every commit that it acknowledged is in "
                "its ledger\n", ""))
            pipeline.start("sink", "s1")
            pipeline.start("producer", "p1")
            pipeline.finish()
            lost = set(generated_ids("p1", COUNT)) - self.ids(pipeline)
            self.assertEqual(len(lost), int(said[1] or 0))

    def test_nothing_is_accepted_while_the_sink_runs(self):
        """Nobody else can read its ledger then, and it may have all that it acknowledged."""
        with Pipeline(SECTIONS) as pipeline:
            self.restored(pipeline)
            code, printed, wrong = docmill(pipeline, "sink", "accept", "pipeline.yaml", "s1")
            self.assertEqual((code, printed), (WRONG, ""))
            self.assertRegex(wrong, r"got process \d+; stop s1 and run this again\n$")
            producer = pipeline.start("producer", "p1")
            self.assertEqual(producer.exit_code(), CORRUPT)

    def test_everything_is_delivered_again_by_a_fresh_run(self):
        with Pipeline(SECTIONS) as pipeline:
            self.restored(pipeline)
            for name in ("t1", "s1"):
                pipeline.daemons[name].stop()
            code, _, wrong = docmill(pipeline, "run", "pipeline.yaml", "--fresh")
            self.assertEqual(code, 0, wrong)
            self.assertEqual(self.ids(pipeline), set(generated_ids("p1", COUNT)))


if __name__ == "__main__":
    sys.exit(unittest.main())

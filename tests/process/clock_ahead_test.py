"""A producer whose clock was ahead when its state was made starts over alone, though its sinks know
the later epoch; where the state is gone, the refusal says until when."""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import unittest

from pipeline import Pipeline, binary, config

CORRUPT = 74
DAY = 24 * 3600
SECTIONS = config({"lines": {"path": "in/*.ndjson", "watch": True}}, processors=[])


def epoch_of(producer):
    producer.says("run ")
    return int(re.search("of epoch ([0-9a-f]{16});", producer.log())[1], 16)


class ClockAheadTest(unittest.TestCase):
    def known_to_a_sink(self, pipeline):
        """The epoch of a producer whose clock was ahead by a day, and which has stopped."""
        os.makedirs(pipeline.path("in"))
        pipeline.start_all()
        producer = pipeline.daemons["p1"]
        ahead = epoch_of(producer) + (DAY * 1000 << 21)
        producer.stop()
        with sqlite3.connect(pipeline.path("state/p1/producer.db")) as state:
            state.execute("UPDATE producer SET epoch = ?", (ahead,))
        state.close()
        pipeline.put("in/0.ndjson", '{"n":1}\n')
        producer = pipeline.start("producer", "p1")
        pipeline.wait_for("p1", "delivered", lambda documents: documents == 1)
        self.assertEqual(epoch_of(producer), ahead)
        producer.stop()
        return ahead

    def test_it_starts_over_with_a_later_epoch_and_goes_on_from_there(self):
        with Pipeline(SECTIONS) as pipeline:
            ahead = self.known_to_a_sink(pipeline)
            for _ in range(2):
                pipeline.arguments.append("--fresh")
                producer = pipeline.start("producer", "p1")
                pipeline.arguments.remove("--fresh")
                pipeline.wait_for("p1", "delivered", lambda documents: documents == 1)
                epoch = epoch_of(producer)
                self.assertGreater(epoch, ahead)
                producer.stop()
                ahead = epoch
            pipeline.put("in/1.ndjson", '{"n":2}\n')
            producer = pipeline.start("producer", "p1")
            pipeline.wait_for("p1", "delivered", lambda documents: documents == 2)
            self.assertEqual(epoch_of(producer), ahead)

    def test_where_its_state_is_gone_the_refusal_says_from_when_it_can_start_over(self):
        with Pipeline(SECTIONS) as pipeline:
            ahead = self.known_to_a_sink(pipeline)
            shutil.rmtree(pipeline.path("state/p1"))
            producer = pipeline.start("producer", "p1")
            self.assertEqual(producer.exit_code(), CORRUPT)
            until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((ahead >> 21) // 1000 + 1))
            self.assertIn(f"start it with --fresh after {until}", producer.messages("error")[0])

    def test_a_run_that_starts_over_begins_with_a_later_epoch_than_its_claims(self):
        source = {"lines": {"path": "in/*.ndjson", "claims": "claims"}}
        with Pipeline(config(source, processors=[])) as pipeline:
            os.makedirs(pipeline.path("claims"))
            pipeline.put("in/0.ndjson", '{"n":1}\n')
            self.run_all(pipeline)
            with sqlite3.connect(pipeline.path("state/p1/producer.db")) as state:
                state.execute("UPDATE producer SET epoch = epoch + ?", (DAY * 1000 << 21,))
            state.close()
            self.run_all(pipeline)
            for _ in range(2):
                self.run_all(pipeline, "--fresh")
                self.assertEqual(pipeline.lines("out/s1.ndjson"), [{"n": 1}])

    def run_all(self, pipeline, *options):
        docmill = os.path.join(os.path.dirname(binary("sink")), "docmill")
        done = subprocess.run([docmill, "run", "pipeline.yaml", *options], cwd=pipeline.folder,
                              timeout=60, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    sys.exit(unittest.main())

"""`docmill run` of a pipeline whose documents wait on disk for a server: what a run that reads nothing
new says of them."""
import os
import subprocess
import sys
import unittest

from http_server import Server
from pipeline import Pipeline, binary, config

NOTHING_NEW = "nothing new: all 30 documents were settled by an earlier run"
START_OVER = "; to start over: docmill run pipeline.yaml --fresh\n"


class RunSpillTest(unittest.TestCase):
    def run_once(self, pipeline):
        program = os.path.join(os.path.dirname(binary("sink")), "docmill")
        done = subprocess.run([program, "run", "pipeline.yaml"], cwd=pipeline.folder,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_what_waits_for_its_server_is_told_until_it_is_sent(self):
        with Server() as server:
            made = config({"generate": {"count": 30}})
            made["sink"]["outputs"] = [{"http": {"url": server.url, "on_full": "spill",
                                                 "retry": {"first": "5ms", "longest": "10ms"}}}]
            with Pipeline(made) as pipeline:
                server.stop()
                self.assertIn("30 documents in ", self.run_once(pipeline))
                self.assertEqual(self.run_once(pipeline), NOTHING_NEW + ", of which 30 wait for their "
                                 "server; run again to send them" + START_OVER)
                server.start()
                self.assertEqual(self.run_once(pipeline), NOTHING_NEW + ", and 30 that waited for "
                                 "their server were sent" + START_OVER)
                self.assertEqual(sum(server.ids().values()), 30)
                self.assertEqual(self.run_once(pipeline), NOTHING_NEW + START_OVER)


if __name__ == "__main__":
    sys.exit(unittest.main())

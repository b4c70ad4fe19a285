"""`docmill run` with standard streams that are closed, full, or a pipe that nobody reads any more."""
import os
import subprocess
import unittest

from pipeline import PATIENCE, Pipeline, binary, config

COUNT = 5000


def sections(source, output):
    parts = config(source, processors=())
    parts["sink"]["outputs"] = [output]
    return parts


def run(pipeline, redirections):
    docmill = os.path.join(os.path.dirname(binary("sink")), "docmill")
    return subprocess.run(["sh", "-c", f'exec "$0" run pipeline.yaml {redirections}', docmill],
                          cwd=pipeline.folder, timeout=PATIENCE, check=False,
                          capture_output=True, text=True)


class StreamsTest(unittest.TestCase):
    def test_what_cannot_be_said_does_not_end_a_run(self):
        for redirections in ("2>/dev/full", ">/dev/full 2>&1", ">&- 2>&-", "2>&1 | head -1"):
            generate = {"generate": {"count": COUNT, "size": "400B", "format": "json"}}
            with self.subTest(redirections), \
                    Pipeline(sections(generate, {"ndjson": {"path": "out.ndjson"}})) as pipeline:
                self.assertEqual(run(pipeline, redirections).returncode, 0)
                self.assertEqual(len(pipeline.lines("out.ndjson")), COUNT)

    def test_documents_do_not_go_where_closed_output_was(self):
        generate = {"generate": {"count": 100, "size": "400B", "format": "json"}}
        with Pipeline(sections(generate, "stdout")) as pipeline:
            done = run(pipeline, ">&-")
            self.assertEqual(done.returncode, 74)
            self.assertIn("stdout: write: bad file descriptor; start again with a reader that stays",
                          done.stderr)
            self.assertNotIn('"record"', done.stderr)

    def test_closed_input_is_at_its_end(self):
        with Pipeline(sections("stdin", {"ndjson": {"path": "out.ndjson"}})) as pipeline:
            self.assertEqual(run(pipeline, "<&-").returncode, 0)


if __name__ == "__main__":
    unittest.main()

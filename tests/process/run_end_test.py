"""docmill run tells an input that has ended from a producer that somebody has stopped, and ends a
daemon of each kind that does not end itself."""
import json
import os
import signal
import subprocess
import sys
import unittest

from pipeline import Pipeline, binary, config, wait_until

COUNT = 20000
WAITING = 75
WITHIN = 30.0
SECTIONS = config({"lines": {"path": "in/*.ndjson"}}, processors=[{"jq": ".n |= . + ([range(2000)] | length) - 2000"}],
                  producer={"batch": {"documents": 10}, "window": {"batches": 4}}, shutdown_timeout="1s")
OUTPUT = "out/s1.ndjson"


class Run:
    """docmill run in a folder, and its daemons."""

    def __init__(self, pipeline, *arguments):
        program = os.path.join(os.path.dirname(binary("sink")), "docmill")
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([program, "run", "pipeline.yaml", *arguments], cwd=pipeline.folder,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.pipeline = pipeline

    def child(self, role):
        """The process of the daemon of this role."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            children = file.read().split()
        for child in children:
            with open(f"/proc/{child}/comm", encoding="ascii") as file:
                if f"docmill-{role}".startswith(file.read().strip()):
                    return int(child)
        raise AssertionError(f"no {role} among {children}")

    def has_begun(self):
        path = self.pipeline.path(OUTPUT)
        found = [name for name in (path, path + ".open") if os.path.exists(name)]
        return any(os.path.getsize(name) for name in found)

    def end(self):
        """The exit code and what was printed."""
        printed = self.process.communicate(timeout=WITHIN)[0]
        return self.process.returncode, printed


def begun(pipeline):
    pipeline.put("in/0.ndjson", "".join(f'{{"n":{number}}}\n' for number in range(COUNT)))
    run = Run(pipeline)
    wait_until(run.has_begun, WITHIN, "the first document")
    return run


class RunEndTest(unittest.TestCase):
    def test_a_run_whose_producer_was_stopped_is_not_finished_and_the_next_one_finishes_it(self):
        with Pipeline(SECTIONS) as pipeline:
            run = begun(pipeline)
            os.kill(run.child("producer"), signal.SIGTERM)
            code, printed = run.end()
            self.assertEqual(code, WAITING, printed)
            self.assertIn("p1: was stopped before all of its input was settled; run again to go on\n", printed)
            self.assertLess(len(pipeline.lines(OUTPUT)), COUNT)
            code, printed = Run(pipeline).end()
            self.assertEqual(code, 0, printed)
            self.assertEqual([line["n"] for line in sorted(pipeline.lines(OUTPUT), key=json.dumps)],
                             [line["n"] for line in sorted(({"n": n} for n in range(COUNT)), key=json.dumps)])

    def test_a_run_that_is_told_to_stop_exits_with_0(self):
        with Pipeline(SECTIONS) as pipeline:
            run = begun(pipeline)
            run.process.send_signal(signal.SIGTERM)
            code, printed = run.end()
            self.assertEqual(code, 0, printed)
            self.assertIn("stopped; run again to go on\n", printed)

    def test_a_daemon_that_heeds_no_signal_is_killed(self):
        for role in ("producer", "transformer", "sink"):
            with Pipeline(SECTIONS) as pipeline:
                run = begun(pipeline)
                os.kill(run.child(role), signal.SIGSTOP)
                run.process.send_signal(signal.SIGTERM)
                code, printed = run.end()
                self.assertEqual(code, 0, printed)
                self.assertIn(f"a {role} does not end and is killed", printed)


if __name__ == "__main__":
    sys.exit(unittest.main())

"""A daemon that starts waits for another process that has its state folder locked for an instant; one
that is locked for longer is refused. `docmill sink accept` decides nothing about a sink that runs."""
import fcntl
import os
import signal
import subprocess
import sys
import unittest

from pipeline import Pipeline, binary, config, wait_until

REFUSED = 78
IN_USE = "in use by "
SECTIONS = config({"lines": {"path": "in/*.ndjson", "watch": True}}, processors=[])


class Held:
    """The lock of a state folder, as another process has it."""

    def __init__(self, pipeline, name):
        path = pipeline.path("state", name)
        os.makedirs(path, exist_ok=True)
        # pylint: disable=consider-using-with
        self.file = open(os.path.join(path, "lock"), "ab")
        fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self):
        self.file.close()


def waits(daemon):
    """It has tried to lock its folder, which it does after it is ready for signals."""
    path = os.path.join("state", daemon.name, "lock")

    def has_opened():
        folder = f"/proc/{daemon.process.pid}/fd"
        links = []
        for number in os.listdir(folder):
            try:
                links.append(os.readlink(os.path.join(folder, number)))
            except OSError:
                pass
        return any(link.endswith(path) for link in links)
    wait_until(has_opened, 30, f"that {daemon.name} opens its lock")


class HeldLockTest(unittest.TestCase):
    def test_a_daemon_waits_for_a_lock_that_is_held_for_an_instant(self):
        for role, name, arguments in (("sink", "s1", []), ("producer", "p1", []), ("producer", "p1", ["--fresh"])):
            with Pipeline(SECTIONS) as pipeline:
                held = Held(pipeline, name)
                pipeline.arguments += arguments
                daemon = pipeline.start(role, name)
                waits(daemon)
                held.release()
                daemon.says("ready at" if role == "sink" else "run 1 of epoch")
                self.assertNotIn(IN_USE, daemon.log())

    def test_a_lock_that_stays_is_refused_and_a_signal_ends_the_wait_in_order(self):
        with Pipeline(SECTIONS) as pipeline:
            held = Held(pipeline, "s1")
            sink = pipeline.start("sink", "s1")
            waits(sink)
            sink.send(signal.SIGTERM)
            self.assertEqual(sink.exit_code(3), 0)
            sink = pipeline.start("sink", "s1")
            self.assertEqual(sink.exit_code(), REFUSED)
            self.assertIn(IN_USE, sink.messages("error")[0])
            held.release()

    def test_a_sink_that_runs_is_accepted_by_nobody_and_one_that_is_whole_has_nothing_to_accept(self):
        with Pipeline(SECTIONS) as pipeline:
            pipeline.put("in/0.ndjson", '{"n":1}\n')
            pipeline.start_all()
            pipeline.wait_for("p1", "delivered", lambda documents: documents == 1)
            program = os.path.join(os.path.dirname(binary("sink")), "docmill")
            command = [program, "sink", "accept", "pipeline.yaml", "s1"]
            done = subprocess.run(command, cwd=pipeline.folder, timeout=60, capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (REFUSED, ""))
            pid = pipeline.daemons["s1"].process.pid
            self.assertIn(f"got process {pid}; stop s1 and run this again", done.stderr)
            pipeline.daemons["s1"].stop()
            done = subprocess.run(command, cwd=pipeline.folder, timeout=60, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("p1 has nothing to accept of sink s1", done.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main())

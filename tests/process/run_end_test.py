"""docmill run tells an input that has ended from a producer that somebody has stopped, and ends a
daemon of each kind that does not end itself."""
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import unittest

from held_lock_test import Held, waits
from pipeline import Pipeline, binary, config, free_ports, wait_until

COUNT = 20000
UNAVAILABLE = 69
WAITING = 75
WITHIN = 90.0
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

    def test_a_producer_that_is_stopped_while_it_waits_to_begin_has_not_finished(self):
        with Pipeline(SECTIONS) as pipeline:
            pipeline.put("in/0.ndjson", '{"n":1}\n')
            held = Held(pipeline, "p1")
            self.addCleanup(held.release)
            pipeline.arguments.append("--must-finish")
            producer = pipeline.start("producer", "p1")
            waits(producer)
            producer.send(signal.SIGTERM)
            self.assertEqual(producer.exit_code(), WAITING, producer.log())
            self.assertIn("stopped while it waited to begin", producer.log())

    def test_a_producer_that_is_stopped_between_the_stages_of_a_reload_has_not_finished(self):
        with Pipeline(SECTIONS) as pipeline:
            # More than the sockets take, so that the end of the first stage waits for the transformer.
            pipeline.put("in/0.ndjson", "".join(json.dumps({"n": n, "text": "x" * 20000}) + "\n" for n in range(4000)))
            run = Run(pipeline, "--transformers", "1")
            wait_until(run.has_begun, WITHIN, "the first document")
            transformer, producer = run.child("transformer"), run.child("producer")
            os.kill(transformer, signal.SIGSTOP)
            os.kill(producer, signal.SIGHUP)

            def has_left():
                with open(pipeline.path("state/logs/p1.log"), encoding="utf-8") as log:
                    return "p1 stopped; " in log.read()
            wait_until(has_left, WITHIN, "the end of the first stage")
            os.kill(producer, signal.SIGTERM)
            wait_until(lambda: not os.path.exists(f"/proc/{producer}"), WITHIN, "the end of the producer")
            os.kill(transformer, signal.SIGCONT)
            code, printed = run.end()
            self.assertEqual(code, WAITING, printed)

    def test_a_raw_run_kills_a_transformer_that_heeds_no_signal(self):
        links = [f"tcp://127.0.0.1:{port}" for port in free_ports(2)]
        sections = {"pipeline": "test", "state": "state", "shutdown_timeout": "1s", "transformer": {
            "input": {"zmq": {"type": "pull", "bind": links[0]}},
            "output": {"zmq": {"type": "push", "bind": links[1]}}, "processors": ["to_json"]}}
        with Pipeline(sections) as pipeline:
            run = Run(pipeline, "--transformers", "1")
            log = pipeline.path("state/logs/t1.log")
            wait_until(lambda: os.path.exists(log) and os.path.getsize(log), WITHIN, "a transformer that is ready")
            os.kill(run.child("transformer"), signal.SIGSTOP)
            run.process.send_signal(signal.SIGTERM)
            code, printed = run.end()
            self.assertEqual(code, 0, printed)
            self.assertIn("a transformer does not end and is killed", printed)

    def test_an_address_that_stays_in_use_ends_the_run_with_69_and_names_it(self):
        producer, sink = free_ports(2)
        network = {"producers": {"p1": f"tcp://127.0.0.1:{producer}"}, "sinks": {"s1": f"tcp://127.0.0.1:{sink}"}}
        with socket.create_server(("127.0.0.1", sink)), Pipeline(SECTIONS | {"network": network}) as pipeline:
            pipeline.put("in/0.ndjson", '{"n":1}\n')
            code, printed = Run(pipeline).end()
            self.assertEqual(code, UNAVAILABLE, printed)
            self.assertIn(f"sink s1 could not go on and ended with code 69: tcp://127.0.0.1:{sink}: in use by another "
                          "process; stop it first, or choose another address; everything is stopped\n", printed)

    def test_a_sink_can_be_forgotten_while_a_run_waits_to_begin(self):
        output = {"sqlite": {"path": "db/{sink}.db", "table": "t", "columns": {"n": "/n"}}}
        with Pipeline(SECTIONS | {"sink": {"outputs": [output]}}) as pipeline:
            pipeline.put("in/0.ndjson", '{"n":1}\n')
            self.assertEqual(Run(pipeline, "--sinks", "2").end()[0], 0)
            pipeline.put("in/1.ndjson", '{"n":2}\n')
            locked = sqlite3.connect(pipeline.path("db/s1.db"), isolation_level=None)
            self.addCleanup(locked.close)
            locked.execute("BEGIN EXCLUSIVE")
            shutil.rmtree(pipeline.path("state/s2"))
            for path in ("db/s2.db", "dead/s2.ndjson"):
                os.unlink(pipeline.path(path))
            run = Run(pipeline, "--sinks", "2")
            said = run.process.stdout.readline()
            self.assertIn("another program reads it or writes to it; retry in 2s", said)
            program = os.path.join(os.path.dirname(binary("sink")), "docmill")
            done = subprocess.run([program, "sink", "forget", "pipeline.yaml", "s2", "--sinks", "2"], timeout=WITHIN,
                                  cwd=pipeline.folder, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIsNone(run.process.poll())
            locked.execute("ROLLBACK")
            code, printed = run.end()
            self.assertEqual(code, 0, printed)
            self.assertIn("p1                     2               2", printed)


if __name__ == "__main__":
    sys.exit(unittest.main())

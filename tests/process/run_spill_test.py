"""`docmill run` of a pipeline whose documents wait on disk for a server: it ends when nothing waits,
tells what does, and writes one dead letter for each refused document, whenever its sink is killed.

Environment: SEED (random; printed), SEEDS (how many runs with kills, 2).
"""
import os
import random
import re
import signal
import subprocess
import sys
import unittest

from checker import generated_ids
from http_server import HANG, Server, ids_of
from pipeline import Pipeline, binary, config, wait_until

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
SEEDS = int(os.environ.get("SEEDS", 2))
NOTHING_NEW = "nothing new: all 30 documents were settled by an earlier run"
START_OVER = "; to start over: docmill run pipeline.yaml --fresh\n"
OK, REFUSED = (200, {}, b""), (422, {}, b"")
WAITING = 75  # the exit code


def spilling(server, count, **settings):
    made = config({"generate": {"count": count}}, producer={"batch": {"documents": 20}})
    made["sink"]["outputs"] = [{"http": {"url": server.url, "on_full": "spill",
                                         "retry": {"first": "5ms", "longest": "10ms"}, **settings}}]
    return made


class Run:
    """`docmill run` in the background."""

    def __init__(self, pipeline, *arguments):
        program = os.path.join(os.path.dirname(binary("sink")), "docmill")
        self.paths = [pipeline.path("run.out"), pipeline.path("run.err")]
        with open(self.paths[0], "wb") as out, open(self.paths[1], "wb") as err:
            self.process = subprocess.Popen([program, "run", "pipeline.yaml", *arguments],
                                            cwd=pipeline.folder, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=err)

    def text(self, which):
        with open(self.paths[which], encoding="utf-8") as file:
            return file.read()

    def sink(self):
        """The process of the sink; none while it does not run."""
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children",
                      encoding="ascii") as file:
                for child in file.read().split():
                    with open(f"/proc/{child}/comm", encoding="utf-8") as name:
                        if name.read().strip() == "docmill-sink":
                            return int(child)
        except OSError:
            pass  # it ends just now
        return None

    def kill_sink(self):
        os.kill(wait_until(self.sink, what="a sink"), signal.SIGKILL)

    def end(self):
        wait_until(lambda: self.process.poll() is not None, what="the end of the run")
        return self.process.returncode, self.text(0), self.text(1)


class RunSpillTest(unittest.TestCase):
    def run_once(self, pipeline, code, *arguments):
        found, out, err = Run(pipeline, *arguments).end()
        self.assertEqual(found, code, err)
        return out, err

    def test_what_waits_for_its_server_is_told_until_it_is_sent(self):
        with Server() as server, Pipeline(spilling(server, 30)) as pipeline:
            server.stop()
            out, err = self.run_once(pipeline, WAITING, "--patience", "300ms")
            self.assertIn("30 documents in ", out)
            self.assertIn("spool            spilled =     delivered +    waiting +  refused\n"
                          "s1                    30               0           30          0   "
                          f"{server.url}\n", out)
            self.assertIn("no receiver took a document for 300ms; what waits stays in the spools\n", err)
            waits = re.search("^s1: 30 documents wait in state/s1/http-[0-9a-f]{16} for "
                              f"{server.url}; run again to send them$", err, re.MULTILINE)
            self.assertTrue(waits, err)
            out, err = self.run_once(pipeline, WAITING, "--patience", "300ms")
            self.assertEqual(out, NOTHING_NEW + ", of which 30 wait for their server; run again to "
                             "send them" + START_OVER)
            self.assertIn(waits.group(), err)
            server.start()
            out, err = self.run_once(pipeline, 0)
            self.assertEqual(out, NOTHING_NEW + ", and 30 that waited for their server were sent" +
                             START_OVER)
            self.assertEqual(sum(server.ids().values()), 30)
            self.assertEqual(self.run_once(pipeline, 0)[0], NOTHING_NEW + START_OVER)

    def test_a_run_waits_for_a_slow_server_longer_than_for_its_daemons(self):
        """Each answer takes eight statuses of the sink, 2 s: less than the patience, and together more."""
        count = 4
        with Server() as server:
            made = {**spilling(server, count, body="each"), "shutdown_timeout": "100ms"}
            with Pipeline(made) as pipeline:
                telemetry = pipeline.telemetry("s1")

                def slowly(_post):
                    for _ in range(8):
                        telemetry.forget()
                        wait_until(telemetry.values, what="a status of the sink")
                    return OK
                server.answer = slowly
                run = Run(pipeline, "--patience", "5s")
                code, out, err = run.end()
                self.assertEqual(code, 0, err)
                self.assertRegex(err, "everything is read; [234] documents wait in spools")
                self.assertIn("spool            spilled =     delivered +    waiting +  refused\n"
                              "s1                     4               4            0          0   ",
                              out)
                self.assertEqual(sum(server.ids().values()), count)

    def test_a_run_does_not_wait_for_a_request_that_is_never_answered(self):
        with Server(lambda post: HANG) as server:
            with Pipeline(spilling(server, 10, timeout="1h")) as pipeline:
                out, err = self.run_once(pipeline, WAITING, "--patience", "1s")
                self.assertIn("no receiver took a document for 1s; what waits stays", err)
                self.assertIn("10 documents in ", out)

    def test_a_run_that_is_stopped_leaves_what_waits(self):
        with Server() as server, Pipeline(spilling(server, 30)) as pipeline:
            server.stop()
            run = Run(pipeline, "--patience", "1h")
            wait_until(lambda: "everything is read; 30 documents wait" in run.text(1),
                       what="a run that waits")
            run.process.send_signal(signal.SIGINT)
            code, out, err = run.end()
            self.assertEqual(code, WAITING, err)
            self.assertIn("stopped; run again to go on\n", out)
            self.assertIn("s1: 30 documents wait in state/s1/http-", err)

    def test_each_refused_document_has_one_dead_letter_whenever_its_sink_is_killed(self):
        for seed in range(SEED, SEED + SEEDS):
            with self.subTest(seed=seed):
                self.kill_sinks(random.Random(seed))

    def kill_sinks(self, chance):
        count = 600
        names = list(generated_ids("p1", count))
        part = chance.choice((2, 7, 1))
        refused = set(names[::part])
        settings = chance.choice(({"body": "each"}, {"batch": {"documents": 7}}))
        connections = chance.choice((1, 2, 5))
        with Server(lambda post: REFUSED if refused & set(post.ids) else OK) as server:
            made = spilling(server, count, connections=connections, **settings)
            with Pipeline(made) as pipeline:
                run = Run(pipeline)
                server.answer, answer = lambda post: (503, {}, b""), server.answer
                # While it spools, with nothing or something of it tried.
                server.wait_for_posts(chance.choice((1, 3)))
                run.kill_sink()
                wait_until(lambda: "everything is read" in run.text(1), what="the last phase")
                for _ in range(3):
                    server.answer = answer
                    least = len(server.posts) + chance.randrange(count // 4)
                    wait_until(lambda end=least: len(server.posts) >= end or
                               run.process.poll() is not None, what="requests")
                    if run.process.poll() is not None:
                        break
                    run.kill_sink()
                code, out, err = run.end()
                self.assertEqual(code, 0, err)
                letters = [name for letter in pipeline.lines("out/s1.dead.ndjson")
                           for name in ids_of(letter["document"].encode())]
                self.assertEqual(len(letters), len(refused))
                self.assertEqual(set(letters), refused)
                self.assertEqual(set(server.ids()), set(names) - refused)
                row = f"{count - len(refused):>13}   {0:>10}   {len(refused):>8}   {server.url}\n"
                self.assertIn(f"s1         {count:>13}   " + row, out)


if __name__ == "__main__":
    print(f"SEED={SEED}")
    sys.exit(unittest.main())

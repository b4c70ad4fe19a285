"""A pipeline file that changes while its pipeline runs: sinks and producers that come and go,
processors that change, files that cannot be used; nothing is lost or doubled by any of it."""
import copy
import json
import os
import re
import signal
import socket
import subprocess
import sys
import unittest

from checker import check
from pipeline import Pipeline, binary, config, free_ports, wait_until

RATE = 1500
NAMES = ("p1", "p2", "p3", "s1", "s2", "s3")


def sections():
    """Two producers of records without end and two sinks, and the addresses of one more of each."""
    addresses = dict(zip(NAMES, (f"tcp://127.0.0.1:{port}" for port in free_ports(len(NAMES)))))
    network = {"producers": {name: addresses[name] for name in ("p1", "p2")},
               "sinks": {name: addresses[name] for name in ("s1", "s2")}}
    return config({"generate": {"count": 0, "rate": RATE}}, network=network,
                  producer={"batch": {"documents": 16}}), addresses


def settled(daemon):
    """How many documents a producer that has ended has settled; nothing is in flight."""
    return int(re.findall(r"(\d+) documents settled: .* 0 in flight", daemon.log())[-1])


def reload(pipeline):
    """docmill reload; gives its exit code and what it printed."""
    program = os.path.join(os.path.dirname(binary("sink")), "docmill")
    done = subprocess.run([program, "reload", "pipeline.yaml"], cwd=pipeline.folder, timeout=60,
                          capture_output=True, text=True, check=False)
    return done.returncode, sorted(done.stdout.splitlines()), done.stderr


class ReloadTest(unittest.TestCase):
    def reloads(self, pipeline, *names):
        self.assertEqual(reload(pipeline), (0, [f"{name}: reloaded" for name in sorted(names)], ""))

    def delivered(self, pipeline, name, more=200):
        telemetry = pipeline.telemetry(name)
        telemetry.forget()
        wait_until(telemetry.values, what=f"telemetry of {name}")
        before = telemetry.get("delivered")
        pipeline.wait_for(name, "delivered", lambda number: number >= before + more)

    def test_sinks_and_producers_come_and_go_while_records_flow(self):
        now, addresses = sections()
        with Pipeline(now) as pipeline:
            for role, name in (("sink", "s1"), ("sink", "s2"), ("transformer", "t1"),
                               ("transformer", "t2"), ("producer", "p1"), ("producer", "p2")):
                pipeline.start(role, name)
            self.delivered(pipeline, "s1")
            # One more of each.
            now["network"]["producers"]["p3"] = addresses["p3"]
            now["network"]["sinks"]["s3"] = addresses["s3"]
            pipeline.write(now)
            pipeline.start("sink", "s3")
            pipeline.start("producer", "p3")
            for name in ("s3", "p3"):
                wait_until(pipeline.telemetry(name).values, what=f"telemetry of {name}")
            self.reloads(pipeline, *NAMES, "t1", "t2")
            self.delivered(pipeline, "s3")
            # One of each retires: the producer finishes what it has begun and ends; the sink gets
            # nothing more.
            now["network"]["producers"]["p1"] = {"address": addresses["p1"], "state": "draining"}
            now["network"]["sinks"]["s1"] = {"address": addresses["s1"], "state": "draining"}
            pipeline.write(now)
            reload(pipeline)  # p1 may end before it is asked again
            retired = pipeline.daemons["p1"]
            self.assertEqual(retired.exit_code(), 0)
            self.assertIn("draining: what was begun or claimed is finished, and nothing more is read",
                          retired.messages())
            held = os.path.getsize(pipeline.path("out/s1.ndjson"))
            self.delivered(pipeline, "s2")
            self.assertEqual(os.path.getsize(pipeline.path("out/s1.ndjson")), held)
            # They are taken out of the file.
            pipeline.daemons["s1"].stop()
            del now["network"]["producers"]["p1"], now["network"]["sinks"]["s1"]
            pipeline.write(now)
            self.reloads(pipeline, "p2", "p3", "s2", "s3", "t1", "t2")
            # Processors that nobody knew when they were started, and the old ones again.
            good = copy.deepcopy(now)
            now["transformer"]["processors"] = ["to_json", {"jq": "error(\"no\")"}]
            pipeline.write(now)
            self.reloads(pipeline, "p2", "p3", "s2", "s3", "t1", "t2")
            pipeline.wait_for("s2", "dead", lambda number: number > 100)
            pipeline.write(good)
            self.reloads(pipeline, "p2", "p3", "s2", "s3", "t1", "t2")
            self.delivered(pipeline, "s2")
            for name in ("p2", "p3"):
                pipeline.daemons[name].stop()
            pipeline.finish()
            done = check([pipeline.path(f"out/s{number}.ndjson") for number in (1, 2, 3)],
                         [pipeline.path(f"out/s{number}.dead.ndjson") for number in (1, 2, 3)],
                         {name: settled(pipeline.daemons[name]) for name in ("p1", "p2", "p3")})
            self.assertEqual(done.problems, [])
            self.assertGreater(sum(done.dead.values()), 100)

    def test_a_file_that_cannot_be_used_changes_nothing_and_the_log_says_why(self):
        now, addresses = sections()
        del now["network"]["producers"]["p2"]
        with Pipeline(now) as pipeline:
            for role, name in (("sink", "s1"), ("sink", "s2"), ("transformer", "t1"),
                               ("producer", "p1")):
                pipeline.start(role, name)
            self.delivered(pipeline, "s1")
            kept = "pipeline.yaml was not taken over; what was read before holds"
            elsewhere = addresses["p3"]
            taken = socket.create_server(("127.0.0.1", int(elsewhere.rsplit(":", 1)[1])))
            self.addCleanup(taken.close)
            for change, texts in (
                    (lambda file: file.update(sinks={}),
                     ["pipeline.yaml:1: sinks: unknown field; did you mean 'sink'?"]),
                    (lambda file: file["network"]["sinks"].pop("s1"),
                     ["pipeline.yaml: no sink is called 's1'; give --name one of the pipeline's "
                      "sinks"]),
                    (lambda file: file.update(state="other"),
                     ["state: expected 'state' as before, found 'other'; to change it, stop the "
                      "daemons, move the folder, and start them again"]),
                    (lambda file: file["network"]["sinks"].update(s1=elsewhere),
                     [f"{elsewhere}: in use by another process; stop it first, or choose another "
                      "address"])):
                sink = pipeline.daemons["s1"]
                before = len(sink.messages("error"))
                file = copy.deepcopy(now)
                change(file)
                pipeline.put("pipeline.yaml", json.dumps(file) + "\n")
                sink.send(signal.SIGHUP)
                wait_until(lambda: kept in sink.messages("error")[before:],
                           what="the end of the reload")
                self.assertEqual(sink.messages("error")[before:], [*texts, kept])
                self.delivered(pipeline, "s1")
            pipeline.put("pipeline.yaml", "pipeline: [\n")
            code, out, errors = reload(pipeline)
            self.assertEqual((code, out), (78, []))
            self.assertIn("pipeline.yaml:", errors)
            pipeline.write(now)
            self.reloads(pipeline, "p1", "s1", "s2", "t1")
            pipeline.daemons["p1"].stop()
            pipeline.finish()
            done = check([pipeline.path(f"out/s{number}.ndjson") for number in (1, 2)],
                         [pipeline.path(f"out/s{number}.dead.ndjson") for number in (1, 2)],
                         {"p1": settled(pipeline.daemons["p1"])})
            self.assertEqual(done.problems, [])
            code, out, errors = reload(pipeline)
            self.assertEqual((code, out, errors), (69, [], "pipeline.yaml: no daemon of this "
                             "pipeline runs here, by state/sockets; nothing was told\n"))

    def test_a_reload_never_ends_a_daemon_also_when_neither_file_can_be_opened(self):
        sections_, _ = sections()
        with Pipeline(sections_ | {"security": {"curve": {"keys": "keys"}}}) as pipeline:
            program = os.path.join(os.path.dirname(binary("sink")), "docmill")
            subprocess.run([program, "keygen", "p1", "p2", "s1", "s2", "t1"], cwd=pipeline.folder,
                           check=True, capture_output=True)
            daemons = [pipeline.start(role, name) for role, name in (
                ("sink", "s1"), ("sink", "s2"), ("transformer", "t1"), ("producer", "p1"))]
            self.delivered(pipeline, "s1")
            for daemon in (daemons[0], daemons[2], daemons[3]):
                path = pipeline.path(f"keys/{daemon.name}.secret")
                with open(path, encoding="ascii") as file:
                    key = file.read()
                pipeline.put(f"keys/{daemon.name}.secret", "not a key\n")
                daemon.send(signal.SIGHUP)
                daemon.says("retry in 2s")
                pipeline.put(f"keys/{daemon.name}.secret", key)
                daemon.says("pipeline.yaml was taken over")
                self.assertTrue(daemon.running())
                self.delivered(pipeline, "s1")


if __name__ == "__main__":
    sys.exit(unittest.main())

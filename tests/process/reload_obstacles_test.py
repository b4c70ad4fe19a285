"""docmill reload when a daemon does not answer, runs in another PID namespace, or cannot have its new
address: it says which one, exits with 69, and leaves no sink behind."""
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import unittest

from pipeline import Pipeline, binary, config, free_ports, wait_until

UNAVAILABLE = 69
PROGRAM = os.path.join(os.path.dirname(binary("sink")), "docmill")
SILENT = "but has not reported anything for 10s; see its log, and reload again"
ELSEWHERE = "runs in another PID namespace; reload it there: send SIGHUP to its process"
NAMESPACE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


def sections(output="out/old.ndjson", **more):
    return config({"lines": {"path": "in/*", "watch": True}}, processors=[], producer={"batch": {"documents": 1}},
                  sink={"outputs": [{"ndjson": {"path": output}}]}, **more)


def reload(pipeline, *wrapper):
    """Gives the exit code and the line of each daemon."""
    done = subprocess.run([*wrapper, PROGRAM, "reload", "pipeline.yaml"], cwd=pipeline.folder, timeout=90,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def refused(name, *others):
    return [f"{other}: not told; {name} must take the file over first" for other in others]


def reloaded(*names):
    return [f"{name}: reloaded" for name in names]


class ObstaclesTest(unittest.TestCase):
    def begin(self, pipeline, wrapper=()):
        os.makedirs(pipeline.path("in"), exist_ok=True)
        for role, name in (("sink", "s1"), ("transformer", "t1"), ("producer", "p1")):
            pipeline.start(role, name, wrapper)
        self.deliver(pipeline, 1)

    def deliver(self, pipeline, number, daemon="p1"):
        pipeline.put(f"in/{number}", f'{{"n":{number}}}\n')
        pipeline.wait_for(daemon, "delivered", lambda value: value == number)

    def end(self, pipeline):
        pipeline.daemons["p1"].stop()
        pipeline.finish()

    def test_a_sink_that_stands_still_is_not_skipped_and_nobody_is_told(self):
        with Pipeline(sections()) as pipeline:
            self.begin(pipeline)
            pipeline.write(sections("out/new.ndjson"))
            pipeline.daemons["s1"].send(signal.SIGSTOP)
            self.assertEqual(reload(pipeline),
                             (UNAVAILABLE, [f"s1: runs, {SILENT}", *refused("s1", "t1", "p1")]))
            pipeline.daemons["s1"].send(signal.SIGCONT)
            self.assertEqual(reload(pipeline), (0, reloaded("s1", "t1", "p1")))
            self.deliver(pipeline, 2)
            self.end(pipeline)
            self.assertEqual(pipeline.lines("out/new.ndjson"), [{"n": 2}])

    def test_a_producer_that_stands_still_is_named_and_the_others_are_told(self):
        with Pipeline(sections()) as pipeline:
            self.begin(pipeline)
            pipeline.daemons["p1"].send(signal.SIGSTOP)
            self.assertEqual(reload(pipeline),
                             (UNAVAILABLE, [*reloaded("s1", "t1"), f"p1: runs, {SILENT}"]))
            pipeline.daemons["p1"].send(signal.SIGCONT)
            self.end(pipeline)

    def test_a_sink_that_waits_to_begin_is_not_skipped(self):
        outputs = [{"sqlite": {"path": "out/a.db", "table": "t", "columns": {"n": "/n"}}}]
        before = sections() | {"sink": {"outputs": outputs}}
        after = sections() | {"sink": {"outputs": [*outputs, {"ndjson": {"path": "out/new.ndjson"}}]}}
        with Pipeline(before) as pipeline:
            os.makedirs(pipeline.path("out"))
            self.begin(pipeline)
            pipeline.daemons["s1"].stop()
            other = sqlite3.connect(pipeline.path("out/a.db"), isolation_level=None)
            self.addCleanup(other.close)
            other.execute("BEGIN EXCLUSIVE")
            pipeline.start("sink", "s1").says("retry in 2s")
            pipeline.write(after)
            self.assertEqual(reload(pipeline), (UNAVAILABLE, [f"s1: has its state folder locked, {SILENT}",
                                                              *refused("s1", "t1", "p1")]))
            other.execute("ROLLBACK")
            wait_until(pipeline.telemetry("s1").values, what="telemetry of s1")
            self.assertEqual(reload(pipeline), (0, reloaded("s1", "t1", "p1")))
            self.deliver(pipeline, 2)
            self.end(pipeline)
            self.assertEqual(pipeline.lines("out/new.ndjson"), [{"n": 2}])

    @unittest.skipIf(os.geteuid() != 0, "PID namespaces need root")
    def test_a_daemon_in_another_pid_namespace_is_named_and_no_other_process_is_told(self):
        with Pipeline(sections()) as pipeline:
            self.begin(pipeline, NAMESPACE)
            unshare = pipeline.daemons["p1"].process.pid
            with open(f"/proc/{unshare}/task/{unshare}/children", encoding="ascii") as file:
                inside = ("nsenter", "-t", file.read().split()[0], "-p", "-m", f"--wd={pipeline.folder}")
            self.assertEqual(reload(pipeline, *inside), (UNAVAILABLE, [
                f"s1: {ELSEWHERE}", f"t1: {ELSEWHERE}", *refused("s1", "p1")]))
            for name in ("s1", "t1", "p1"):
                self.assertNotIn("is read again", pipeline.daemons[name].log())
            # From the outer namespace all of them can be seen.
            pipeline.write(sections("out/new.ndjson"))
            self.assertEqual(reload(pipeline), (0, reloaded("s1", "t1", "p1")))
            self.deliver(pipeline, 2)


class AddressesTest(unittest.TestCase):
    """Daemons that get other addresses: either all of them can have them, or nobody is told."""

    def begin(self, pipeline):
        os.makedirs(pipeline.path("in"), exist_ok=True)
        for name in self.names:
            pipeline.start({"s": "sink", "t": "transformer", "p": "producer"}[name[0]], name)
        self.deliver(pipeline, 1)

    def deliver(self, pipeline, number):
        pipeline.put(f"in/{number}.p1", f'{{"n":{number}}}\n')
        pipeline.wait_for("p1", "delivered", lambda value: value == number)

    def network(self, addresses):
        return config({"lines": {"path": "in/*.{producer}", "watch": True}}, processors=[],
                      producer={"batch": {"documents": 1}},
                      network={"producers": {name: address for name, address in addresses.items() if name[0] == "p"},
                               "sinks": {name: address for name, address in addresses.items() if name[0] == "s"}})

    def check_refused(self, change, lines):
        """A reload by `addresses | change` gives these lines and changes nothing."""
        with Pipeline(self.network(self.addresses)) as pipeline:
            self.begin(pipeline)
            pipeline.write(self.network(self.addresses | change))
            self.assertEqual(reload(pipeline), (UNAVAILABLE, lines))
            self.deliver(pipeline, 2)
            for name in self.names:
                self.assertNotIn("is read again", pipeline.daemons[name].log())

    def setUp(self):
        self.names = ["s1", "s2", "t1", "p1", "p2"]
        used = ("s1", "s2", "p1", "p2", "a", "b")
        every = dict(zip(used, (f"tcp://127.0.0.1:{port}" for port in free_ports(len(used)))))
        self.addresses = {name: every[name] for name in used[:4]}
        self.free = (every["a"], every["b"])

    def test_two_producers_cannot_exchange_their_addresses(self):
        one, two = self.addresses["p1"], self.addresses["p2"]
        cannot = "cannot move: {}: expected a free address, got that of {}; stop both, then start them with this file"
        self.check_refused({"p1": two, "p2": one}, [
            *refused("p1", "s1", "s2", "t1"), f"p1: {cannot.format(two, 'p2')}", f"p2: {cannot.format(one, 'p1')}"])

    def test_a_sink_whose_new_address_is_in_use_keeps_all_others_where_they_are(self):
        free, taken = self.free
        with socket.create_server(("127.0.0.1", int(taken.rsplit(":", 1)[1]))):
            self.check_refused({"s1": free, "s2": taken}, [
                *refused("s2", "s1"), f"s2: cannot move: {taken}: in use by another process; stop it first, or choose "
                "another address", *refused("s2", "t1", "p1", "p2")])

    def test_a_producer_that_cannot_bind_its_new_address_keeps_all_others_where_they_are(self):
        taken = self.free[0]
        with socket.create_server(("127.0.0.1", int(taken.rsplit(":", 1)[1]))):
            self.check_refused({"p1": taken}, [
                *refused("p1", "s1", "s2", "t1"), f"p1: cannot move: {taken}: in use by another process; stop it "
                "first, or choose another address", *refused("p1", "p2")])

    def test_a_sink_may_have_the_address_that_another_one_leaves_before(self):
        with Pipeline(self.network(self.addresses)) as pipeline:
            self.begin(pipeline)
            pipeline.write(self.network(self.addresses | {"s1": self.free[0], "s2": self.addresses["s1"]}))
            self.assertEqual(reload(pipeline), (0, reloaded(*self.names)))
            self.deliver(pipeline, 2)

    def test_a_daemon_whose_address_is_written_otherwise_keeps_its_port(self):
        by_name = {name: address.replace("127.0.0.1", "localhost") for name, address in self.addresses.items()}
        with Pipeline(self.network(self.addresses)) as pipeline:
            self.begin(pipeline)
            for number, addresses in ((2, by_name), (3, self.addresses)):
                pipeline.write(self.network(addresses))
                self.assertEqual(reload(pipeline), (0, reloaded(*self.names)))
                self.deliver(pipeline, number)

    def test_an_address_of_another_daemon_is_not_free_under_another_name(self):
        two = self.addresses["p2"].replace("127.0.0.1", "localhost")
        self.check_refused({"p1": two}, [
            *refused("p1", "s1", "s2", "t1"), f"p1: cannot move: {two}: expected a free address, got that of p2; stop "
            "both, then start them with this file", *refused("p1", "p2")])


if __name__ == "__main__":
    sys.exit(unittest.main())

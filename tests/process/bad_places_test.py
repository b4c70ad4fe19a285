"""Folders, disks and addresses that cannot be used: what is said, word for word, with which exit
code, and that a full disk is waited out."""
import http.client
import os
import signal
import subprocess
import sys
import unittest

from checker import check
from pipeline import PATIENCE, Pipeline, as_yaml, binary, config, free_ports, wait_until


class SmallDisk:
    """A small file system in a folder; only root can make one."""

    def __init__(self, folder, size="1M"):
        self.folder = folder
        os.makedirs(folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "docmill-test", folder],
                       check=True)

    def fill(self, name="others"):
        """Another program takes all the room there is."""
        with open(os.path.join(self.folder, name), "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass

    def grow(self):
        subprocess.run(["mount", "-o", "remount,size=64M", self.folder], check=True)

    def close(self):
        subprocess.run(["umount", "-l", self.folder], check=True)


def child_of(run, name):
    """The process of that daemon of a run; none while it has not started."""
    with open(f"/proc/{run.pid}/task/{run.pid}/children", encoding="ascii") as file:
        for process in file.read().split():
            with open(f"/proc/{process}/cmdline", encoding="utf-8") as line:
                if name in line.read().split("\0"):
                    return int(process)
    return None


class BadPlacesTest(unittest.TestCase):
    maxDiff = None

    def test_a_sink_below_a_plain_file_does_not_start(self):
        with Pipeline(config({"generate": 1})) as pipeline:
            pipeline.put("out", "a plain file")
            sink = pipeline.start("sink", "s1")
            self.assertEqual((sink.exit_code(), sink.messages()), (
                78, ["out: create folder: not a directory; let this user write there, or name "
                     "another folder"]))

    def test_a_transformer_with_a_name_that_no_socket_can_have_does_not_start(self):
        with Pipeline(config({"generate": 1})) as pipeline:
            os.makedirs(pipeline.path("a"))  # for the log that the test keeps of a/b
            for name in ("", "a/b", 'a"b', "a" * 65):
                transformer = pipeline.start("transformer", name)
                self.assertEqual(transformer.exit_code(), 64)
                self.assertIn("--name: expected 1 to 64 of a-z, A-Z, 0-9, '-', '_' and '.', "
                              f"found '{name}'", transformer.log())
            pipeline.start("transformer", "Web-1.example.com").says("ready with")

    def test_a_second_daemon_on_a_state_folder_does_not_start(self):
        with Pipeline(config({"generate": 0})) as pipeline:
            for role, name in (("producer", "p1"), ("sink", "s1")):
                first = pipeline.start(role, name)
                first.says("ready at" if role == "sink" else "run 1 of epoch")
                second = pipeline.start(role, name)
                self.assertEqual((second.exit_code(), second.messages("error")), (
                    78, [f"state/{name}: in use by process {first.process.pid}; stop it first, or "
                         "give this daemon another name"]))
                self.assertTrue(first.running())

    def test_a_second_producer_of_a_name_does_not_start_at_the_same_address(self):
        for address in (f"tcp://127.0.0.1:{free_ports(1)[0]}", "ipc://p1.control"):
            with self.subTest(address):
                sections = config({"generate": 0}, network={
                    "producers": {"p1": address}, "sinks": {"s1": "ipc://s1.data"}})
                with Pipeline(sections) as pipeline:
                    pipeline.start("producer", "p1").says("run 1 of epoch")
                    pipeline.put("other.yaml", as_yaml({**sections, "state": "other"}))
                    second = pipeline.start("producer", "p1", file="other.yaml")
                    self.assertEqual((second.exit_code(), second.messages()), (
                        69, [f"{address}: in use by another process; stop it first, or choose "
                             "another address"]))

    def test_two_producers_of_a_name_at_two_addresses_are_told_by_the_sink(self):
        def sections(state):
            return config({"generate": {"count": 0, "rate": 100}}, state=state, network={
                "producers": {"p1": f"ipc://{state}.control"}, "sinks": {"s1": "ipc://s1.data"}})
        with Pipeline(sections("state")) as pipeline:
            pipeline.put("other.yaml", as_yaml(sections("other")))
            pipeline.start_all()
            pipeline.start("transformer", "t2", file="other.yaml")
            sink = pipeline.daemons["s1"]
            pipeline.wait_for("s1", "delivered", lambda documents: documents > 0)
            pipeline.start("producer", "p1", file="other.yaml")
            sink.says("refused p1")
            self.assertRegex(sink.messages("warning")[0], "^refused p1: epoch [0-9a-f]{16} of p1 is closed: "
                             "epoch [0-9a-f]{16} was begun later; what is still on its way of the old one is "
                             "dropped; stop the producer that has it, or, if there is no other and a clock was "
                             "ahead, start it with --fresh after [-0-9]{10}T[:0-9]{8}Z$")

    def test_a_wrong_pipeline_file_is_refused_with_all_findings(self):
        sections = config({"generate": {"cuont": 1}}, transformer={"workers": 0})
        with Pipeline(sections) as pipeline:
            unknown = "pipeline.yaml:7: producer.source.generate.cuont: unknown field; did you " \
                      "mean 'count'?"
            too_few = "pipeline.yaml:15: transformer.workers: must be at least 1, got '0'"
            # A daemon knows its own components only.
            for role, name, findings in (("producer", "p1", [unknown, too_few]),
                                         ("transformer", "t1", [too_few]),
                                         ("sink", "s1", [too_few])):
                daemon = pipeline.start(role, name)
                self.assertEqual((daemon.exit_code(), daemon.log().splitlines()), (78, findings))

    @unittest.skipIf(os.geteuid() != 0, "only root can make a small disk")
    def test_an_output_on_a_full_disk_is_waited_out(self):
        with Pipeline(config({"generate": 5000})) as pipeline:
            disk = SmallDisk(pipeline.path("out"))
            try:
                pipeline.start_all()
                sink = pipeline.daemons["s1"]
                sink.says("no space left on device; ")
                self.assertRegex(sink.messages("warning")[0], r"^out/s1\.ndjson: append \d+ bytes: "
                                 "no space left on device; retry in 2s$")
                self.finish_with_room(pipeline, disk, 5000)
            finally:
                disk.close()

    @unittest.skipIf(os.geteuid() != 0, "only root can make a small disk")
    def test_a_full_disk_of_the_state_stops_no_commit(self):
        with Pipeline(config({"generate": {"count": 5000, "rate": 2000}})) as pipeline:
            disk = SmallDisk(pipeline.path("state"))
            try:
                pipeline.start_all()
                pipeline.wait_for("s1", "delivered", lambda documents: documents > 0)
                disk.fill()
                self.finish(pipeline, 5000)
            finally:
                disk.close()

    @unittest.skipIf(os.geteuid() != 0, "only root can make a small disk")
    def test_a_spool_on_a_full_disk_gives_back_what_is_settled_when_others_take_the_last_bytes(self):
        port = free_ports(1)[0]

        def post(number):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            try:
                connection.request("POST", "/documents", '{"n":%d,"pad":"%s"}' % (number, "x" * 32000),
                                   {"Content-Type": "application/json"})
                return connection.getresponse().status
            except OSError:
                return 0
            finally:
                connection.close()

        with Pipeline(config({"http": {"bind": f"127.0.0.1:{port}"}})) as pipeline:
            disk = SmallDisk(pipeline.path("state"), "12M")
            try:
                os.makedirs(pipeline.path("elsewhere"), mode=0o700)
                os.symlink(pipeline.path("elsewhere"), pipeline.path("state/s1"))
                pipeline.start("transformer", "t1")
                p1 = pipeline.start("producer", "p1")
                wait_until(lambda: post(0) == 202, what="a producer that listens")
                kept = 1
                while post(kept) == 202:
                    kept += 1
                p1.says("no space left on device; ")
                disk.fill()
                pipeline.start("sink", "s1")
                pipeline.wait_for("p1", "delivered", lambda documents: documents >= kept)
                wait_until(lambda: post(kept) == 202, what="room for another document")
                wait_until(lambda: os.path.exists(pipeline.path("state/p1/reserve")),
                           what="the reserve again")
            finally:
                disk.close()

    @unittest.skipIf(os.geteuid() != 0, "only root can make a small disk")
    def test_a_full_inbox_on_the_disk_of_the_state_is_emptied_also_by_a_producer_that_was_killed(self):
        inbox = {"path": "state/in/*.json", "watch": True, "when_done": "delete"}
        with Pipeline(config({"files": inbox})) as pipeline:
            disk = SmallDisk(pipeline.path("state"), "4M")
            try:
                os.makedirs(pipeline.path("elsewhere"), mode=0o700)
                os.symlink(pipeline.path("elsewhere"), pipeline.path("state/s1"))
                os.makedirs(pipeline.path("state/in"))
                pipeline.start("transformer", "t1")
                p1 = pipeline.start("producer", "p1")
                wait_until(lambda: os.path.exists(pipeline.path("state/p1/reserve")), what="the reserve")
                for number in range(300):
                    pipeline.put(f"state/new.{number}", '{"n":%d,"pad":"%s"}' % (number, "x" * 4000))
                    os.rename(pipeline.path(f"state/new.{number}"), pipeline.path(f"state/in/{number}.json"))
                pipeline.wait_for("p1", "read", lambda documents: documents > 0)
                disk.fill()
                p1.kill()
                disk.fill("more")
                pipeline.start("producer", "p1")
                pipeline.start("sink", "s1")
                wait_until(lambda: not os.listdir(pipeline.path("state/in")), what="an empty inbox")
                self.assertEqual(len(pipeline.lines("out/s1.ndjson")), 300)
            finally:
                disk.close()

    @unittest.skipIf(os.geteuid() != 0, "only root can make a small disk")
    def test_a_first_start_on_a_full_disk_is_waited_out(self):
        for place in ("state", "out"):
            with self.subTest(place), Pipeline(config({"generate": 500})) as pipeline:
                disk = SmallDisk(pipeline.path(place))
                try:
                    disk.fill()
                    pipeline.start("sink", "s1")
                    pipeline.start("producer", "p1")
                    pipeline.start("transformer", "t1")
                    wait_until(lambda: self.warnings(pipeline), what="a daemon that waits for room")
                    for text in self.warnings(pipeline):
                        self.assertRegex(text, "^(state|out)/.*: no space left on device; retry in 2s$")
                    self.finish_with_room(pipeline, disk, 500)
                finally:
                    disk.close()

    @unittest.skipIf(os.geteuid() != 0, "only root can make a small disk")
    def test_a_run_whose_logs_have_no_room_starts_a_killed_producer_again_and_ends_with_room(self):
        with Pipeline(config({"generate": 500})) as pipeline:
            disk = SmallDisk(pipeline.path("state"), size="8k")  # the locks
            run = None
            try:
                said = pipeline.path("said")
                program = os.path.join(os.path.dirname(binary("sink")), "docmill")
                with open(said, "wb") as errors:
                    run = subprocess.Popen([program, "run", "pipeline.yaml"], cwd=pipeline.folder,
                                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                           stderr=errors)

                def lines():
                    with open(said, encoding="utf-8") as file:
                        return file.read().splitlines()
                # It waits for room until it is killed.
                producer = wait_until(lambda: child_of(run, "p1"), what="p1")
                wait_until(lambda: os.path.exists(pipeline.path("state/p1/lock")), what="the lock of p1")
                os.kill(producer, signal.SIGKILL)
                again = "p1 was killed by signal 9; started again"
                wait_until(lambda: again in lines(), what="the first end of p1")
                disk.grow()
                self.assertEqual(run.wait(PATIENCE), 0)
                self.assertEqual(len(pipeline.lines("out/s1.ndjson")), 500)
            finally:
                if run:
                    run.kill()
                    run.wait()
                disk.close()

    @unittest.skipIf(os.geteuid() != 0, "only root can mount a file system")
    def test_a_disk_that_is_only_read_is_called_so(self):
        with Pipeline(config({"generate": 1})) as pipeline:
            disk = SmallDisk(pipeline.path("state"))
            try:
                subprocess.run(["mount", "-o", "remount,ro", disk.folder], check=True)
                sink = pipeline.start("sink", "s1")
                self.assertEqual((sink.exit_code(), sink.messages()), (
                    78, ["state/s1: create folder: read-only file system; let this user write there, "
                         "or name another folder"]))
            finally:
                disk.close()

    def warnings(self, pipeline):
        return {text for name in ("s1", "p1") for text in pipeline.daemons[name].messages("warning")}

    def finish_with_room(self, pipeline, disk, count):
        self.assertTrue(all(daemon.running() for daemon in pipeline.daemons.values()))
        disk.grow()
        self.finish(pipeline, count)

    def finish(self, pipeline, count):
        pipeline.finish()
        done = check([pipeline.path("out/s1.ndjson")], [pipeline.path("out/s1.dead.ndjson")],
                     {"p1": count})
        self.assertEqual(done.problems, [])


if __name__ == "__main__":
    sys.exit(unittest.main())

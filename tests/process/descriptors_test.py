"""Descriptors that run out while a daemon works: it waits, says so, loses nothing, and goes on when
there are some again. Each output that opens files while it runs; each source that does."""
import contextlib
import http.client
import json
import os
import resource
import signal
import sqlite3
import sys
import unittest

from file_outputs_test import ids_in
from checker import check_ids
from pipeline import PATIENCE, Pipeline, config, free_ports, wait_until

COUNT = 12_000
NO_MORE = "too many open files; retry in 2s"
ROTATE = {"size": "32KiB"}
OUTPUTS = [
    {"ndjson": {"path": "out/lines.ndjson", "rotate": ROTATE, "compress": "zstd"}},
    {"json": {"path": "out/array.json", "rotate": ROTATE}},
    {"xml": {"path": "out/records.xml", "rotate": ROTATE}},
    {"documents": {"path": "out/each/{producer}/{sequence}-{index}.xml"}},
    {"sqlite": {"path": "out/rows.db", "table": "books",
                "columns": {"id": "/record/@id", "document": "$document"}}},
]


@contextlib.contextmanager
def no_descriptors(daemon, but=0):
    """The daemon can open nothing meanwhile, or only so many files."""
    before = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
    most = len(os.listdir(f"/proc/{daemon.process.pid}/fd")) + but if but else 3
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (most, before[1]))
    try:
        yield
    finally:
        if daemon.running():
            resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, before)


def waits(daemon):
    wait_until(lambda: NO_MORE in daemon.log() or not daemon.running(), what="a daemon that waits")
    assert daemon.running(), f"{daemon.name} ended with {daemon.process.returncode}:\n{daemon.log()}"


class OutputsTest(unittest.TestCase):
    def ids(self, pipeline, kind):
        if kind == "sqlite":
            connection = sqlite3.connect(pipeline.path("out/rows.db"))
            try:
                rows = connection.execute("SELECT id, count(*) FROM books GROUP BY id").fetchall()
            finally:
                connection.close()
            return dict(rows)
        files = [os.path.join(folder, name)
                 for folder, _, names in os.walk(pipeline.path("out")) for name in names
                 if "/.docmill-s1" not in folder]
        self.assertFalse([path for path in files if path.endswith(".open")])
        return ids_in(files)

    def test_each_output_waits_for_descriptors_and_then_has_every_record_once(self):
        for output in OUTPUTS:
            (kind, _), = output.items()
            sections = config({"generate": {"count": COUNT, "rate": 4000}},
                              ("to_json",) if kind == "sqlite" else (),
                              producer={"batch": {"documents": 64}},
                              sink={"outputs": [output], "dead_letters": "dead.ndjson"})
            with self.subTest(kind), Pipeline(sections) as pipeline:
                pipeline.start_all()
                sink = pipeline.daemons["s1"]
                pipeline.wait_for("s1", "delivered", lambda number: number > 500)
                for _ in range(2):
                    said = sink.log().count(NO_MORE)
                    with no_descriptors(sink):
                        wait_until(lambda said=said: sink.log().count(NO_MORE) > said or
                                   not sink.running() or not pipeline.daemons["p1"].running(),
                                   what="a sink that waits")
                    self.assertTrue(sink.running(), sink.log())
                self.assertIn(NO_MORE, sink.log())
                pipeline.finish()
                self.assertEqual(check_ids(self.ids(pipeline, kind), {"p1": COUNT}), [])
                self.assertEqual(os.path.getsize(pipeline.path("dead.ndjson")), 0)


class ReloadTest(unittest.TestCase):
    def test_each_daemon_survives_a_reload_without_descriptors_and_takes_the_file_over_later(self):
        with Pipeline(config({"generate": {"count": 0, "rate": 500}})) as pipeline:
            pipeline.start_all()
            for name in ("p1", "t1", "s1"):
                # When every link stands: libzmq aborts where it cannot accept on a Unix socket.
                before = pipeline.wait_for("s1", "delivered", lambda number: number >= 0)
                pipeline.wait_for("s1", "delivered",
                                  lambda number, least=before + 300: number > least)
                daemon = pipeline.daemons[name]
                with no_descriptors(daemon, but=2):  # enough to read the pipeline file
                    daemon.send(signal.SIGHUP)
                    wait_until(lambda daemon=daemon: not daemon.running() or
                               "; retry in 2s" in daemon.log(),
                               what=f"{name}, which waits")
                    self.assertTrue(daemon.running(), daemon.log())
                wait_until(lambda daemon=daemon: not daemon.running() or
                           "pipeline.yaml was taken over" in daemon.messages(),
                           what=f"the reload of {name}")
                self.assertTrue(daemon.running(), daemon.log())
                self.assertNotIn("was not taken over", daemon.log())
            pipeline.telemetry("s1").forget()
            before = pipeline.wait_for("s1", "delivered", lambda number: number >= 0)
            pipeline.wait_for("s1", "delivered", lambda number, least=before + 300: number > least)
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()


class SourcesTest(unittest.TestCase):
    def numbers(self, pipeline):
        self.assertEqual(os.path.getsize(pipeline.path("out/s1.dead.ndjson")), 0)
        return sorted(line["number"] for line in pipeline.lines("out/s1.ndjson"))

    def test_files_that_cannot_be_opened_for_now_are_read_later_and_none_is_a_dead_letter(self):
        for source in ({"lines": {"path": "in/*.ndjson", "watch": True}},
                       {"files": {"path": "in/*.ndjson", "watch": True, "when_done": "delete"}}):
            with self.subTest(source), Pipeline(config(source, processors=())) as pipeline:
                pipeline.put("in/0.ndjson", '{"number":0}\n')
                pipeline.start_all()
                producer = pipeline.daemons["p1"]
                pipeline.wait_for("s1", "delivered", lambda number: number == 1)
                with no_descriptors(producer):
                    for number in range(1, 20):
                        pipeline.put(f"in/{number}.ndjson", '{"number":%d}\n' % number)
                    wait_until(lambda: "too many open files" in producer.log() or
                               not producer.running(), what="a producer that waits")
                    self.assertTrue(producer.running(), producer.log())
                pipeline.wait_for("s1", "delivered", lambda number: number == 20)
                if "files" in source:
                    wait_until(lambda: not os.listdir(pipeline.path("in")), what="an empty folder")
                for name in ("p1", "t1", "s1"):
                    pipeline.daemons[name].stop()
                self.assertEqual(self.numbers(pipeline), list(range(20)))

    def test_a_spool_that_cannot_begin_its_next_segment_goes_on_with_the_one_it_has(self):
        port = free_ports(1)[0]
        sections = config({"http": {"bind": f"127.0.0.1:{port}", "spool": "4MiB"}}, processors=(),
                          producer={"batch": {"documents": 16}}, limits={"document": "2MiB"})
        with Pipeline(sections) as pipeline:
            pipeline.start_all()
            producer = pipeline.daemons["p1"]
            producer.says("run 1 of epoch")
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            posted = 0

            def post(until):
                nonlocal posted
                while posted < until:
                    body = json.dumps({"number": posted, "text": "x" * 100_000})
                    connection.request("POST", "/documents", body,
                                       {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                    answer.read()
                    self.assertIn(answer.status, (202, 429, 503), producer.log())
                    posted += answer.status == 202
            post(1)
            # When every link stands: libzmq aborts where it cannot accept on a Unix socket.
            pipeline.wait_for("s1", "delivered", lambda number: number == 1)
            with no_descriptors(producer):
                post(30)  # segments are 1 MiB
            post(60)
            connection.close()
            pipeline.wait_for("s1", "delivered", lambda number: number == 60)
            self.assertTrue(producer.running(), producer.log())
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            self.assertEqual(self.numbers(pipeline), list(range(60)))

    def test_a_followed_file_that_is_rotated_meanwhile_is_read_to_its_end(self):
        with Pipeline(config({"follow": {"path": "log"}}, processors=())) as pipeline:
            pipeline.put("log", '{"number":0}\n')
            pipeline.start_all()
            producer = pipeline.daemons["p1"]
            pipeline.wait_for("s1", "delivered", lambda number: number == 1)
            with no_descriptors(producer):
                for number in range(1, 4):
                    os.rename(pipeline.path("log"), pipeline.path(f"log.{number}"))
                    pipeline.put("log", '{"number":%d}\n' % number)
                wait_until(lambda: "too many open files" in producer.log() or
                           not producer.running(), what="a producer that waits")
                self.assertTrue(producer.running(), producer.log())
            pipeline.wait_for("s1", "delivered", lambda number: number == 4)
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            self.assertEqual(self.numbers(pipeline), list(range(4)))


if __name__ == "__main__":
    sys.exit(unittest.main())

"""A pipeline file that names another kind of source while it runs: what the former one has taken in
is given out, then the other one begins; also when the producer is killed at any time."""
import json
import os
import unittest

import zmq

from pipeline import Pipeline, config, free_ports, wait_until
from reload_test import reload

COUNT = 300


class ChangedSourceTest(unittest.TestCase):
    def sections(self, source):
        return config(source, producer={"batch": {"documents": 16}})

    def send(self, pipeline, port):
        socket = pipeline.context.socket(zmq.PUSH)
        socket.connect(f"tcp://127.0.0.1:{port}")
        for number in range(COUNT):
            socket.send(b'{"old":%d}' % number)
        socket.close(60000)

    def records(self, pipeline):
        if not os.path.exists(pipeline.path("out/s1.ndjson")):
            return []  # the sink has not started yet
        with open(pipeline.path("out/s1.ndjson"), encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def files(self, pipeline):
        pipeline.put("in/a.ndjson", "".join('{"new":%d}\n' % n for n in range(COUNT)))
        return self.sections({"lines": {"path": "in/*.ndjson", "watch": True}})

    def check(self, pipeline):
        wait_until(lambda: len(self.records(pipeline)) >= 2 * COUNT, what="all records")
        for name in ("p1", "t1", "s1"):
            pipeline.daemons[name].stop()
        records = self.records(pipeline)
        self.assertEqual(sorted(r["old"] for r in records if "old" in r), list(range(COUNT)))
        self.assertEqual(sorted(r["new"] for r in records if "new" in r), list(range(COUNT)))

    def test_a_reload_and_a_crash_behind_it(self):
        port = free_ports(1)[0]
        with Pipeline(self.sections({"zmq": {"type": "pull",
                                             "bind": f"tcp://127.0.0.1:{port}"}})) as pipeline:
            pipeline.start_all()
            self.send(pipeline, port)
            wait_until(lambda: len(self.records(pipeline)) == COUNT, what="the old records")
            pipeline.write(self.files(pipeline))
            code, said, errors = reload(pipeline)
            self.assertEqual((code, errors), (0, ""), said)
            pipeline.daemons["p1"].kill()
            pipeline.start("producer", "p1")
            self.check(pipeline)

    def test_what_waits_in_the_spool_comes_first_whenever_the_producer_is_killed(self):
        port = free_ports(1)[0]
        with Pipeline(self.sections({"zmq": {"type": "pull",
                                             "bind": f"tcp://127.0.0.1:{port}"}})) as pipeline:
            # Nothing is transformed yet, so that all of it is in the spool when the source changes.
            pipeline.start("sink", "s1")
            pipeline.start("producer", "p1")
            self.send(pipeline, port)
            pipeline.wait_for("p1", "read", lambda number: number >= COUNT)
            pipeline.daemons["p1"].kill()
            pipeline.write(self.files(pipeline))
            pipeline.start("transformer", "t1")
            for life in range(5):
                pipeline.start("producer", "p1")
                wait_until(lambda: len(self.records(pipeline)) >= life * 60, what="progress")
                pipeline.daemons["p1"].kill()
            pipeline.start("producer", "p1")
            self.check(pipeline)


if __name__ == "__main__":
    unittest.main()

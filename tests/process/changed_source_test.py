"""A pipeline file that names another kind of source while it runs: what the former one has taken in
is given out, then the other one begins; also when the producer is killed at any time."""
import http.client
import json
import os
import signal
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

    def post(self, port, document):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("POST", "/documents", document, {"Content-Type": "application/json"})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def test_clients_are_served_after_a_change_of_a_setting_while_the_sink_is_away(self):
        port = free_ports(1)[0]
        source = {"bind": f"127.0.0.1:{port}", "spool": "100MiB"}
        window = {"batch": {"documents": 4}, "window": {"batches": 4}}
        with Pipeline(config({"http": source}, producer=window)) as pipeline:
            pipeline.start("transformer", "t1")
            p1 = pipeline.start("producer", "p1")
            sent = 0
            wait_until(lambda: self.post(port, '{"old":0}') == 202, what="a producer that listens")
            for sent in range(1, 40):
                self.assertEqual(self.post(port, f'{{"old":{sent}}}'), 202)
            pipeline.wait_for("p1", "window_batches", lambda number: number == 4)
            for size, change in (("200MiB", lambda: p1.send(signal.SIGHUP)), ("300MiB", p1.kill)):
                pipeline.write(config({"http": source | {"spool": size}}, producer=window))
                change()
                if not p1.running():
                    p1 = pipeline.start("producer", "p1")
                else:
                    p1.says("was taken over")
                sent += 1
                wait_until(lambda: self.post(port, f'{{"old":{sent}}}') == 202, what="an answer")
            pipeline.start("sink", "s1")
            wait_until(lambda: len(self.records(pipeline)) == sent + 1, what="all records")
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            self.assertEqual(sorted(r["old"] for r in self.records(pipeline)),
                             list(range(sent + 1)))

    def test_a_source_that_cannot_be_opened_is_refused_by_a_reload_and_the_former_goes_on(self):
        with Pipeline(self.sections({"lines": {"path": "in/*.ndjson", "watch": True}})) as pipeline:
            pipeline.put("in/a.ndjson", '{"new":0}\n')
            pipeline.start_all()
            wait_until(lambda: len(self.records(pipeline)) == 1, what="the first record")
            p1 = pipeline.daemons["p1"]
            port = free_ports(1)[0]
            with zmq.Context() as context, context.socket(zmq.REP) as taken:
                taken.bind(f"tcp://127.0.0.1:{port}")
                sources = ({"sqlite": {"path": "nowhere.db", "cursor": "id",
                                       "query": "SELECT id FROM o WHERE id > :cursor ORDER BY id"}},
                           {"http": {"bind": f"127.0.0.1:{port}"}},
                           {"files": {"path": "nothing/*.json"}})
                for number, source in enumerate(sources, 1):
                    pipeline.write(self.sections(source))
                    p1.send(signal.SIGHUP)
                    pipeline.wait_for("p1", "refused_reloads", lambda n, least=number: n >= least)
                    pipeline.put(f"in/{number}.ndjson", '{"new":%d}\n' % number)
                    wait_until(lambda: len(self.records(pipeline)) == number + 1,
                               what="a record of the former source")
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            self.assertEqual([r["new"] for r in self.records(pipeline)], [0, 1, 2, 3])


if __name__ == "__main__":
    unittest.main()

"""Messages that ZeroMQ has received when a daemon with a raw link ends in order, or is reloaded, are taken in first."""
import json
import signal
import unittest

import zmq

from pipeline import Pipeline, as_yaml, config, free_ports, wait_until

LATE = 500  # messages that come while the producer ends; ZeroMQ queues a thousand
TASKS = 300
SLOW = "[range(1000)] as $numbers | {n}"  # some tenths of a millisecond


class EndedZmqTest(unittest.TestCase):
    def setUp(self):
        self.context = zmq.Context()
        self.addCleanup(self.context.destroy, 0)
        self.sent = 0

    def push(self, socket, count):
        for _ in range(count):
            socket.send(b'{"n":%d}' % self.sent)
            self.sent += 1

    def end_while_messages_come(self, pipeline, socket, number):
        """With a transformer that is dead, what is in flight takes a second or two."""
        producer = pipeline.daemons["p1"]
        pipeline.daemons["t1"].kill()
        self.push(socket, 10)
        pipeline.wait_for("p1", "read", lambda records: records == self.sent)
        stopping = producer.log().count("stopping; ")
        producer.send(number)
        wait_until(lambda: producer.log().count("stopping; ") > stopping, what="the beginning of the end")
        self.push(socket, LATE)

    def test_a_producer_keeps_what_has_come_when_it_is_reloaded_or_ends(self):
        port = free_ports(1)[0]
        socket = self.context.socket(zmq.PUSH)
        socket.connect(f"tcp://127.0.0.1:{port}")
        with Pipeline(config({"zmq": {"type": "pull", "bind": f"tcp://127.0.0.1:{port}"}}, processors=[])) as pipeline:
            pipeline.start_all()
            self.push(socket, 10)
            pipeline.wait_for("p1", "delivered", lambda records: records == self.sent)
            self.end_while_messages_come(pipeline, socket, signal.SIGHUP)
            pipeline.daemons["p1"].says("was taken over")
            pipeline.start("transformer", "t1")
            wait_until(lambda: len(pipeline.lines("out/s1.ndjson")) >= self.sent, what="what came during the reload")
            self.end_while_messages_come(pipeline, socket, signal.SIGTERM)
            self.assertEqual(pipeline.daemons["p1"].exit_code(), 0)
            pipeline.start("transformer", "t1")
            pipeline.start("producer", "p1")
            wait_until(lambda: len(pipeline.lines("out/s1.ndjson")) >= self.sent, what="what came before the end")
            numbers = [record["n"] for record in pipeline.lines("out/s1.ndjson")]
            self.assertEqual(sorted(numbers), list(range(self.sent)))

    def test_a_worker_between_raw_links_passes_on_what_has_come_when_it_ends(self):
        tasks, results = (f"tcp://127.0.0.1:{port}" for port in free_ports(2))
        pusher, puller = self.context.socket(zmq.PUSH), self.context.socket(zmq.PULL)
        pusher.sndhwm = puller.rcvhwm = 0
        pusher.bind(tasks)
        puller.bind(results)
        puller.rcvtimeo = 30000
        with Pipeline({}) as pipeline:
            pipeline.arguments = []
            pipeline.put("pipeline.yaml", as_yaml({"pipeline": "worker", "transformer": {
                "input": {"zmq": {"type": "pull", "connect": tasks, "queue": TASKS}},
                "output": {"zmq": {"type": "push", "connect": results}},
                "processors": [{"jq": SLOW}]}}))
            worker = pipeline.start("transformer", "t1")
            self.push(pusher, TASKS)
            puller.recv()
            worker.stop()
            numbers = {json.loads(puller.recv())["n"] for _ in range(TASKS - 1)}
            self.assertEqual(len(numbers), TASKS - 1, worker.log())


if __name__ == "__main__":
    unittest.main()

"""A peer that is dead or takes nothing does not hold up the end or the reload of a daemon that has
something for it, and a second signal ends a daemon at once, also while ZeroMQ still sends."""
import os
import signal
import sys
import unittest

import zmq

from pipeline import Pipeline, config, free_ports

WITHIN = 6.0  # seconds; shutdown_timeout is far above that
AT_ONCE = 2.0


def sections(**more):
    return config({"lines": {"path": "in/*.ndjson", "watch": True}}, processors=[], shutdown_timeout="60s",
                  producer={"batch": {"documents": 1}}, **more)


def lines(first, last):
    return "".join(f'{{"n":{number}}}\n' for number in range(first, last))


class DeadPeersTest(unittest.TestCase):
    def start(self, pipeline, sinks=("s1",)):
        os.makedirs(pipeline.path("in"))
        for name in sinks:
            pipeline.start("sink", name)
        pipeline.start("transformer", "t1")
        pipeline.start("producer", "p1")
        pipeline.put("in/0.ndjson", lines(0, 50))
        pipeline.wait_for("p1", "delivered", lambda documents: documents == 50)

    def with_outputs_for_a_dead_sink(self, pipeline, end):
        """A transformer that has outputs of which a sink has taken none, more than ZeroMQ queues."""
        self.start(pipeline, ("s1", "s2"))
        end(pipeline.daemons["s1"])
        before = pipeline.telemetry("t1").get("documents")
        pipeline.put("in/1.ndjson", lines(100, 400))
        pipeline.wait_for("t1", "documents", lambda documents: documents >= before + 300)
        return pipeline.daemons["t1"]

    def test_a_dead_or_stopped_sink_holds_up_no_reload_of_a_transformer(self):
        for end in (lambda sink: sink.kill(), lambda sink: sink.send(signal.SIGSTOP)):
            with Pipeline(sections(), sinks=2) as pipeline:
                transformer = self.with_outputs_for_a_dead_sink(pipeline, end)
                transformer.send(signal.SIGHUP)
                transformer.says("was taken over", WITHIN)
                sink = pipeline.daemons["s1"]
                if sink.running():
                    sink.send(signal.SIGCONT)
                else:
                    pipeline.start("sink", "s1")
                pipeline.wait_for("p1", "delivered", lambda documents: documents == 350)

    def test_a_dead_sink_holds_up_no_end_of_a_transformer(self):
        with Pipeline(sections(), sinks=2) as pipeline:
            transformer = self.with_outputs_for_a_dead_sink(pipeline, lambda sink: sink.kill())
            transformer.send(signal.SIGTERM)
            self.assertEqual(transformer.exit_code(WITHIN), 0)

    def test_a_stopped_producer_holds_up_no_reload_and_no_end_of_a_transformer(self):
        endless = config({"generate": {"count": 0, "rate": 100}}, processors=[], shutdown_timeout="60s")
        with Pipeline(endless, producers=2) as pipeline:
            pipeline.start_all()
            stopped = pipeline.start("producer", "p2")
            for name in ("p1", "p2"):
                pipeline.wait_for(name, "delivered", lambda documents: documents > 20)
            stopped.send(signal.SIGSTOP)
            transformer = pipeline.daemons["t1"]
            transformer.send(signal.SIGHUP)
            transformer.says("was taken over", WITHIN)
            delivered = pipeline.telemetry("p1").get("delivered")
            pipeline.wait_for("p1", "delivered", lambda documents: documents > delivered + 100)
            transformer.send(signal.SIGTERM)
            self.assertEqual(transformer.exit_code(WITHIN), 0)
            stopped.send(signal.SIGCONT)

    def test_a_dead_transformer_holds_up_no_end_of_a_producer(self):
        with Pipeline(sections()) as pipeline:
            self.start(pipeline)
            pipeline.daemons["t1"].kill()
            pipeline.put("in/1.ndjson", lines(100, 108))
            pipeline.wait_for("p1", "read", lambda documents: documents == 58)
            producer = pipeline.daemons["p1"]
            producer.send(signal.SIGTERM)
            self.assertEqual(producer.exit_code(WITHIN), 0)

    def test_a_second_signal_ends_a_sink_that_still_sends(self):
        """What it has committed waits in ZeroMQ for a program that takes no more."""
        port = free_ports(1)[0]
        context = zmq.Context()
        program = context.socket(zmq.PULL)
        program.rcvhwm = 1
        program.bind(f"tcp://127.0.0.1:{port}")
        try:
            with Pipeline(sections(sink={"outputs": [{"zmq": {"connect": f"tcp://127.0.0.1:{port}"}}]})) as pipeline:
                os.makedirs(pipeline.path("in"))
                pipeline.start_all()
                pipeline.put("in/0.ndjson", "".join(f'{{"n":"{number:0200000}"}}\n' for number in range(200)))
                pipeline.wait_for("s1", "delivered", lambda documents: documents == 200)
                sink = pipeline.daemons["s1"]
                sink.send(signal.SIGTERM)
                sink.says("stopped; 200 documents delivered")
                self.assertTrue(sink.running(), sink.log())
                sink.send(signal.SIGTERM)
                self.assertEqual(sink.exit_code(AT_ONCE), 0)
        finally:
            context.destroy(linger=0)


if __name__ == "__main__":
    sys.exit(unittest.main())

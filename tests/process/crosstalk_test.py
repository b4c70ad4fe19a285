"""Addresses that change hands: between two pipelines, between two transformers of one, and between two
sinks. A daemon takes only what names it and its pipeline, so that no document gets lost, arrives twice
or arrives where it does not belong."""
import collections
import json
import os
import signal
import subprocess
import sys
import unittest

from pipeline import Pipeline, binary, config, free_ports


def local(port):
    return f"tcp://127.0.0.1:{port}"


def sections(name, producer, sink, ports=None):
    """A pipeline with the usual names that delivers each line at once."""
    transformer = {"ports": f"{ports}-{ports}"} if ports else {}
    return config({"lines": {"path": "in/*.ndjson", "watch": True}}, processors=(), pipeline=name,
                  producer={"batch": {"documents": 1}}, transformer=transformer,
                  network={"producers": {"p1": local(producer)}, "sinks": {"s1": local(sink)}})


def put(pipeline, name, number, first=0):
    pipeline.put(f"in/{name}.ndjson", "".join(f'{{"of": "{pipeline.config["pipeline"]}", "n": {n}}}\n'
                                              for n in range(first, first + number)))


def delivered(pipeline, number):
    pipeline.wait_for("p1", "delivered", lambda value: value == number)


def joined(pipeline, name="t1"):
    pipeline.daemons["p1"].says(f"{name} joined")


def foreign(expected, found):
    return f"was dropped: expected pipeline '{expected}', found '{found}'"


class CrosstalkTest(unittest.TestCase):
    def has(self, pipeline, number):
        """Its output is its own documents, each once."""
        found = sorted(line["n"] for line in pipeline.lines("out/s1.ndjson"))
        self.assertEqual(found, list(range(number)))
        self.assertEqual({line["of"] for line in pipeline.lines("out/s1.ndjson")},
                         {pipeline.config["pipeline"]})

    def stop(self, *pipelines):
        for pipeline in pipelines:
            os.makedirs(pipeline.path("in"), exist_ok=True)
            for name in ("p1", "s1"):
                pipeline.daemons[name].stop()

    def test_a_port_that_another_pipeline_takes_over_brings_it_no_documents(self):
        p_a, s_a, p_b, s_b, port = free_ports(5)
        with Pipeline(sections("a", p_a, s_a, port)) as a, Pipeline(sections("b", p_b, s_b, port)) as b:
            for pipeline in (b, a):  # the epoch of b is the older one
                os.makedirs(pipeline.path("in"))
                pipeline.start("sink", "s1")
                pipeline.start("producer", "p1").says("run 1 of epoch")
            a.start("transformer", "t1")
            joined(a)
            a.daemons["t1"].kill()
            transformer = b.start("transformer", "t1")
            joined(b)
            put(a, "x", 3)
            transformer.says(foreign("b", "a"))
            put(b, "x", 2)
            delivered(b, 2)
            self.has(b, 2)
            # And the other way round.
            transformer.kill()
            put(b, "y", 2, 2)
            transformer = a.start("transformer", "t1")
            transformer.says(foreign("a", "b"))
            delivered(a, 3)
            transformer.stop()
            b.start("transformer", "t1")
            delivered(b, 4)
            self.has(a, 3)
            self.has(b, 4)
            self.stop(a, b)

    def test_a_transformer_with_an_older_file_gets_nothing_of_another_pipeline(self):
        p_a, s_a, p_b, s_b = free_ports(4)
        before = sections("b", p_a, s_b)  # what is the address of p1 of a now
        with Pipeline(before) as b, Pipeline(sections("a", p_a, s_a)) as a:
            for role, name in (("sink", "s1"), ("producer", "p1"), ("transformer", "t1")):
                b.start(role, name)
            put(b, "x", 2)
            delivered(b, 2)
            b.daemons["p1"].stop()
            b.write(sections("b", p_b, s_b))
            b.daemons["s1"].send(signal.SIGHUP)
            b.daemons["s1"].says("pipeline.yaml was taken over")
            b.start("producer", "p1")
            a.start("sink", "s1")
            producer = a.start("producer", "p1")
            put(a, "x", 6)
            producer.says("a heartbeat of t1 at tcp://127.0.0.1:")
            producer.says(foreign("a", "b"))
            self.assertEqual(a.telemetry("p1").get("members"), 0)
            a.start("transformer", "t2")
            delivered(a, 6)
            b.start("transformer", "t2")
            joined(b, "t2")
            put(b, "y", 2, 2)
            delivered(b, 4)
            self.has(a, 6)
            self.has(b, 4)
            self.stop(a, b)

    def test_a_transformer_that_gets_the_port_of_a_killed_one_does_not_take_its_batches(self):
        p_a, s_a, port = free_ports(3)
        with Pipeline(sections("a", p_a, s_a, port)) as a:
            a.start_all()
            joined(a)
            a.daemons["t1"].kill()
            put(a, "x", 100)
            second = a.start("transformer", "t2")
            second.says("a message of p1 was dropped: it is for a transformer that had this address "
                        "before; p1 sends its batches again")
            delivered(a, 100)
            self.has(a, 100)
            self.stop(a)


class SwappedSinksTest(unittest.TestCase):
    """The addresses of two sinks are exchanged, which no reload can do: each has the other's."""

    def sections(self, addresses, partition):
        processors = [{"key": {"path": "/k"}}] if partition == "key" else []
        return config({"lines": {"path": "in/*.ndjson", "watch": True}}, processors=processors,
                      producer={"batch": {"documents": 10}}, sink={"partition": partition},
                      network={"producers": {"p1": self.producer}, "sinks": addresses})

    def keys(self, pipeline, sink):
        return collections.Counter(line["k"] for line in pipeline.lines(f"out/{sink}.ndjson"))

    def put(self, pipeline, name, first):
        pipeline.put(f"in/{name}.ndjson", "".join(json.dumps({"k": n % 6, "n": n}) + "\n"
                                                  for n in range(first, first + 120)))

    def reload(self, pipeline):
        program = os.path.join(os.path.dirname(binary("sink")), "docmill")
        done = subprocess.run([program, "reload", "pipeline.yaml"], cwd=pipeline.folder, timeout=60,
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()

    def run_swapped(self, partition):
        one, two, producer = (local(port) for port in free_ports(3))
        self.producer = producer
        good = self.sections({"s1": one, "s2": two}, partition)
        with Pipeline(good) as pipeline:
            for role, name in (("sink", "s1"), ("sink", "s2"), ("transformer", "t1"), ("producer", "p1")):
                pipeline.start(role, name)
            self.put(pipeline, "x", 0)
            delivered(pipeline, 120)
            before = {sink: self.keys(pipeline, sink) for sink in ("s1", "s2")}
            pipeline.write(self.sections({"s1": two, "s2": one}, partition))
            self.assertEqual(self.reload(pipeline), (69, [
                f"s1: cannot move: {two}: expected a free address, got that of s2; stop both, then start them with this file",
                f"s2: cannot move: {one}: expected a free address, got that of s1; stop both, then start them with this file",
                "t1: not told; s1 must take the file over first",
                "p1: not told; s1 must take the file over first"]))
            # A transformer that has taken the file over all the same.
            pipeline.daemons["t1"].send(signal.SIGHUP)
            pipeline.daemons["t1"].says("pipeline.yaml was taken over")
            self.put(pipeline, "y", 120)
            pipeline.daemons["s1"].says("expected outputs for sink 's1', found outputs for 's2'")
            pipeline.daemons["s2"].says("expected outputs for sink 's2', found outputs for 's1'")
            self.assertEqual({sink: self.keys(pipeline, sink) for sink in before}, before)
            pipeline.write(good)
            code, lines = self.reload(pipeline)
            self.assertEqual((code, lines), (0, [f"{name}: reloaded" for name in ("s1", "s2", "t1", "p1")]))
            delivered(pipeline, 240)
            found = [line["n"] for sink in before for line in pipeline.lines(f"out/{sink}.ndjson")]
            self.assertEqual(sorted(found), list(range(240)))
            if partition == "key":
                for sink, keys in before.items():
                    self.assertEqual(set(self.keys(pipeline, sink)), set(keys))
            pipeline.daemons["p1"].stop()

    def test_sinks_that_exchange_their_addresses_get_no_batches_of_each_other(self):
        self.run_swapped("batch")

    def test_sinks_that_exchange_their_addresses_get_no_keys_of_each_other(self):
        self.run_swapped("key")


if __name__ == "__main__":
    sys.exit(unittest.main())

"""Hosts that vanish without a word, move, and are known by names that nobody looks up.

Runs in network and mount namespaces of its own. Needs root for them, or user namespaces.
"""
import os
import signal
import socket
import subprocess
import sys
import time
import unittest

from pipeline import Pipeline, as_yaml, config, wait_until

HERE, THERE, MOVED = "10.9.0.1", "10.9.0.2", "10.9.0.3"
FAR = ("ip", "netns", "exec", "far")
GIVEN_UP_AFTER = 30  # seconds that TCP may wait for a host that says nothing
MARGIN = 25


def run(*words):
    subprocess.run(words, check=True)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def put_over(path, text):
    """Replaces a file of the system in this mount namespace; gives the path of what replaces it."""
    own = os.path.join(os.environ["TMPDIR"], os.path.basename(path))
    write(own, text)
    run("mount", "--bind", own, path)
    return own


def hosts(address, *lines):
    return "".join(f"{line}\n" for line in ("127.0.0.1 localhost", f"{address} far.example", *lines))


def processor_time(daemon):
    with open(f"/proc/{daemon.process.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class LostHostsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run("ip", "link", "set", "lo", "up")
        os.makedirs("/run/netns", exist_ok=True)
        run("mount", "-t", "tmpfs", "none", "/run/netns")
        run("ip", "netns", "add", "far")
        run("ip", "link", "add", "near", "type", "veth", "peer", "name", "cable", "netns", "far")
        run("ip", "address", "add", f"{HERE}/24", "dev", "near")
        run("ip", "link", "set", "near", "up")
        for words in (("link", "set", "lo", "up"), ("address", "add", f"{THERE}/24", "dev", "cable"),
                      ("link", "set", "cable", "up")):
            run("ip", "-n", "far", *words)
        cls.hosts = put_over("/etc/hosts", hosts(THERE))
        put_over("/etc/resolv.conf", "nameserver 127.0.0.1\n")
        # A name server that hears every question and answers none.
        cls.name_server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        cls.name_server.bind(("127.0.0.1", 53))

    @classmethod
    def tearDownClass(cls):
        cls.name_server.close()

    def slow_pipeline(self, network, **more):
        """Too few documents to fill a link, so that only TCP can notice."""
        return config({"generate": {"count": 0, "rate": 20}}, processors=[], security={"insecure": True},
                      producer={"batch": {"documents": 1}}, network=network,
                      transformer={"advertise": HERE, "processors": []}, **more)

    def grows(self, pipeline, name, counter, deadline):
        before = pipeline.telemetry(name).get(counter)
        pipeline.wait_for(name, counter, lambda value: value > before + 20, deadline)

    def test_a_sink_that_vanished_and_moved_is_found_at_its_new_address(self):
        def sections(sink):
            return self.slow_pipeline({"producers": {"p1": f"tcp://{HERE}:23100"},
                                       "sinks": {"s1": sink}})
        with Pipeline(sections("tcp://far.example:23200")) as pipeline:
            pipeline.put("sink.yaml", as_yaml(sections(f"tcp://{THERE}:23200")))
            pipeline.start("sink", "s1", wrapper=FAR, file="sink.yaml")
            pipeline.start("transformer", "t1")
            pipeline.start("producer", "p1")
            pipeline.wait_for("p1", "delivered", lambda documents: documents > 40)
            # No FIN and no RST: the host is away before its daemons are.
            run("ip", "-n", "far", "route", "add", "blackhole", f"{HERE}/32")
            pipeline.wait_for("p1", "in_flight", lambda batches: batches > 10)
            pipeline.daemons["s1"].kill()
            run("ip", "-n", "far", "address", "del", f"{THERE}/24", "dev", "cable")
            run("ip", "-n", "far", "address", "add", f"{MOVED}/24", "dev", "cable")
            run("ip", "-n", "far", "route", "del", "blackhole", f"{HERE}/32")
            try:
                write(self.hosts, hosts(MOVED))
                pipeline.put("sink.yaml", as_yaml(sections(f"tcp://{MOVED}:23200")))
                pipeline.start("sink", "s1", wrapper=FAR, file="sink.yaml")
                self.grows(pipeline, "p1", "delivered", GIVEN_UP_AFTER + MARGIN)
            finally:
                write(self.hosts, hosts(THERE))
                run("ip", "-n", "far", "address", "del", f"{MOVED}/24", "dev", "cable")
                run("ip", "-n", "far", "address", "add", f"{THERE}/24", "dev", "cable")

    def test_a_name_server_that_does_not_answer_stops_no_link_to_another_peer(self):
        network = {"producers": {"p1": f"tcp://{HERE}:23100", "p2": "tcp://p2.example.org:23101"},
                   "sinks": {"s1": f"tcp://{HERE}:23200",
                             "s2": {"address": "tcp://s2.example.org:23201", "state": "draining"}}}
        with Pipeline(self.slow_pipeline(network)) as pipeline:
            pipeline.start("sink", "s1")
            pipeline.start("transformer", "t1")
            pipeline.start("transformer", "t2")
            pipeline.start("producer", "p1")
            pipeline.wait_for("p1", "members", lambda members: members == 2)
            # A transformer is dead to a producer after 1.5 s without a heartbeat, and a lookup takes 10 s.
            pipeline.wait_for("p1", "delivered", lambda documents: documents > 300, 60)
            self.assertEqual(pipeline.telemetry("p1").get("deaths"), 0)

    def test_daemons_bind_the_addresses_of_their_names(self):
        network = {"producers": {"p1": "tcp://localhost:23100"},
                   "sinks": {"s1": "tcp://localhost:23200"}}
        sections = self.slow_pipeline(network)
        sections["transformer"]["advertise"] = "localhost"
        with Pipeline(sections) as pipeline:
            pipeline.start_all()
            pipeline.wait_for("p1", "delivered", lambda documents: documents > 10)

    def test_a_transformer_that_waits_for_its_own_address_can_be_stopped(self):
        network = {"producers": {"p1": f"tcp://{HERE}:23100"}, "sinks": {"s1": f"tcp://{HERE}:23200"}}
        sections = self.slow_pipeline(network)
        sections["transformer"]["advertise"] = "t1.example.org"
        with Pipeline(sections) as pipeline:
            transformer = pipeline.start("transformer", "t1")
            transformer.says("still waiting for the name server to answer for 't1.example.org'")
            transformer.send(signal.SIGTERM)
            self.assertEqual(transformer.exit_code(5), 0)

    def test_a_transformer_that_waits_for_its_new_address_can_be_given_another_one(self):
        network = {"producers": {"p1": f"tcp://{HERE}:23100"}, "sinks": {"s1": f"tcp://{HERE}:23200"}}
        sections = self.slow_pipeline(network)
        with Pipeline(sections) as pipeline:
            pipeline.start_all()
            pipeline.wait_for("p1", "delivered", lambda documents: documents > 10)
            transformer = pipeline.daemons["t1"]
            sections["transformer"]["advertise"] = "t1.example.org"
            pipeline.write(sections)
            transformer.send(signal.SIGHUP)
            transformer.says("still waiting for the name server to answer for 't1.example.org'")
            sections["transformer"]["advertise"] = "localhost"
            pipeline.write(sections)
            transformer.send(signal.SIGHUP)
            transformer.says(" (127.0.0.1)")
            self.grows(pipeline, "p1", "delivered", 30)

    def test_of_two_addresses_of_a_name_the_one_that_listens_is_used(self):
        def sections(host):
            return self.slow_pipeline({"producers": {"p1": f"tcp://{host}:23100"}, "sinks": {"s1": f"tcp://{host}:23200"}})
        write(self.hosts, hosts(THERE, "127.0.0.2 two.example", "127.0.0.3 two.example"))
        try:
            with Pipeline(sections("two.example")) as pipeline:
                # Each binds one address, and knows the others by the name.
                for role, name, peers in (("sink", "s1", "producers"), ("producer", "p1", "sinks")):
                    own = sections("127.0.0.3")
                    own["network"][peers] = sections("two.example")["network"][peers]
                    pipeline.put(f"{role}.yaml", as_yaml(own))
                    pipeline.start(role, name, file=f"{role}.yaml")
                pipeline.start("transformer", "t1")
                pipeline.wait_for("p1", "delivered", lambda documents: documents > 40, 20)
        finally:
            write(self.hosts, hosts(THERE))

    def test_a_peer_with_two_addresses_that_is_down_costs_no_processor_time(self):
        write(self.hosts, hosts(THERE, "127.0.0.2 two.example", "127.0.0.3 two.example"))
        network = {"producers": {"p1": "tcp://two.example:23100"}, "sinks": {"s1": "tcp://two.example:23200"}}
        try:
            with Pipeline(self.slow_pipeline(network)) as pipeline:
                transformer = pipeline.start("transformer", "t1")
                transformer.says("ready with")
                before, began = processor_time(transformer), time.monotonic()
                wait_until(lambda: time.monotonic() > began + 2, what="two seconds")
                self.assertLess(processor_time(transformer) - before, 0.3)
        finally:
            write(self.hosts, hosts(THERE))

    def test_an_address_that_swallows_connections_is_passed_over(self):
        # The first in order; no host has it.
        write(self.hosts, hosts(THERE, f"{THERE} two.example", "10.9.0.11 two.example"))
        def sections(sink):
            return self.slow_pipeline({"producers": {"p1": f"tcp://{HERE}:23100"}, "sinks": {"s1": sink}})
        try:
            with Pipeline(sections("tcp://two.example:23200")) as pipeline:
                pipeline.put("sink.yaml", as_yaml(sections(f"tcp://{THERE}:23200")))
                pipeline.start("sink", "s1", wrapper=FAR, file="sink.yaml")
                pipeline.start("transformer", "t1")
                pipeline.start("producer", "p1")
                pipeline.wait_for("p1", "delivered", lambda documents: documents > 40, 30)
        finally:
            write(self.hosts, hosts(THERE))

    def test_a_sink_warns_when_its_name_leads_others_elsewhere(self):
        network = {"producers": {"p1": f"tcp://{HERE}:23100"}, "sinks": {"s1": "tcp://web.example:23200"}}
        write(self.hosts, hosts(THERE, "127.0.1.1 web.example"))
        try:
            with Pipeline(self.slow_pipeline(network)) as pipeline:
                sink = pipeline.start("sink", "s1")
                sink.says("ready at tcp://web.example:23200 (127.0.1.1); ")
                sink.says("tcp://web.example:23200: expected a name that other hosts can reach, got 127.0.1.1; ")
                write(self.hosts, hosts(THERE, "127.0.1.2 web.example"))
                sink.says("tcp://web.example:23200: expected 'web.example' to be 127.0.1.1, where this daemon listens, "
                          "got 127.0.1.2; ")
                sink.send(signal.SIGHUP)
                sink.says("ready at tcp://web.example:23200 (127.0.1.2); ")
        finally:
            write(self.hosts, hosts(THERE))

    def test_a_name_without_an_address_cannot_be_bound(self):
        network = {"producers": {"p1": "tcp://nobody.invalid:23100"},
                   "sinks": {"s1": f"tcp://{HERE}:23200"}}
        with Pipeline(self.slow_pipeline(network)) as pipeline:
            producer = pipeline.start("producer", "p1")
            self.assertEqual(producer.exit_code(60), 69)
            producer.says("tcp://nobody.invalid:23100: expected a name that has an address, found none: ")


def main():
    if "DOCMILL_SPACE" not in os.environ:
        as_root = ["-r"] if os.geteuid() != 0 else []
        os.environ["DOCMILL_SPACE"] = "own"
        os.execvp("unshare", ["unshare", *as_root, "-n", "-m", "--propagation", "private",
                              sys.executable, *sys.argv])
    os.environ.setdefault("TMPDIR", "/tmp")
    unittest.main()


if __name__ == "__main__":
    main()

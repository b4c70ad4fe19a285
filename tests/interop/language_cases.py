"""Peers in other languages, each with all four kinds of socket, around a transformer between raw
links: what they push and publish goes in, and comes out as it was pushed and published."""
import json
import os
import subprocess
import sys

from matrix import Case
from processes import HERE, Peer
from pipeline import Pipeline, free_ports

COUNT = 200
PEERS = os.path.join(HERE, "peers")
JEROMQ = "/usr/share/java/jeromq.jar"
NODE_MODULE = os.path.abspath(os.path.join(HERE, "../../build/data/node_modules/zeromq"))


def peer_file(name):
    return os.path.join(PEERS, name)


def compiled_c(folder):
    program = os.path.join(folder, "peer")
    subprocess.run(["cc", "-O1", peer_file("peer.c"), "-o", program, "-lczmq", "-lzmq"], check=True)
    return [program]


def compiled_java(folder):
    subprocess.run(["javac", "-cp", JEROMQ, "-d", folder, peer_file("Peer.java")], check=True)
    return ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", f"{JEROMQ}:{folder}", "Peer"]


# The name, what makes the command in a folder of its own, and what one frame and two are sent with.
LANGUAGES = (
    ("Python, python3-zmq 24", lambda folder: [sys.executable, peer_file("peer.py")],
     "send_json", "send_multipart"),
    ("C, CZMQ 4.2", compiled_c, "zstr_send", "zmsg_send"),
    ("Perl, ZMQ::FFI 1.18", lambda folder: ["perl", peer_file("peer.pl")],
     "send", "send_multipart"),
    ("Java, JeroMQ 0.3.6", compiled_java, "send", "sendMore, send"),
    ("JavaScript, zeromq.js 6.8", lambda folder: ["node", peer_file("peer.cjs"), NODE_MODULE],
     "send(text)", "send([topic, text])"),
)


class Around:
    """The commands of one language, and the transformer that its peers are around."""

    def __init__(self, make):
        self.make = make

    def run(self, enter, pattern):
        ports = free_ports(2)
        came_from, goes_to = (f"tcp://127.0.0.1:{port}" for port in ports)
        topic = {"topic": "frame"} if pattern == "pub" else {}
        config = {"pipeline": "around", "transformer": {
            "input": {"zmq": {"type": "sub", "connect": came_from, "subscribe": "books", **topic}
                      if pattern == "pub" else {"type": "pull", "bind": came_from}},
            "output": {"zmq": {"type": "pub", "bind": goes_to, "topic_note": "topic", **topic}
                       if pattern == "pub" else {"type": "push", "connect": goes_to}}}}
        with Pipeline(config) as pipeline:
            pipeline.arguments = []
            pipeline.start("transformer", "t1").says("ready with 1 worker")
            command = self.make(pipeline.folder)
            python = [sys.executable, peer_file("peer.py")]
            receiver, sender = (command, python) if not enter else (python, command)
            kinds = ("sub", "pub") if pattern == "pub" else ("pull", "push")
            with Peer([*receiver, kinds[0], goes_to, COUNT]) as takes, \
                 Peer([*sender, kinds[1], came_from, COUNT]) as gives:
                if pattern == "push":
                    gives.end()
                numbers = [json.loads(line)["number"] for line in takes.end()]
        first = numbers[0] if pattern == "pub" else 0  # who subscribes late misses the beginning
        assert numbers == list(range(first, first + COUNT)), numbers


def cases():
    found = []
    for name, make, one, two in LANGUAGES:
        around = Around(make)
        for direction in ("in", "out"):
            for pattern, words, messages in (("push", "PUSH to PULL", one),
                                             ("pub", "PUB to SUB", two)):
                enter = direction == "in"
                found.append(Case(
                    name, words, direction,
                    f"`{messages}`" if enter else
                    ("`[document]`" if pattern == "push" else "`[topic][document]`"),
                    lambda around=around, enter=enter, pattern=pattern: around.run(
                        enter, pattern)))
    return found

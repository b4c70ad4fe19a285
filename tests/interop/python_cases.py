"""Python's python3-zmq at a whole pipeline: what a producer takes in is read from the sink's file,
what a sink sends from a socket."""
import gzip
import json
import os
import struct
import subprocess
import zlib

import zmq

from matrix import Case
from pipeline import Pipeline, binary, config, free_ports, wait_until

PEER = "Python, python3-zmq 24"
COUNT = 50
WITH_NOTES = {"outputs": [{"ndjson": {"path": "out/{sink}.ndjson", "metadata": True}}]}


def address():
    return f"tcp://127.0.0.1:{free_ports(1)[0]}"


def key_of(pipeline, file):
    with open(pipeline.path("keys", file), encoding="ascii") as lines:
        return [line for line in lines.read().splitlines() if not line.startswith("#")][0].encode()


def with_keys(pipeline, socket):
    """The socket is a CURVE server, whose key docmill knows."""
    docmill = os.path.join(os.path.dirname(binary("sink")), "docmill")
    subprocess.run([docmill, "keygen", "p1", "feed", "--keys", pipeline.path("keys")], check=True,
                   stdout=subprocess.DEVNULL)
    socket.curve_server = True
    socket.curve_secretkey = key_of(pipeline, "feed.secret")
    socket.curve_publickey = key_of(pipeline, "feed.public")


def into(fields, kind, messages, documents, notes=None):
    """What becomes of messages that are sent once somebody takes them."""
    where = address()
    with Pipeline(config({"zmq": {"bind" if kind == zmq.PUSH else "connect": where, **fields}},
                         processors=(), sink=WITH_NOTES)) as pipeline:
        socket = pipeline.context.socket(zmq.PUSH if kind == zmq.PUSH else zmq.XPUB)
        if "curve" in fields:
            with_keys(pipeline, socket)
        if kind == zmq.PUSH:
            socket.connect(where)
        else:
            socket.bind(where)
        pipeline.start_all()
        if kind != zmq.PUSH:
            socket.recv()  # the subscription
        for message in messages:
            socket.send_multipart(message)
        pipeline.wait_for("s1", "delivered", lambda number: number == len(documents))
        lines = pipeline.lines("out/s1.ndjson")
        assert [line["document"] for line in lines] == documents, lines
        found = [{name: line["metadata"].get(name) for name in ("topic", "sequence")
                  if name in line["metadata"]} for line in lines]
        assert notes is None or found == notes, found
        missed = pipeline.telemetry("p1")
        wait_until(lambda: "missed" in missed.values(), what="telemetry of p1")
        return missed.newest["missed"]


def numbered(*numbers):
    return [json.dumps({"number": number}).encode() for number in numbers]


def objects(*numbers):
    return [{"number": number} for number in numbers]


def joined():
    into({"payload": "join", "inflate": "gzip", "topic": "frame", "type": "sub",
          "subscribe": "/RIG"}, zmq.PUB,
         [[b"/RIG/KV6", *[gzip.compress(b"<a>1</a>")[at:at + 9] for at in range(0, 60, 9)]]],
         ["<a>1</a>"], [{"topic": "/RIG/KV6"}])


def compressed():
    into({"inflate": "zlib", "type": "sub"}, zmq.PUB, [[zlib.compress(numbered(1)[0])]], objects(1))


def with_prefix():
    into({"type": "sub", "subscribe": "misp", "topic": "prefix"}, zmq.PUB,
         [[b"misp_json " + numbered(1)[0]], [b"other " + numbered(2)[0]],
          [b"misp_b " + numbered(3)[0]]],
         objects(1, 3), [{"topic": "misp_json"}, {"topic": "misp_b"}])


def with_gap():
    """Bitcoin's counter: two messages that were sent and one that is behind them are missing."""
    sequence = [7, 8, 11, 12]
    missed = into({"type": "sub", "topic": "frame", "sequence": "le32"}, zmq.PUB,
                  [[b"tx", document, struct.pack("<I", number)]
                   for number, document in zip(sequence, numbered(*sequence))],
                  objects(*sequence),
                  [{"topic": "tx", "sequence": str(number)} for number in sequence])
    assert missed == 2, missed


def encrypted():
    into({"type": "sub", "curve": {"keys": "keys", "name": "p1", "server": "feed"}}, zmq.PUB,
         [[document] for document in numbered(1, 2)], objects(1, 2))


def delimited():
    into({}, zmq.PUSH, [[b"", numbered(1)[0]], [b"\xef\xbb\xbf" + numbered(2)[0] + b"\0"]],
         objects(1, 2))


def many():
    into({}, zmq.PUSH, [[document] for document in numbered(*range(COUNT))],
         objects(*range(COUNT)))


def out_of(kind, fields, check):
    """What a sink sends of what it was given."""
    where = address()
    with Pipeline(config({"generate": {"count": 0, "rate": 500}},
                         processors=("to_json",),
                         sink={"outputs": [{"zmq": {"type": "push" if kind == zmq.PULL else "pub",
                                                    "bind": where, **fields}}]})) as pipeline:
        socket = pipeline.context.socket(kind)
        if kind == zmq.SUB:
            socket.setsockopt_string(zmq.SUBSCRIBE, fields.get("topic_name", ""))
        socket.connect(where)
        pipeline.start_all()
        messages = []
        wait_until(lambda: take(socket, messages) >= COUNT, what=f"{COUNT} messages")
        check(messages[:COUNT])


def take(socket, messages):
    while socket.poll(0):
        messages.append(socket.recv_multipart())
    return len(messages)


def one_frame(messages):
    documents = [json.loads(frame) for (frame,) in messages]
    assert len({json.dumps(document) for document in documents}) == COUNT, documents


def in_a_row(messages):
    counted = [struct.unpack("<I", sequence)[0] for topic, _, sequence in messages]
    assert {topic for topic, _, _ in messages} == {b"books"}
    assert counted == list(range(counted[0], counted[0] + COUNT)), counted


def behind_topic(messages):
    for (frame,) in messages:
        topic, document = frame.split(b":", 1)
        assert topic == b"books" and json.loads(document), frame


def cases():
    prefix = {"topic": "prefix", "topic_name": "books", "separator": ":"}
    counted = {"topic": "frame", "topic_name": "books", "sequence": "le32"}
    rows = (
        ("PUSH to PULL", "in", "JSON, one frame, through a spool", many),
        ("PUSH to PULL", "in", "empty delimiter; byte order mark and NUL", delimited),
        ("PUB to SUB", "in", "`topic document`, as of MISP", with_prefix),
        ("PUB to SUB", "in", "zlib, as of EDDN", compressed),
        ("PUB to SUB", "in", "`[topic]` and gzip in several frames, as of NDOV", joined),
        ("PUB to SUB", "in", "`[topic][document][le32]`, as of Bitcoin, with a gap", with_gap),
        ("PUB to SUB", "in", "one frame, encrypted by CURVE", encrypted),
        ("PUSH to PULL", "out", "`[document]` of a sink",
         lambda: out_of(zmq.PULL, {}, one_frame)),
        ("PUB to SUB", "out", "`topic:document` of a sink",
         lambda: out_of(zmq.SUB, prefix, behind_topic)),
        ("PUB to SUB", "out", "`[topic][document][le32]` of a sink",
         lambda: out_of(zmq.SUB, counted, in_a_row)),
    )
    return [Case(PEER, *row) for row in rows]

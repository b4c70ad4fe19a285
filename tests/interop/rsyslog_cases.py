"""rsyslog's modules for CZMQ: omczmq sends log lines as JSON into docmill, imczmq takes documents
out of it. rsyslogd runs in a folder of its own and is ended by its number."""
import json
import os

import zmq

from matrix import Case
from processes import Peer
from pipeline import Pipeline, free_ports, wait_until

COUNT = 20
OMCZMQ = """\
module(load="imfile")
module(load="omczmq")
template(name="json" type="list") {{
  constant(value="{{\\"line\\":\\"") property(name="msg" format="json") constant(value="\\"}}")
}}
input(type="imfile" file="{folder}/in.log" tag="in")
action(type="omczmq" endpoints="{sign}{address}" socktype="{kind}" template="json" {topic})
"""
IMCZMQ = """\
module(load="imczmq")
template(name="plain" type="string" string="%msg%\\n")
input(type="imczmq" endpoints="{sign}{address}" socktype="{kind}" {topic})
action(type="omfile" file="{folder}/rsyslog.out" template="plain" flushOnTXEnd="on")
"""


def rsyslogd(pipeline, text):
    path = pipeline.put("rsyslog.conf", f'global(workDirectory="{pipeline.folder}")\n' + text)
    return Peer(["rsyslogd", "-n", "-f", path, "-i", pipeline.path("rsyslog.pid")])


def addresses():
    return [f"tcp://127.0.0.1:{port}" for port in free_ports(2)]


def out_of_rsyslog():
    """omczmq pushes: each line of a file is a JSON document."""
    where, goes_to = addresses()
    with Pipeline({"pipeline": "logs", "transformer": {
            "input": {"zmq": {"bind": where}},
            "output": {"zmq": {"connect": goes_to}}}}) as pipeline:
        pipeline.arguments = []
        socket = pipeline.context.socket(zmq.PULL)
        socket.bind(goes_to)
        pipeline.start("transformer", "t1").says("ready with 1 worker")
        pipeline.put("in.log", "".join(f"line \"{n}\"\n" for n in range(COUNT)))
        with rsyslogd(pipeline, OMCZMQ.format(folder=pipeline.folder, address=where, sign=">",
                                              kind="PUSH", topic="")):
            lines = []
            wait_until(lambda: take(socket, lines) >= COUNT, what="the lines of rsyslog")
        assert lines == [f"line \"{n}\"" for n in range(COUNT)], lines


def take(socket, lines):
    while socket.poll(0):
        lines.append(json.loads(socket.recv())["line"])
    return len(lines)


def into_rsyslog():
    """imczmq pulls: each document is a line of its log."""
    where, comes_from = addresses()
    with Pipeline({"pipeline": "logs", "transformer": {
            "input": {"zmq": {"bind": comes_from}},
            "output": {"zmq": {"connect": where}}}}) as pipeline:
        pipeline.arguments = []
        pipeline.start("transformer", "t1").says("ready with 1 worker")
        socket = pipeline.context.socket(zmq.PUSH)
        socket.connect(comes_from)
        for number in range(COUNT):
            socket.send_json({"number": number})
        out = pipeline.path("rsyslog.out")
        with rsyslogd(pipeline, IMCZMQ.format(folder=pipeline.folder, address=where, sign="@",
                                              kind="PULL", topic="")):
            wait_until(lambda: os.path.exists(out) and len(read(out)) >= COUNT,
                       what="the lines of rsyslog")
        assert [json.loads(line) for line in read(out)] == \
            [{"number": number} for number in range(COUNT)], read(out)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def cases():
    return [Case("rsyslog 8.2302, omczmq", "PUSH to PULL", "in", "a template of JSON",
                 out_of_rsyslog),
            Case("rsyslog 8.2302, imczmq", "PUSH to PULL", "out", "`[document]`", into_rsyslog)]

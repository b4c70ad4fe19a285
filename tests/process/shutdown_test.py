"""A sink that is told to end ends within shutdown_timeout, whatever it waits for: at full load, with
an output that takes nothing, with a full disk or a locked database; on a second signal at once. What
it had not committed is there afterwards, once.
"""
import os
import signal
import sqlite3
import sys
import time

from bad_places_test import SmallDisk
from http_server import HANG, Server
from pipeline import SANITIZED, Pipeline, config, free_ports, wait_until

TIMEOUT = 1.0
# For a machine that is busy with other tests; a sanitizer looks for leaks at the end.
SLACK = 10 if SANITIZED else 1.5


def sections(outputs, count=0, **more):
    made = config({"generate": {"count": count}}, shutdown_timeout=f"{TIMEOUT:.0f}s", **more)
    made["sink"]["outputs"] = outputs
    return made


NDJSON = {"ndjson": {"path": "out/{sink}.ndjson"}}
TABLE = {"sqlite": {"path": "out/{sink}.db", "table": "t", "key": "id", "columns": {
    "id": "/record/@id", "document": "$document", "title": "/record/title",
    "price": "/record/price", "source": "$source"}}}


def end(sink, number=signal.SIGTERM, within=TIMEOUT + SLACK):
    """How long it takes."""
    began = time.monotonic()
    sink.send(number)
    code = sink.exit_code(within)
    assert code == 0, sink.log()
    return time.monotonic() - began


def at_full_load():
    """Of a sink that is the slowest stage: batches keep arriving."""
    for outputs in ([TABLE], [NDJSON], [NDJSON, {"stdout": {}}]):
        with Pipeline(sections(outputs, transformer={"workers": 2})) as pipeline:
            pipeline.start_all()
            for life in range(3):
                sink = pipeline.daemons["s1"]
                pipeline.wait_for("s1", "written", lambda documents: documents > 1000)
                took = end(sink)
                print(f"  {next(iter(outputs[-1]))}: ended after {took:.2f} s")
                if life < 2:
                    pipeline.start("sink", "s1")


def a_reload_at_full_load():
    with Pipeline(sections([TABLE], transformer={"workers": 2})) as pipeline:
        pipeline.start_all()
        sink = pipeline.daemons["s1"]
        for reload in range(3):
            pipeline.wait_for("s1", "written", lambda documents: documents > 1000)
            began = time.monotonic()
            sink.send(signal.SIGHUP)
            wait_until(lambda n=reload + 1: sink.log().count("was taken over") == n,
                       TIMEOUT + SLACK, "the reload")
            print(f"  reloaded after {time.monotonic() - began:.2f} s")
            pipeline.telemetry("s1").forget()


def with_an_output_that_takes_nothing():
    port = free_ports(1)[0]
    with Server(lambda post: HANG) as server:
        for output in ({"http": {"url": server.url}},
                       {"http": {"url": f"http://127.0.0.1:{port}/"}},
                       {"http": {"url": server.url, "on_full": "spill", "spill": "1MiB"}},
                       {"deliver": {"bind": f"tcp://127.0.0.1:{port}"}},
                       {"zmq": {"connect": f"tcp://127.0.0.1:{port}"}}):
            for signals in (1, 2):
                with Pipeline(sections([NDJSON, output])) as pipeline:
                    pipeline.start_all()
                    sink = pipeline.daemons["s1"]
                    # The window is full of what the sink has not settled.
                    pipeline.wait_for("p1", "window_bytes", lambda size: size > 40 << 20)
                    if signals == 2:
                        sink.send(signal.SIGTERM)
                    took = end(sink, within=TIMEOUT + SLACK if signals == 1 else SLACK)
                    print(f"  {next(iter(output))}, {signals} signals: ended after {took:.2f} s")
        server.released.set()


def with_a_full_disk():
    if os.geteuid() != 0:
        print("only root can make a small disk")
        return
    with Pipeline(sections([NDJSON], count=5000)) as pipeline:
        disk = SmallDisk(pipeline.path("out"))
        try:
            pipeline.start_all()
            sink = pipeline.daemons["s1"]
            sink.says("no space left on device; ")
            end(sink)
            assert sink.messages("info")[-1] == \
                "stopped before the last group was committed; it is sent again", sink.log()
            disk.grow()
            pipeline.start("sink", "s1")
            pipeline.finish()
            ids = [line["record"]["@id"] for line in pipeline.lines("out/s1.ndjson")]
            assert len(ids) == len(set(ids)) == 5000
        finally:
            disk.close()


def with_a_locked_database():
    with Pipeline(sections([TABLE], count=5000)) as pipeline:
        pipeline.start("sink", "s1").says("ready at")
        lock = sqlite3.connect(pipeline.path("out/s1.db"), isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        pipeline.start("transformer", "t1")
        pipeline.start("producer", "p1")
        sink = pipeline.daemons["s1"]
        sink.says("another program reads it or writes to it")
        end(sink)
        lock.execute("COMMIT")
        pipeline.start("sink", "s1")
        pipeline.finish()
        assert lock.execute("SELECT count(*), count(DISTINCT id) FROM t").fetchone() == (5000, 5000)
        lock.close()


def main():
    at_full_load()
    a_reload_at_full_load()
    with_an_output_that_takes_nothing()
    with_a_full_disk()
    with_a_locked_database()


if __name__ == "__main__":
    sys.exit(main())

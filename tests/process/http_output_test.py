"""The http output and a real server that refuses, hangs, resets, answers garbage, goes away and
comes back: every document is taken at least once, a repeat has the same key, what the server
refuses is a dead letter, and a stuck server holds up only what it has to.

Environment: SEED (random; printed).
"""
import collections
import os
import random
import re
import sys

from checker import generated_ids
from http_server import GARBAGE, HANG, NOTHING, RESET, Server, ids_of
from pipeline import Pipeline, config, free_ports, wait_until

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
OK = (200, {}, b"")


def sections(settings, count, rate=0, beside=(), **sink):
    made = config({"generate": {"count": count, "rate": rate, "seed": SEED}},
                  producer={"batch": {"documents": 20}}, sink=sink)
    made["sink"]["outputs"] = [*beside, {"http": {"retry": {"first": "20ms", "longest": "100ms"},
                                                  **settings}}]
    return made


def warnings(sink, server):
    """Without the port and the pauses, which nobody can know."""
    texts = (re.sub(r"retry in \S+", "retry in a while", text) for text in sink.messages("warning"))
    return [text.replace(server.url, "URL") for text in texts]


def each_once(server, count, but=()):
    wanted = collections.Counter({name: 1 for name in generated_ids("p1", count)
                                  if name not in but})
    assert server.ids() == wanted, (server.ids() - wanted, wanted - server.ids())


def same_keys(server):
    """Each key stands for one body, and no two keys for parts of the same."""
    for key, bodies in server.keys().items():
        assert len(bodies) == 1, f"{key} came with {len(bodies)} bodies"


def whatever_goes_wrong_each_document_is_taken_once():
    """With one connection also in order. (On a connection that it had before libcurl tries once more
    by itself; so what is said of a reset is told on a new one.)"""
    troubles = [(503, {}, b"later\n"), (429, {"Retry-After": "1"}, b""), GARBAGE, RESET, NOTHING,
                (408, {}, b""), HANG, (500, {}, b"\x1b[31moops" + b"x" * 300), (502, {}, b"")]
    left = list(troubles)
    with Server(lambda post: left.pop(0) if left else OK) as server:
        settings = {"url": server.url, "batch": {"documents": 50}, "timeout": "500ms",
                    "bearer": "s3cret"}
        with Pipeline(sections(settings, 300)) as pipeline:
            pipeline.start_all()
            pipeline.finish()
            each_once(server, 300)
            same_keys(server)
            assert not left
            assert {post.kind for post in server.posts} == {"application/x-ndjson"}
            assert {post.authorization for post in server.posts} == {"Bearer s3cret"}
            ids = [name for post in server.taken for name in post.ids]
            assert ids == sorted(ids), "one connection, and not in order"
            # Until the server answers in order nothing but the first batch is sent.
            assert len({post.key for post in server.posts[:len(troubles) + 1]}) == 1
            found = warnings(pipeline.daemons["s1"], server)
            text = "sink.outputs.http: URL: "
            expected = [
                text + "expected status 2xx, found 503: later\\x0a; retry in a while",
                text + "expected status 2xx, found 429; retry in a while",
                text + "expected an answer of HTTP, found other bytes; retry in a while",
                text + "failure when receiving data from the peer; retry in a while",
                text + "server returned nothing (no headers, no data); retry in a while",
                text + "expected status 2xx, found 408; retry in a while",
                text + "no answer within 500ms; retry in a while",
                text + "expected status 2xx, found 500: \\x1b[31moops" + "x" * 191 +
                "; retry in a while",
                text + "expected status 2xx, found 502; retry in a while"]
            assert found == expected, "\n".join(found)
            retry = [line for line in pipeline.daemons["s1"].messages("warning") if "found 429" in line]
            assert retry[0].endswith("; retry in 1s"), retry
            assert f"sink.outputs.http: {server.url}: answers again" in \
                pipeline.daemons["s1"].messages("info")


def what_the_server_refuses_is_a_dead_letter_and_the_rest_is_taken():
    """Of a batch, too, however many of it are at fault."""
    def answer(post):
        return (422, {}, b"no\tgood") if any(name.endswith("3") for name in post.ids) else OK
    for body, kind in (("ndjson", "application/x-ndjson"), ("json_array", "application/json"),
                       ("each", "application/json")):
        with Server(answer) as server:
            settings = {"url": server.url, "body": body, "batch": {"documents": 16},
                        "connections": 3}
            with Pipeline(sections(settings, 200)) as pipeline:
                pipeline.start_all()
                pipeline.finish()
                refused = {name for name in generated_ids("p1", 200) if name.endswith("3")}
                each_once(server, 200, refused)
                same_keys(server)
                assert {post.kind for post in server.posts} == {kind}
                letters = pipeline.lines("out/s1.dead.ndjson")
                assert {(letter["stage"], letter["error"]) for letter in letters} == {
                    ("sink.outputs.http", "expected status 2xx, found 422: no\\x09good")}
                assert len(letters) == 20
                assert all(any(name in letter["document"] for name in refused)
                           for letter in letters)
                assert warnings(pipeline.daemons["s1"], server) == []
                pipeline.start("sink", "s1").says("180 documents delivered, 20 dead so far")


def a_sink_that_is_killed_sends_again_under_the_same_keys():
    """And the server goes away and comes back, too. What it refuses has one dead letter each."""
    chance = random.Random(SEED)
    count = 3000
    names = list(generated_ids("p1", count))
    refused = {name for name in names if name.endswith("3")}
    with Server(lambda post: (422, {}, b"") if refused & set(post.ids) else OK) as server:
        settings = {"url": server.url, "body": "each", "connections": 4}
        for on_full in ("wait", "spill"):
            server.posts.clear()
            server.taken.clear()
            with Pipeline(sections({**settings, "on_full": on_full}, count, 1500)) as pipeline:
                pipeline.start_all()
                for kill in range(6):
                    wanted = count * 7 // 10 * (kill + 1) // 8
                    wait_until(lambda least=wanted: len(server.ids()) >= least,
                               what=f"{wanted} documents")
                    if chance.random() < 0.4:
                        server.stop()
                        pipeline.daemons["s1"].says("couldn't connect to server: connection refused")
                        server.start()
                    pipeline.daemons["s1"].kill()
                    pipeline.start("sink", "s1")
                # A sink that is stopped leaves what has not been delivered in its spool.
                wait_until(lambda: len(set(server.ids())) >= count - len(refused),
                           what="the last document")
                pipeline.finish()
                found = server.ids()
                assert set(found) == set(names) - refused, (on_full, len(found))
                letters = [name for letter in pipeline.lines("out/s1.dead.ndjson")
                           for name in ids_of(letter["document"].encode())]
                assert sorted(letters) == sorted(refused), (on_full, len(letters))
                same_keys(server)
                keys = collections.defaultdict(set)
                for post in server.posts:
                    keys[post.ids[0]].add(post.key)
                assert all(len(some) == 1 for some in keys.values()), "a repeat under another key"
                again = sum(found.values()) - len(found)
                assert again < count, f"{again} repeats"
                print(f"{on_full}: 6 kills, {count} documents, {again} of them more than once")


def a_stuck_server_holds_up_only_what_it_has_to():
    """Beside it an NDJSON file: with `wait` nothing is settled, with `spill` everything is."""
    count = 2000
    beside = [{"ndjson": {"path": "out/{sink}.ndjson"}}]
    stuck = {"yes": True}

    def answer(_post):
        return HANG if stuck["yes"] else OK
    with Server(answer) as server:
        settings = {"url": server.url, "timeout": "1h"}
        with Pipeline(sections(settings, count, beside=beside)) as pipeline:
            pipeline.start_all()
            server.wait_for_posts(1)
            # The sink lives, and has settled nothing.
            pipeline.telemetry("s1").forget()
            wait_until(pipeline.telemetry("s1").values, what="a status of the sink that waits")
            pipeline.telemetry("p1").forget()
            pipeline.wait_for("p1", "delivered", lambda delivered: delivered == 0)
            assert pipeline.daemons["p1"].running()
            # An orderly end does not wait for ever.
            pipeline.daemons["s1"].stop(30)
            stuck["yes"] = False
            pipeline.start("sink", "s1")
            pipeline.finish()
            each_once(server, count)
            assert len(pipeline.lines("out/s1.ndjson")) == count
        stuck["yes"] = True
        server.posts.clear()
        server.taken.clear()
        settings["on_full"] = "spill"
        with Pipeline(sections(settings, count, beside=beside)) as pipeline:
            pipeline.start_all()
            assert pipeline.daemons["p1"].exit_code() == 0
            pipeline.wait_for("s1", "delivered", lambda delivered: delivered == count)
            assert len(pipeline.lines("out/s1.ndjson")) == count
            assert not server.taken
            # What waits outlives the sink.
            pipeline.daemons["s1"].kill()
            stuck["yes"] = False
            sink = pipeline.start("sink", "s1")
            sink.says(f"sink.outputs.http: {count} documents of an earlier run wait in state/s1/http-")
            wait_until(lambda: len(server.ids()) == count, what="all documents")
            pipeline.finish()
            each_once(server, count)
            pipeline.start("sink", "s1").says("ready at")
            assert "earlier run" not in pipeline.daemons["s1"].log()


def a_spill_that_is_full_makes_the_pipeline_wait():
    """And goes on when the server does; refused documents become dead letters from there, too."""
    count = 6000  # of 350 B: twice what there is room for
    stuck = {"yes": True}

    def answer(post):
        if stuck["yes"]:
            return (503, {}, b"")
        return (400, {}, b"") if any(name.endswith("07") for name in post.ids) else OK
    with Server(answer) as server:
        settings = {"url": server.url, "on_full": "spill", "spill": "1MiB"}
        with Pipeline(sections(settings, count)) as pipeline:
            pipeline.start_all()
            sink = pipeline.daemons["s1"]
            sink.says("is full; the pipeline waits for ")
            pipeline.telemetry("s1").forget()
            wait_until(pipeline.telemetry("s1").values, what="a status of the sink that waits")
            pipeline.telemetry("p1").forget()
            pipeline.wait_for("p1", "delivered", lambda delivered: 0 < delivered < count)
            said = {name: pipeline.telemetry(name) for name in ("p1", "s1")}
            wait_until(lambda: said["s1"].get("delivered") == said["p1"].get("delivered"),
                       what="a sink that counts nothing before it is committed")
            folder, = (name for name in os.listdir(pipeline.path("state/s1"))
                       if name.startswith("http-"))
            size = sum(os.path.getsize(pipeline.path("state/s1", folder, name))
                       for name in os.listdir(pipeline.path("state/s1", folder)))
            assert size < 1 << 20 | 1 << 16, size
            stuck["yes"] = False
            pipeline.finish()
            refused = {name for name in generated_ids("p1", count) if name.endswith("07")}
            each_once(server, count, refused)
            letters = pipeline.lines("out/s1.dead.ndjson")
            assert {letter["error"] for letter in letters} == {"expected status 2xx, found 400"}
            assert len(letters) == len(refused) == count // 100


def what_the_settings_are_to_blame_for_is_said_and_waited_for():
    """Credentials, a wrong path, a redirect, nobody there: no dead letters, and it goes on."""
    cases = {401: "expected status 2xx, found 401: who?; check the credentials",
             403: "expected status 2xx, found 403: who?; check the credentials",
             404: "expected status 2xx, found 404: who?; check 'url'",
             301: "expected status 2xx, found 301 to http://127.0.0.2/there: who?; redirects are "
                  "not followed, put that address into 'url'"}
    for status, text in cases.items():
        left = [(status, {"Location": "http://127.0.0.2/there"} if status == 301 else {}, b"who?")]
        with Server(lambda post, some=left: some.pop(0) if some else OK) as server:
            with Pipeline(sections({"url": server.url}, 50)) as pipeline:
                pipeline.start_all()
                pipeline.finish()
                each_once(server, 50)
                assert os.path.getsize(pipeline.path("out/s1.dead.ndjson")) == 0
                found = warnings(pipeline.daemons["s1"], server)
                assert found == [f"sink.outputs.http: URL: {text}; retry in a while"], found
    port, = free_ports(1)
    nobody = {f"http://127.0.0.1:{port}/": "couldn't connect to server: connection refused",
              "http://no-such-host.invalid/": "couldn't resolve host name"}
    for url, text in nobody.items():
        with Pipeline(sections({"url": url}, 10)) as pipeline:
            pipeline.start_all()
            sink = pipeline.daemons["s1"]
            wait_until(lambda: len(sink.messages("warning")) >= 2, what="two warnings")
            found = {re.sub(r"retry in \S+", "retry", line) for line in sink.messages("warning")}
            assert found == {f"sink.outputs.http: {url}: {text}; retry"}, found
            sink.stop(30)


def main():
    print(f"SEED={SEED}")
    whatever_goes_wrong_each_document_is_taken_once()
    what_the_server_refuses_is_a_dead_letter_and_the_rest_is_taken()
    a_sink_that_is_killed_sends_again_under_the_same_keys()
    a_stuck_server_holds_up_only_what_it_has_to()
    a_spill_that_is_full_makes_the_pipeline_wait()
    what_the_settings_are_to_blame_for_is_said_and_waited_for()


if __name__ == "__main__":
    sys.exit(main())

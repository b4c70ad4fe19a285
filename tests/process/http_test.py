"""Documents over HTTP: what was answered with 202 is in the output once, whatever is killed while
clients send; and clients that break the rules, dawdle or come in crowds cost nobody anything."""
import http.client
import json
import os
import random
import socket
import subprocess
import threading
import unittest

from pipeline import LONGEST_PAUSE, PATIENCE, Pipeline, config, free_ports, wait_until

CLIENTS, REQUESTS, LINES = 6, 150, 8  # every third request has so many lines
KILLS = int(os.environ.get("KILLS", "24"))


def sections(port, processors=(), **settings):
    return config({"http": {"bind": f"127.0.0.1:{port}", **settings}}, processors=processors,
                  producer={"batch": {"documents": 16}})


class Sender(threading.Thread):
    """Sends each request again with its key until it is answered with 202."""

    def __init__(self, port, number):
        super().__init__()
        self.port, self.number = port, number
        self.kept, self.ids, self.repeats, self.error = [], set(), 0, None
        self.pause = threading.Event()

    def ask(self, connection, request, bodies):
        kind = "application/x-ndjson" if len(bodies) > 1 else "application/json"
        headers = {"Content-Type": kind, "Idempotency-Key": f"{self.number}/{request}"}
        connection.request("POST", "/documents", "\n".join(bodies), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def send(self, request):
        count = LINES if request % 3 == 0 else 1
        names = [f"{self.number}-{request}-{line}" for line in range(count)]
        bodies = [json.dumps({"name": name, "text": "x" * 200}) for name in names]
        while True:
            try:
                status, told = self.ask(self.connection, request, bodies)
            except (OSError, http.client.HTTPException):
                self.connection.close()
                status = None
            if status == 202:
                ids = told["ids"] if count > 1 else [told["id"]]
                assert len(ids) == count, (ids, count)
                self.ids.update(ids)
                self.kept += names
                return
            assert status in (None, 429, 503), (status, told)
            self.repeats += 1
            self.pause.wait(0.02)

    def run(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            for request in range(REQUESTS):
                self.send(request)
        except AssertionError as error:
            self.error = error
        self.connection.close()


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path)
    answer = connection.getresponse()
    told = answer.status, json.loads(answer.read())
    connection.close()
    return told


def post(port, body, kind="text/plain"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("POST", "/documents", body, {"Content-Type": kind})
    answer = connection.getresponse()
    told = answer.status, json.loads(answer.read())
    connection.close()
    return told


def settled(port, ids):
    """Waits until each of the ids is settled."""
    for one in ids:
        wait_until(lambda one=one: get(port, f"/documents/{one}")[1].get("state") == "settled",
                   what=f"{one} settled")


def stop(pipeline):
    for name in ("p1", "t1", "s1"):
        pipeline.daemons[name].stop()


def memory(daemon):
    with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def raw(port, sent):
    """What the other end says until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        said = b""
        try:
            client.sendall(sent)
            while piece := client.recv(65536):
                said += piece
        except ConnectionError:
            pass
        return said


class HttpTest(unittest.TestCase):
    def started(self, **settings):
        port = free_ports(1)[0]
        pipeline = Pipeline(sections(port, **settings))
        pipeline.start_all()
        pipeline.daemons["p1"].says("run 1 of epoch")
        wait_until(lambda: get(port, "/health")[0] == 200, what="health")
        return pipeline, port

    def test_what_was_answered_is_there_once_whatever_is_killed(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        pipeline, port = self.started()
        with pipeline, self.subTest(seed=seed):
            senders = [Sender(port, number) for number in range(CLIENTS)]
            for sender in senders:
                sender.start()
            killed = dict.fromkeys(("p1", "t1", "s1"), 0)
            roles = {"p1": "producer", "t1": "transformer", "s1": "sink"}
            pause = threading.Event()
            while any(sender.is_alive() for sender in senders) or sum(killed.values()) < KILLS:
                name = rng.choice(list(roles))
                pause.wait(rng.random() * LONGEST_PAUSE)
                pipeline.daemons[name].kill()
                killed[name] += 1
                pipeline.start(roles[name], name)
            for sender in senders:
                sender.join()
                self.assertIsNone(sender.error)
            wait_until(lambda: "run " in pipeline.daemons["p1"].log(), what="the last start of p1")
            settled(port, set().union(*(sender.ids for sender in senders)))
            stop(pipeline)
            names = sorted(line["name"] for line in pipeline.lines("out/s1.ndjson"))
            kept = sorted(name for sender in senders for name in sender.kept)
            print(f"{len(kept)} documents answered with 202, {killed} kills, "
                  f"{sum(sender.repeats for sender in senders)} requests sent again")
            self.assertEqual(names, kept)
            self.assertEqual(sum(len(sender.ids) for sender in senders), len(kept))

    def test_garbage_is_refused_or_dropped_and_nothing_of_it_is_taken(self):
        pipeline, port = self.started(timeout="2s")
        with pipeline:
            rng = random.Random(7)
            head = b"POST /documents HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
            for sent in (b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"POST /documents HTTP/9.9\r\n\r\n",
                         bytes(rng.randrange(256) for _ in range(5000)) + b"\r\n\r\n",
                         head + b"Content-Length: -5\r\n\r\nx", head + b"Content-Length: x\r\n\r\nx",
                         head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
                         head + b"X: " + b"a" * 200_000, head + b"X: a\r\n" * 100_000,
                         b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n"):
                said = raw(port, sent)
                self.assertNotIn(b" 202 ", said, sent[:80])
                self.assertNotIn(b" 200 ", said, sent[:80])
            # Less than it says, and then nothing; more than it says is the next request, and none.
            self.assertNotIn(b" 202 ", raw(port, head + b"Content-Length: 100\r\n\r\nshort"))
            said = raw(port, head + b"Content-Length: 4\r\n\r\nfourGARBAGE\r\n\r\n")
            self.assertEqual(said.count(b" 202 "), 1, said)
            status, told = post(port, "good")
            self.assertEqual(status, 202)
            settled(port, [told["id"]])
            stop(pipeline)
            with open(pipeline.path("out/s1.ndjson"), "rb") as file:
                self.assertEqual(sorted(file.read().splitlines()), [b'"four"', b'"good"'])

    def test_a_thousand_that_dawdle_keep_nobody_out_for_long(self):
        pipeline, port = self.started(timeout="2s", connections=1000)
        with pipeline:
            before = memory(pipeline.daemons["p1"])
            crowd = []
            for _ in range(1000):
                client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
                client.sendall(b"POST /documents HTTP/1.1\r\nHost: a\r\nContent-Type: te")
                crowd.append(client)
            # One that sends a byte now and then is never silent, and still too slow.
            dripping = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            ended = threading.Event()

            def drip():
                try:
                    while not ended.wait(0.2):
                        dripping.sendall(b"x")
                except ConnectionError:
                    ended.set()
            dripper = threading.Thread(target=drip)
            dripper.start()
            status, told = post(port, "patient")
            self.assertEqual(status, 202)
            self.assertTrue(ended.wait(PATIENCE), "a slow client was never cut off")
            dripper.join()
            grown = memory(pipeline.daemons["p1"]) - before
            print(f"1000 slow connections: {grown >> 10} KiB grown")
            # The thread sanitizer keeps as much again for all that is touched, and more.
            self.assertLess(grown, (480 if "TSAN_OPTIONS" in os.environ else 96) << 20)
            for client in [*crowd, dripping]:
                client.close()
            settled(port, [told["id"]])
            stop(pipeline)


class CurlTest(unittest.TestCase):
    TOKEN = "0123456789abcdef"

    def curl(self, folder, port, *arguments, path="/documents", token=TOKEN):
        done = subprocess.run(
            ["curl", "-sS", "--max-time", str(PATIENCE), "-H", f"Authorization: Bearer {token}",
             "-w", " %{http_code}", *arguments, f"http://127.0.0.1:{port}{path}"], cwd=folder,
            capture_output=True, text=True, check=True)
        body, status = done.stdout.rsplit(" ", 1)
        return int(status), json.loads(body)

    def test_curl_sends_xml_json_and_lines_with_a_token_from_a_file(self):
        port = free_ports(1)[0]
        parts = sections(port, processors=["to_json"], token="${file:token}")
        parts["limits"] = {"document": "64KiB"}
        with Pipeline(parts) as pipeline:
            pipeline.put("token", self.TOKEN + "\n")
            pipeline.put("a.xml", "<a>1</a>")
            pipeline.put("b.ndjson", '{"b":2}\n{"b":3}\n')
            pipeline.put("broken.xml", "<a><b></a>")
            pipeline.put("large.txt", "x" * 100_000)
            pipeline.start_all()
            wait_until(lambda: "run 1 of epoch" in pipeline.daemons["p1"].log())
            wait_until(lambda: self.curl(pipeline.folder, port, path="/health")[0] == 200)

            def send(kind, file, *more, **options):
                return self.curl(pipeline.folder, port, "-H", f"Content-Type: {kind}",
                                 "--data-binary", f"@{file}", *more, **options)
            ids = []
            status, told = send("application/xml", "a.xml")
            self.assertEqual(status, 202)
            ids.append(told["id"])
            status, told = send("application/x-ndjson", "b.ndjson", "-H", "Idempotency-Key: b")
            self.assertEqual(status, 202)
            ids += told["ids"]
            self.assertEqual(send("application/x-ndjson", "b.ndjson", "-H", "Idempotency-Key: b"),
                             (202, told))
            # It is not looked at here: it becomes a dead letter.
            status, told = send("text/xml", "broken.xml")
            self.assertEqual(status, 202)
            ids.append(told["id"])
            self.assertEqual(send("text/xml", "a.xml", token="wrong-wrong-wrong")[0], 401)
            self.assertEqual(send("text/plain", "large.txt"), (413, {
                "error": "expected a body of at most 64KiB; send less at a time, or raise "
                         "limits.document"}))
            settled_all = [wait_until(lambda one=one: self.curl(
                pipeline.folder, port, path=f"/documents/{one}")[1]["state"] == "settled")
                for one in ids]
            self.assertEqual(len(settled_all), 4)
            stop(pipeline)
            self.assertCountEqual(pipeline.lines("out/s1.ndjson"), [{"a": "1"}, {"b": 2}, {"b": 3}])
            (dead,) = pipeline.lines("out/s1.dead.ndjson")
            self.assertEqual((dead["error"], dead["source"], dead["record"]), (
                "line 1, column 7: expected '</b>', found another end tag or none", "http",
                int(ids[-1].split("-")[1])))
            self.assertNotIn(self.TOKEN, "".join(d.log() for d in pipeline.every))


if __name__ == "__main__":
    unittest.main()

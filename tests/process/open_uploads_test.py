"""A producer that is told to stop, or to reload, while uploads over HTTP are open: it ends in order, and
what was answered is there once."""
import http.client
import itertools
import json
import signal
import socket
import threading
import unittest

from http_test import sections, stop
from pipeline import PATIENCE, Pipeline, free_ports, wait_until


class Uploader(threading.Thread):
    """Uploads in two pieces, again and again, so that at any moment some bodies are half sent and
    some are complete and not answered."""

    def __init__(self, port, number, over):
        super().__init__()
        self.port, self.number, self.over = port, number, over
        self.kept = []

    def upload(self, client, name):
        # Large, so that answers and other uploads take time while the server is being destroyed.
        body = json.dumps({"name": name, "text": "x" * 200_000}).encode()
        client.sendall(b"POST /documents HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                       b"Content-Length: %d\r\n\r\n%s" % (len(body), body[:-1000]))
        self.over.wait(0.001)
        client.sendall(body[-1000:])
        answer = http.client.HTTPResponse(client)
        answer.begin()
        answer.read()
        return answer.status

    def run(self):
        for count in itertools.count():
            if self.over.is_set():
                return
            name = f"{self.number}-{count}"
            try:
                with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as client:
                    if self.upload(client, name) == 202:
                        self.kept.append(name)
            except (OSError, http.client.HTTPException):
                self.over.wait(0.005)


class OpenUploadsTest(unittest.TestCase):
    ROUNDS, UPLOADERS = 12, 48

    def end_in_rounds(self, end):
        """end(pipeline): the producer's end, in each round, while uploads are open."""
        port = free_ports(1)[0]
        with Pipeline(sections(port)) as pipeline:
            pipeline.start_all()
            over = threading.Event()
            uploaders = [Uploader(port, number, over) for number in range(self.UPLOADERS)]
            for uploader in uploaders:
                uploader.start()
            try:
                for _ in range(self.ROUNDS):
                    count = sum(len(uploader.kept) for uploader in uploaders)
                    wait_until(lambda count=count: sum(len(uploader.kept) for uploader in uploaders)
                               >= count + self.UPLOADERS, what="uploads that are answered")
                    end(pipeline)
            finally:
                over.set()
                for uploader in uploaders:
                    uploader.join()
            kept = sorted(name for uploader in uploaders for name in uploader.kept)
            # Documents without an answer may be there as well, once.
            wait_until(lambda: pipeline.telemetry("p1").get("in_flight") == 0 and
                       "in_flight" in pipeline.telemetry("p1").values(), what="an idle producer")
            stop(pipeline)
            names = [line["name"] for line in pipeline.lines("out/s1.ndjson")]
            self.assertEqual(len(names), len(set(names)))
            self.assertEqual(sorted(set(kept) - set(names)), [])
            print(f"{len(kept)} uploads answered with 202 in {self.ROUNDS} rounds, "
                  f"{len(names) - len(kept)} stored without an answer")

    def test_a_producer_that_is_told_to_stop_while_uploads_are_open_exits_with_0(self):
        def end(pipeline):
            pipeline.daemons["p1"].stop()
            pipeline.start("producer", "p1")
        self.end_in_rounds(end)

    def test_a_reload_while_uploads_are_open_loses_nothing_and_ends_nothing(self):
        def end(pipeline):
            daemon = pipeline.daemons["p1"]
            reloads = daemon.log().count("was taken over")
            daemon.send(signal.SIGHUP)
            wait_until(lambda: not daemon.running() or
                       daemon.log().count("was taken over") > reloads, what="the reload")
            self.assertTrue(daemon.running(), daemon.log())
        self.end_in_rounds(end)


if __name__ == "__main__":
    unittest.main()

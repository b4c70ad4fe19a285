"""HTTP: curl and Python's urllib put documents into the source `http`."""
import json
import subprocess
import urllib.request

from matrix import Case
from pipeline import Pipeline, free_ports

COUNT = 50


class Receiving:
    """A pipeline that takes documents over HTTP and writes lines."""

    def __enter__(self):
        port, = free_ports(1)
        self.url = f"http://127.0.0.1:{port}/documents"
        self.pipeline = Pipeline({
            "pipeline": "web", "state": "state",
            "producer": {"source": {"http": {"bind": f"127.0.0.1:{port}"}}},
            "transformer": {"processors": ["to_json"]},
            "sink": {"outputs": [{"ndjson": {"path": "out.ndjson"}}]}}).__enter__()
        self.pipeline.start_all()
        return self

    def __exit__(self, *error):
        self.pipeline.__exit__(*error)

    def written(self, count):
        self.pipeline.wait_for("s1", "delivered", lambda delivered: delivered >= count)
        return sorted(int(line["n"]) for line in self.pipeline.lines("out.ndjson"))


def curl(url, kind, *arguments):
    done = subprocess.run(["curl", "-sS", "--fail-with-body", "--retry", "5", "--retry-connrefused",
                           "-H", f"Content-Type: {kind}", "-w", " %{http_code}", *arguments, url],
                          capture_output=True, text=True, check=True)
    assert done.stdout.endswith(" 202"), done.stdout
    return done.stdout


def curl_one_each():
    with Receiving() as to:
        for number in range(COUNT):
            curl(to.url, "application/json", "-H", f"Idempotency-Key: {number}",
                 "-d", f'{{"n":{number}}}')
        assert to.written(COUNT) == list(range(COUNT))


def curl_lines():
    with Receiving() as to:
        lines = to.pipeline.put("in.ndjson", "".join(f'{{"n":{n}}}\n' for n in range(COUNT)))
        curl(to.url, "application/x-ndjson", "--data-binary", f"@{lines}")
        assert to.written(COUNT) == list(range(COUNT))


def urllib_requests():
    with Receiving() as to:
        curl(to.url, "application/json", "-d", '{"n":0}')
        for number in range(1, COUNT):
            request = urllib.request.Request(to.url, f'{{"n":{number}}}'.encode(),
                                             {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=30) as answer:
                assert answer.status == 202 and json.load(answer)["id"]
        assert to.written(COUNT) == list(range(COUNT))


def cases():
    one, lines = "one document", "lines, `application/x-ndjson`"
    return [Case("curl 7.88", "HTTP POST", "in", one, curl_one_each),
            Case("curl 7.88", "HTTP POST", "in", lines, curl_lines),
            Case("Python 3.11, urllib", "HTTP POST", "in", one, urllib_requests)]

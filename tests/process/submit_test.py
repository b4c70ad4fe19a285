"""Documents that are submitted over ZeroMQ: what was answered with kept is in the output once, whatever
is killed while clients - the program of docs/wire-format.md among them - submit; and requests that
are none are answered with what was expected."""
import json
import os
import random
import re
import subprocess
import threading
import unittest

import zmq

from pipeline import LONGEST_PAUSE, PATIENCE, Pipeline, config, free_ports, wait_until

CLIENTS, LINES = 3, 3000
KILLS = int(os.environ.get("KILLS", "18"))
DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")
ROLES = {"p1": "producer", "t1": "transformer", "s1": "sink"}


def program():
    with open(os.path.join(DOCS, "wire-format.md"), encoding="utf-8") as file:
        return re.search(r"^```python\n(# submit\.py.*?)^```$", file.read(),
                         re.MULTILINE | re.DOTALL).group(1)


def sections(port, **more):
    return config({"submit": {"bind": f"tcp://127.0.0.1:{port}", **more}}, processors=(),
                  producer={"batch": {"documents": 16}})


class SubmitTest(unittest.TestCase):
    def test_what_was_answered_is_there_once_whatever_is_killed(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        port = free_ports(1)[0]
        with self.subTest(seed=seed), Pipeline(sections(port)) as pipeline:
            pipeline.put("submit.py", program())
            pipeline.start_all()
            clients = []
            for name in range(CLIENTS):
                lines = [json.dumps({"name": f"{name}/{n}", "text": "x" * rng.randrange(300)})
                         for n in range(LINES)]
                pipeline.put(f"{name}.ndjson", "\n".join(lines) + "\n")
            for name in range(CLIENTS):
                with open(pipeline.path(f"{name}.ndjson"), "rb") as lines:
                    clients.append(subprocess.Popen(
                        ["/usr/bin/python3", "submit.py", f"tcp://127.0.0.1:{port}", f"c{name}"],
                        cwd=pipeline.folder, stdin=lines, stdout=subprocess.PIPE, text=True))
            try:
                killed = dict.fromkeys(ROLES, 0)
                pause = threading.Event()
                while (any(client.poll() is None for client in clients)
                       or sum(killed.values()) < KILLS):
                    pause.wait(rng.random() * LONGEST_PAUSE)
                    name = rng.choice(list(ROLES))
                    pipeline.daemons[name].kill()
                    killed[name] += 1
                    pipeline.start(ROLES[name], name)
                for client in clients:
                    self.assertEqual(client.communicate(timeout=PATIENCE)[0],
                                     f"{LINES} documents are kept\n")
            finally:
                for client in clients:
                    client.kill()
                    client.wait()
                    client.stdout.close()
            pipeline.wait_for("p1", "in_flight", lambda documents: documents == 0)
            pipeline.wait_for_lines("out/s1.ndjson", CLIENTS * LINES)
            for name in ROLES:
                pipeline.daemons[name].stop()
            found = sorted(line["name"] for line in pipeline.lines("out/s1.ndjson"))
            print(f"{CLIENTS * LINES} documents, {killed} kills")
            self.assertEqual(found, sorted(f"{name}/{n}" for name in range(CLIENTS)
                                           for n in range(LINES)))

    def test_requests_are_answered_with_what_became_of_them(self):
        port = free_ports(1)[0]
        parts = sections(port, spool="1MiB")
        parts["limits"] = {"document": "512KiB"}
        with Pipeline(parts) as pipeline:
            for name in ("s1", "p1"):  # without a transformer: the spool fills
                pipeline.start(ROLES[name], name)
            dealer = pipeline.context.socket(zmq.DEALER)
            request = pipeline.context.socket(zmq.REQ)
            for socket in (dealer, request):
                socket.setsockopt(zmq.RCVTIMEO, PATIENCE * 1000)
                socket.connect(f"tcp://127.0.0.1:{port}")

            def ask(socket, *frames):
                socket.send_multipart(frames)
                return socket.recv_multipart()
            key, verdict, first = ask(dealer, b"k", b"json", b"{}")
            self.assertEqual((key, verdict), (b"k", b"kept"))
            self.assertRegex(first.decode(), r"^[0-9a-f]{16}-\d+$")
            self.assertEqual(ask(request, b"k", b"json", b"{}"), [b"k", b"kept", first])
            self.assertNotEqual(ask(request, b"", b"", b"<a/>")[2], first)
            self.assertEqual(ask(dealer, b"", b"text", b"no key")[:2], [b"", b"kept"])
            refused = [
                ((b"k",), "expected 3 frames: key, format, document; found 1"),
                ((b"k", b"json", b"{}", b"more", b"and more"),
                 "expected 3 frames: key, format, document; found 5"),
                ((b"k", b"yaml", b"a: 1"), "expected the format xml, json, text or auto"),
                ((b"k", b"json", b""), "expected a document, found an empty frame"),
                ((b"k", b"text", b"x" * (512 << 10) + b"y"),
                 "expected a document of at most 512KiB, found 524289 bytes; send less, or raise "
                 "limits.document"),
                ((b"k" * 256, b"json", b"{}"),
                 "expected a key of at most 255 bytes, found 256; shorten it"),
            ]
            for frames, text in refused:
                for socket in (dealer, request):
                    self.assertEqual(ask(socket, *frames),
                                     [frames[0][:255], b"refused", text.encode()])
            # A frame that is much too large ends this connection, and no other.
            large = pipeline.context.socket(zmq.DEALER)
            large.connect(f"tcp://127.0.0.1:{port}")
            large.send_multipart([b"l", b"text", b"x" * (4 << 20)])
            for number in range(4):
                key, verdict, text = ask(dealer, b"%d" % number, b"text", b"x" * 300_000)
            self.assertEqual(verdict, b"full")
            self.assertIn(b"bytes wait to be settled", text)
            large.close(linger=0)
            pipeline.start("transformer", "t1")
            wait_until(lambda: ask(dealer, b"3", b"text", b"x" * 300_000)[1] == b"kept",
                       what="room in the spool")
            pipeline.wait_for("p1", "delivered", lambda documents: documents == 7)
            for name in ROLES:
                pipeline.daemons[name].stop()


if __name__ == "__main__":
    unittest.main()

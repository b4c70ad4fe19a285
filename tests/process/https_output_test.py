"""The http output and a real https server with an authority of our own: a certificate that is of
another authority, expired, or for another host, and wrong credentials are said word for word, nothing
is sent meanwhile, and every document is taken once when they are right again."""
import collections
import os
import re
import subprocess
import sys
import tempfile
import unittest

from checker import generated_ids
from http_server import Server
from pipeline import Pipeline, config, wait_until

COUNT = 100
OK = (200, {}, b"")
TEXT = "sink.outputs.http: URL: expected a valid certificate of the server, found: "
OF_ANOTHER = (TEXT + "unable to get local issuer certificate; check 'ca', which must hold the "
              "authority that signed it; retry in a while")


class Authority:
    """Makes certificates below a folder."""

    def __init__(self, folder, name):
        self.place = os.path.join(folder, name)
        os.mkdir(self.place)
        self.file = self.path("ca.pem")
        self.run("req", "-x509", "-days", "2", "-subj", f"/CN={name}", "-keyout", self.path("ca.key"),
                 "-out", self.file, *self.NEW_KEY)

    NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

    def path(self, name):
        return os.path.join(self.place, name)

    @staticmethod
    def run(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def certificate(self, host, days=2):
        """For a server at that host; days: for how long it is valid, from now."""
        name = self.path(re.sub(r"\W", "-", f"{host}{days}"))
        with open(name + ".names", "w", encoding="ascii") as file:
            file.write(f"subjectAltName={host}\n")
        self.run("req", "-subj", "/CN=server", "-keyout", name + ".key", "-out", name + ".csr",
                 *self.NEW_KEY)
        self.run("x509", "-req", "-in", name + ".csr", "-CA", self.file, "-CAkey",
                 self.path("ca.key"), "-CAcreateserial", "-days", str(days), "-extfile",
                 name + ".names", "-out", name + ".pem")
        return name + ".pem", name + ".key"


def sections(server, **settings):
    made = config({"generate": {"count": COUNT}}, producer={"batch": {"documents": 20}})
    made["sink"]["outputs"] = [{"http": {
        "url": server.url, "retry": {"first": "20ms", "longest": "100ms"}, **settings}}]
    return made


def warnings(sink, server):
    """Each one once, without the port and the pauses, which nobody can know."""
    texts = (re.sub(r"retry in \S+", "retry in a while", text) for text in sink.messages("warning"))
    return list(dict.fromkeys(text.replace(server.url, "URL") for text in texts))


class HttpsOutputTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="docmill-")
        cls.authority = Authority(cls.folder.name, "right")
        cls.stranger = Authority(cls.folder.name, "other")
        cls.good = cls.authority.certificate("IP:127.0.0.1")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def each_once(self, server):
        wanted = collections.Counter(generated_ids("p1", COUNT))
        self.assertEqual(server.ids(), wanted)

    def waits(self, pipeline, server, text):
        """The sink has said so, several times, and nothing was settled or sent."""
        sink = pipeline.daemons["s1"]
        wait_until(lambda: len(sink.messages("warning")) >= 3, what="three warnings")
        self.assertEqual(warnings(sink, server), [text])
        self.assertTrue(sink.running())
        self.assertEqual(server.posts, [])

    def test_a_certificate_that_is_not_valid_is_waited_out(self):
        cases = {
            "of another authority": (self.stranger.certificate("IP:127.0.0.1"), OF_ANOTHER),
            "expired": (self.authority.certificate("IP:127.0.0.1", days=-1),
                        TEXT + "certificate has expired; have it renewed, or set the clock; "
                        "retry in a while"),
            "of another host": (self.authority.certificate("DNS:example.org"),
                                TEXT + "no alternative certificate subject name matches target host "
                                "name '127.0.0.1'; check the host in 'url'; retry in a while")}
        for on_full in ("wait", "spill"):
            for what, (certificate, text) in cases.items():
                with self.subTest(what, on_full=on_full), Server(certificate=certificate) as server:
                    made = sections(server, ca=self.authority.file, bearer="s3cret", on_full=on_full)
                    with Pipeline(made) as pipeline:
                        pipeline.start_all()
                        self.waits(pipeline, server, text)
                        server.stop()
                        server.certificate = self.good
                        server.start()
                        wait_until(lambda: len(server.ids()) == COUNT, what="all documents")
                        pipeline.finish()
                        self.each_once(server)
                        self.assertEqual({post.authorization for post in server.posts},
                                         {"Bearer s3cret"})
                        self.assertEqual(os.path.getsize(pipeline.path("out/s1.dead.ndjson")), 0)
                        self.assertIn(f"sink.outputs.http: {server.url}: answers again",
                                      pipeline.daemons["s1"].messages("info"))

    def test_an_authority_that_is_not_the_servers_is_said_until_the_file_names_the_right_one(self):
        with Server(certificate=self.good) as server:
            # The system's do not know it either.
            for ca in ({"ca": self.stranger.file}, {}):
                server.posts.clear()
                server.taken.clear()
                with self.subTest(**ca), Pipeline(sections(server, **ca)) as pipeline:
                    pipeline.start_all()
                    self.waits(pipeline, server, OF_ANOTHER)
                    pipeline.daemons["s1"].stop()
                    pipeline.write(sections(server, ca=self.authority.file))
                    pipeline.start("sink", "s1")
                    pipeline.finish()
                    self.each_once(server)

    def test_wrong_credentials_are_said_until_the_file_has_the_right_ones(self):
        def answer(post):
            return OK if post.authorization == "Bearer right" else (401, {}, b"who?")
        with Server(answer, certificate=self.good) as server:
            with Pipeline(sections(server, ca=self.authority.file, bearer="wrong")) as pipeline:
                pipeline.start_all()
                sink = pipeline.daemons["s1"]
                wait_until(lambda: len(sink.messages("warning")) >= 3, what="three warnings")
                self.assertEqual(warnings(sink, server), [
                    "sink.outputs.http: URL: expected status 2xx, found 401: who?; check the "
                    "credentials; retry in a while"])
                self.assertEqual(server.taken, [])
                sink.stop()
                pipeline.write(sections(server, ca=self.authority.file, bearer="right"))
                pipeline.start("sink", "s1")
                pipeline.finish()
                self.each_once(server)
                self.assertEqual(os.path.getsize(pipeline.path("out/s1.dead.ndjson")), 0)

    def test_a_server_that_speaks_no_tls_is_said(self):
        with Server() as server:
            made = sections(server)
            made["sink"]["outputs"][0]["http"]["url"] = url = server.url.replace("http:", "https:")
            with Pipeline(made) as pipeline:
                sink = pipeline.start("sink", "s1")
                pipeline.start("transformer", "t1")
                pipeline.start("producer", "p1")
                wait_until(lambda: sink.messages("warning"), what="a warning")
                self.assertRegex(sink.messages("warning")[0],
                                 re.escape(f"sink.outputs.http: {url}: expected TLS, found: ") +
                                 r".*wrong version number; check 'url'; retry in ")

    def test_a_file_without_certificates_keeps_the_sink_from_starting(self):
        with Server(certificate=self.good) as server:
            with Pipeline(sections(server, ca="ca.pem")) as pipeline:
                for found in ("no file that can be read", "none"):
                    sink = pipeline.start("sink", "s1")
                    self.assertEqual((sink.exit_code(), sink.messages()), (
                        78, ["sink.outputs.http.ca: ca.pem: expected certificates in PEM, found "
                             f"{found}; put those of the authorities there that the server's is "
                             "signed by"]))
                    pipeline.put("ca.pem", "nothing")


if __name__ == "__main__":
    sys.exit(unittest.main())

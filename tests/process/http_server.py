"""A real HTTP server for the tests of the http output: it answers as it is told, and notes what it
was sent and what it took."""
import collections
import http.server
import json
import socket
import ssl
import struct
import threading

from pipeline import wait_until

# What a test may give in place of (status, headers, body).
RESET, GARBAGE, HANG, NOTHING = "reset", "garbage", "hang", "nothing"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.server.connections.append(self.connection)

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        post = self.server.owner.came(self.headers, body)
        answer = self.server.owner.answer(post)
        if answer == HANG:
            self.server.owner.released.wait()
            self.close_connection = True
        elif answer == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        elif answer == GARBAGE:
            self.wfile.write(b"\x00\x01 what is this\r\n" * 100)
            self.close_connection = True
        elif answer == NOTHING:
            self.close_connection = True
        else:
            status, headers, text = answer
            if 200 <= status < 300:
                self.server.owner.took(post)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass  # a connection that was reset on purpose

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # a sink that was killed in the middle


Post = collections.namedtuple("Post", "key kind authorization body ids")


class Server:
    """answer: a function of the Post; 200 for all without one. certificate: the files of a
    certificate and its key; the server speaks https then, from its next start on. A context
    manager."""

    def __init__(self, answer=None, certificate=None):
        self.certificate = certificate
        self.answer = answer or (lambda post: (200, {}, b""))
        self.lock = threading.Lock()
        self.posts = []      # all that came, in order
        self.taken = []      # those that were answered with 2xx
        self.released = threading.Event()
        self.port = 0
        self.listener = None
        self.thread = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.stop()

    def start(self):
        """At the port that it had before, if it had one."""
        self.listener = Listener(("127.0.0.1", self.port), Handler)
        if self.certificate:
            secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            secure.load_cert_chain(*self.certificate)
            # The handshake is for the thread of the connection.
            self.listener.socket = secure.wrap_socket(self.listener.socket, server_side=True,
                                                      do_handshake_on_connect=False)
        self.listener.owner = self
        self.listener.connections = []
        self.port = self.listener.server_address[1]
        self.thread = threading.Thread(target=self.listener.serve_forever, args=(0.01,))
        self.thread.start()

    def stop(self):
        if self.listener is None:
            return
        self.listener.shutdown()
        self.listener.server_close()
        self.thread.join()
        for connection in self.listener.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed
        self.listener = None

    @property
    def url(self):
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://127.0.0.1:{self.port}/documents"

    def came(self, headers, body):
        post = Post(headers["Idempotency-Key"], headers["Content-Type"], headers["Authorization"],
                    body, tuple(ids_of(body)))
        with self.lock:
            self.posts.append(post)
        return post

    def took(self, post):
        with self.lock:
            self.taken.append(post)

    def ids(self):
        """How often each id was taken."""
        with self.lock:
            return collections.Counter(name for post in self.taken for name in post.ids)

    def wait_for_posts(self, least):
        wait_until(lambda: len(self.posts) >= least, what=f"{least} requests")

    def keys(self):
        """The sets of documents that each key came with; a repeat must have the same."""
        found = collections.defaultdict(set)
        with self.lock:
            for post in self.posts:
                found[post.key].add(post.body)
        return found


def ids_of(body):
    """The ids of generated records as JSON: one, lines of them, or an array."""
    text = body.decode()
    values = json.loads(text) if text.startswith("[") else [json.loads(line)
                                                           for line in text.splitlines()]
    for value in values:
        yield value["record"]["@id"]

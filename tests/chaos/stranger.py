"""What strangers say to a port: noise, what begins like ZeroMQ's protocol (ZMTP 3.0), and whole messages of
docmill that nobody should believe. Shares no code with the daemons; docs/wire-format.md has the layouts.
"""
import copy
import os
import socket
import struct
import threading

from forger import ack, control, hash64, heartbeat, refusal, text

MORE, LONG, COMMAND = 1, 2, 4
HTTP = b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8\r\n\r\n"
TLS = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
PATIENCE = 5  # seconds


def greeting(mechanism=b"NULL", major=3):
    return b"\xff" + bytes(8) + b"\x7f" + bytes([major, 0]) + mechanism.ljust(20, b"\0") + bytes(32)


def frame(data, flags=0):
    if len(data) < 256:
        return bytes([flags, len(data)]) + data
    return bytes([flags | LONG]) + struct.pack(">Q", len(data)) + data


def ready(kind):
    return frame(b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind, COMMAND)


def message(*frames):
    return b"".join(frame(data, MORE) for data in frames[:-1]) + frame(frames[-1])


def batch(chance, flaw):
    """The two frames of a batch of a producer that nobody knows, with the right hash, and one flaw."""
    payload = chance.randbytes(chance.randrange(200))
    documents, begin, end = 8, 0, 8
    flags, kind, more = 2, 1, b""
    if flaw == "span":
        begin, end = chance.choice(((4, 9), (5, 5), (7, 2), (0, 0xffffffff)))
    elif flaw == "documents":
        documents = end = 0xffffffff
    elif flaw == "flags":
        flags = chance.choice((0x80, 0x8000, 0xffff))
    elif flaw == "rest":
        more = chance.randbytes(chance.randrange(1, 20))
    elif flaw == "kind":
        kind = chance.choice((0, 4, 77, 255))
    elif flaw == "definition":
        kind, flags = 3, 0
    elif flaw == "input":
        flags = 0
    fields = struct.pack("<5Q2IQ2I2Q", hash64(payload), 1 << 60, chance.randrange(1, 1 << 40), 0, 7, 1, 1, 5,
                         documents, 0, 0, 0)
    rest = fields + text("test") + text("s1") + text("p9") + b"\x01" + text("s1") + struct.pack("<4QIII", 0, 0, 0, 0, 1, begin, end) + more
    head = b"DMIL" + struct.pack("<BBH", 5, kind, flags)
    whole = hash64(head + bytes(8) + rest, hash64(payload))
    return head + struct.pack("<Q", whole) + rest, payload


FLAWS = ("payload", "span", "documents", "flags", "rest", "kind", "definition", "input")


def lies(genuine):
    """Acks of what a sink might have said, each wrong in one thing; and in other runs' names."""
    changes = [("nonce", lambda v: v ^ 1), ("epoch", lambda v: v + 1), ("epoch", lambda v: v - 1),
               ("counter", lambda v: v + 1), ("producer", lambda v: "p9"), ("ledgers", lambda v: {name: known ^ 1 for name, known in v.items()}),
               ("sequence", lambda v: v + 1000000), ("sequence", lambda v: 0),
               ("origin_hash", lambda v: v ^ 1), ("attempt", lambda v: 0), ("attempt", lambda v: v + 1000)]
    for name, change in changes:
        lie = copy.copy(genuine)
        setattr(lie, name, change(getattr(lie, name)))
        yield ack("s1", lie)
        if name in ("nonce", "epoch", "counter", "producer"):
            yield refusal("s1", lie)
    yield heartbeat("t1", 8, "tcp://127.0.0.1:9", 3)
    yield heartbeat("t1", 8, "nonsense", 3)


def single(chance, genuine):
    """A message of one frame, for a control socket."""
    what = chance.randrange(4)
    if what == 0 and genuine:
        return chance.choice(list(lies(genuine)))
    if what == 1:
        return b"DMCT\x63\x03" + bytes(100)
    if what == 2:
        return control(chance.randrange(1, 4), chance.randbytes(chance.randrange(100)))
    return chance.randbytes(chance.randrange(300))


def messages(chance, door, genuine):
    """What comes after a handshake that is as it should be."""
    if door == "published":
        return b"".join(frame(b"\x01" + chance.randbytes(chance.randrange(200)))
                        for _ in range(chance.randrange(200))) + frame(chance.randbytes(50))
    found = []
    for _ in range(chance.randrange(1, 6)):
        if chance.random() < 0.2:  # too many, too few
            found.append(message(*(chance.randbytes(8) for _ in range(chance.choice((1, 2, 3, 50))))))
        elif door == "control":
            found.append(message(single(chance, genuine)))
        elif chance.random() < 0.2:
            found.append(message(b"DMIL\x63\x01" + bytes(100), b"payload"))
        else:
            found.append(message(*batch(chance, chance.choice(FLAWS))))
    return b"".join(found)


def noise(chance, door, genuine):
    """What one connection says, and whether it stays when it has said it."""
    peer = b"SUB" if door == "published" else b"PUSH"
    open_door = greeting() + ready(peer)
    return chance.choice((
        lambda: (chance.randbytes(chance.choice((1, 10, 1000, 100000))), False),
        lambda: (b"", chance.random() < 0.1),
        lambda: (HTTP, False),
        lambda: (TLS + chance.randbytes(100), False),
        lambda: (greeting(chance.choice((b"PLAIN", b"CURVE", b"GSSAPI", b"NONE", b"\xff" * 20))) + ready(peer), False),
        lambda: (greeting(major=chance.choice((0, 1, 2, 4, 255))) + chance.randbytes(80), False),
        lambda: (greeting()[:chance.randrange(64)], chance.random() < 0.1),  # half a greeting
        lambda: (greeting() + chance.randbytes(500), False),
        lambda: (greeting() + ready(chance.choice((b"REQ", b"DEALER", b"", b"X" * 200))), False),
        # Commands and frames that announce what never comes, or too much of it.
        lambda: (greeting() + bytes([COMMAND | LONG]) + struct.pack(">Q", 1 << 62), False),
        lambda: (open_door + bytes([LONG]) + struct.pack(">Q", chance.choice((1 << 40, 1 << 63, (1 << 64) - 1)))
                 + chance.randbytes(1000), False),
        lambda: (open_door + bytes([LONG]) + struct.pack(">Q", 100000) + chance.randbytes(1000), False),
        lambda: (open_door + frame(chance.randbytes(8), MORE) * chance.randrange(5000), False),  # without an end
        lambda: (open_door + messages(chance, door, genuine), False),
        lambda: (open_door + messages(chance, door, genuine), False),
    ))()


def all_lies(genuine):
    return greeting() + ready(b"PUSH") + b"".join(map(message, lies(genuine)))


class Crowd:
    """Threads that connect and say what noise() gives them, until so many connections were made."""

    def __init__(self, doors, number, threads=8):
        self.doors, self.left, self.lock = doors, number, threading.Lock()
        self.made, self.errors = dict.fromkeys(doors, 0), []
        self.nobody = threading.Event()
        self.threads = [threading.Thread(target=self.work) for _ in range(threads)]

    def start(self, chance, genuine):
        self.chance, self.genuine = chance, genuine
        for thread in self.threads:
            thread.start()

    def running(self):
        return any(thread.is_alive() for thread in self.threads)

    def work(self):
        try:
            while not self.nobody.is_set():
                with self.lock:
                    if self.left == 0:
                        return
                    self.left -= 1
                    door = self.chance.choice(list(self.doors))
                    # More than once: what is sent just before a connection ends may be lost.
                    if door == "control" and self.genuine and self.made[door] % 8 == 0:
                        data, stays = all_lies(self.genuine), False
                    else:
                        data, stays = noise(self.chance, door, self.genuine)
                    self.made[door] += 1
                self.shout(self.doors[door], data, stays)
        except Exception as error:  # pylint: disable=broad-except
            self.errors.append(error)

    @staticmethod
    def shout(port, data, stays):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as peer:
            try:
                peer.sendall(data[:64])  # a greeting, if it is one, and then what comes after its answer
                if data[:1] == b"\xff" and len(data) > 100:
                    peer.recv(64)
                peer.sendall(data[64:])
                peer.shutdown(socket.SHUT_RD if stays else socket.SHUT_WR)
                while not stays and peer.recv(65536):
                    pass  # until the daemon has had enough, too
                if stays:
                    threading.Event().wait(1)
            except OSError:
                pass  # it hung up, as it may

    def end(self):
        self.nobody.set()
        for thread in self.threads:
            thread.join()
        assert not self.errors, self.errors


def memory(daemon):
    with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

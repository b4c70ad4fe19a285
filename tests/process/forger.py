"""A member of a pipeline that lies: it joins with a key of its own, takes batches, never passes one on,
and says in the name of others what it likes. Shares no code with the daemons; the layouts are those
of docs/wire-format.md."""
import ctypes
import ctypes.util
import struct

import zmq

READY, GONE = 1, 3
xxhash = ctypes.CDLL(ctypes.util.find_library("xxhash"))
xxhash.XXH3_64bits_withSeed.restype = ctypes.c_uint64
xxhash.XXH3_64bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]


def hash64(data, seed=0):
    return xxhash.XXH3_64bits_withSeed(data, len(data), seed)


def text(value):
    return bytes([len(value)]) + value.encode()


def control(kind, record, pipeline="test", producer="p1"):
    head = b"DMCT" + struct.pack("<BBH", 5, kind, 0)
    record = text(pipeline) + text(producer) + record
    return head + struct.pack("<Q", hash64(record, hash64(head))) + record


class Batch:
    """What the header of a batch says."""

    def __init__(self, header):
        assert header[:6] == b"DMIL\x05\x01", header[:8]
        self.origin_hash, self.epoch, self.sequence, _, self.nonce = struct.unpack_from("<5Q", header, 16)
        self.counter, self.attempt, _, self.documents = struct.unpack_from("<2IQI", header, 56)
        self.member, = struct.unpack_from("<Q", header, 88)
        at, texts = 96, []
        for _ in range(3):
            end = at + 1 + header[at]
            texts.append(header[at + 1:end].decode())
            at = end
        self.pipeline, self.sink, self.producer = texts
        self.ledgers, sinks = {}, header[at]
        at += 1
        for _ in range(sinks):
            end = at + 1 + header[at]
            self.ledgers[header[at + 1:end].decode()], = struct.unpack_from("<Q", header, end)
            at = end + 32  # id, life, commit, forgotten

    def run(self):
        return struct.pack("<IQ", self.counter, self.nonce)

    def lineage(self):
        return text(self.producer) + struct.pack("<Q", self.epoch)


def ack(sink, batch):
    """All of the batch is delivered, says the sink."""
    return control(1, text(sink) + struct.pack("<4Q", batch.ledgers[sink], 0, 0, 0) + batch.lineage() + batch.run()
                   + struct.pack("<I", 1)
                   + struct.pack("<QIQB", batch.sequence, batch.attempt, batch.origin_hash, 0)
                   + struct.pack("<I", 1) + struct.pack("<IIB", 0, batch.documents, 0))


def refusal(sink, batch):
    why = b"go away"
    return control(2, text(sink) + batch.lineage() + batch.run()
                   + b"\x01" + struct.pack("<H", len(why)) + why)


def heartbeat(member, incarnation, address, state):
    """Of one thread that has nothing to do: state, capacity, run, queued, started, passed, returned."""
    return control(3, text(member) + struct.pack("<Q", incarnation) + text(address)
                   + struct.pack("<BI", state, 1) + bytes(12) + bytes(4) + bytes(4) + bytes(4) + bytes(4))


class Key:
    """One of the pairs of a folder; secret: None where there is only the public one."""

    def __init__(self, folder, name):
        self.public = self.read(f"{folder}/{name}.public")
        self.secret = self.read(f"{folder}/{name}.secret")

    @staticmethod
    def read(path):
        with open(path, "rb") as file:
            return [line for line in file.read().splitlines() if not line.startswith(b"# ")][0]


def knock(context, kind, address, key=None, server=None):
    """A socket that connects with the key (public, secret), for the server with that public key."""
    peer = context.socket(kind)
    peer.setsockopt(zmq.LINGER, 0)
    peer.setsockopt(zmq.RECONNECT_IVL, 100)
    if key:
        peer.curve_publickey, peer.curve_secretkey = key
        peer.curve_serverkey = server
    peer.connect(address)
    return peer


class Forger:
    """Holds the key of a transformer."""

    def __init__(self, context, name, keys, control_address, producer):
        self.member, self.incarnation = name, 7
        key = Key(keys, name)
        self.documents = context.socket(zmq.PULL)
        self.documents.setsockopt(zmq.LINGER, 0)
        self.documents.curve_server = True
        self.documents.curve_secretkey = key.secret
        self.address = f"tcp://127.0.0.1:{self.documents.bind_to_random_port('tcp://127.0.0.1', 20000, 32000)}"
        self.control = knock(context, zmq.PUSH, control_address, (key.public, key.secret),
                             Key.read(f"{keys}/{producer}.public"))
        self.control.setsockopt(zmq.SNDTIMEO, 10000)  # a producer that believes the refusal is gone

    def beacon(self):
        self.control.send(heartbeat(self.member, self.incarnation, self.address, READY))

    def batches(self):
        """Those that came since."""
        while self.documents.poll(0):
            frames = self.documents.recv_multipart()
            if frames[0][5] == 1:
                yield Batch(frames[0])

    def forge(self, batch, sink, other_member):
        """The sink has it all; it also refuses the run; and the other transformer has left."""
        self.control.send(ack(sink, batch))
        self.control.send(refusal(sink, batch))
        self.control.send(heartbeat(other_member, 8, self.address, READY))
        self.control.send(heartbeat(other_member, 8, self.address, GONE))

"""A TCP proxy that does to bytes what a network does: delays them, keeps them for seconds, cuts
connections in the middle, and turns single bits over.

One for each address; a thread for each direction of a connection. What happens is drawn from the
seed, but threads and timing decide when, so that a seed does not repeat a run exactly.
"""
import collections
import random
import socket
import struct
import threading

CHUNK = 4096
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close says RST, and what is on its way is gone


class FaultProxy:
    """Listens at `port` of 127.0.0.1 and connects to `target` for each who connects. A context
    manager. calm: no faults any more."""

    def __init__(self, port, target, seed, rates):
        """rates: {fault: how often it comes, per chunk}, of flip, delay, hold and reset."""
        self.port, self.target, self.rates = port, target, rates
        self.chance = random.Random(seed)
        self.counts = collections.Counter()
        self.calm = False
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.open = set()
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.over.set()
        self.listener.close()
        with self.lock:
            for connection in self.open:
                connection.close()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            with self.lock:
                self.open |= {near, far}
                self.counts["connections"] += 1
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.pass_on, args=(one, other), daemon=True).start()

    def draw(self):
        """The fault of the next chunk, if any, and the dice for its details."""
        with self.lock:
            if self.calm:
                return None, 0.0
            dice = self.chance.random()
            for fault, rate in self.rates.items():
                if dice < rate:
                    self.counts[fault] += 1
                    return fault, self.chance.random()
                dice -= rate
            return None, 0.0

    def pass_on(self, source, sink):
        try:
            while chunk := source.recv(CHUNK):
                fault, dice = self.draw()
                if fault == "reset":
                    sink.sendall(chunk[:int(dice * len(chunk))])
                    source.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    break
                if fault == "delay":
                    self.over.wait(dice * 0.3)
                elif fault == "hold":
                    self.over.wait(2 + dice * 3)
                elif fault == "flip":
                    at = int(dice * len(chunk))
                    chunk = chunk[:at] + bytes([chunk[at] ^ 1 << int(dice * 1e6) % 8]) + chunk[at + 1:]
                sink.sendall(chunk)
        except OSError:
            pass
        for end in (source, sink):
            end.close()
        with self.lock:
            self.open -= {source, sink}

"""Transformers and sinks that are slow or stand still."""
import contextlib
import mmap
import os
import signal
import struct
import threading

from pipeline import binary

LIBRARY = os.path.join(os.path.dirname(binary("transformer")), "slow_worker.so")


class Brake:
    """Says how long the worker of a transformer waits before each batch that it passes on."""

    def __init__(self, pipeline, name):
        with open(pipeline.put(f"{name}.wait", bytes(4)), "r+b") as file:
            self.wait = mmap.mmap(file.fileno(), 4)
        self.wrapper = ("env", f"LD_PRELOAD={LIBRARY}", f"DOCMILL_WAIT={pipeline.path(name)}.wait")

    def press(self, seconds):
        self.wait[:] = struct.pack("=I", round(seconds * 1000))

    @contextlib.contextmanager
    def pressed(self, seconds, otherwise):
        self.press(seconds)
        try:
            yield
        finally:
            self.press(otherwise)


@contextlib.contextmanager
def stopped_mostly(daemon, cycle, share):
    """Of each cycle, in seconds, it runs for that share, as fast as ever."""
    over = threading.Event()

    def repeat():
        while not over.is_set():
            daemon.send(signal.SIGSTOP)
            over.wait(cycle * (1 - share))
            daemon.send(signal.SIGCONT)
            over.wait(cycle * share)
    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def stands_still(daemon):
    daemon.send(signal.SIGSTOP)
    try:
        yield
    finally:
        daemon.send(signal.SIGCONT)

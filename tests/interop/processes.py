"""What the tests of this folder share: programs of others as processes with what they print, and
the pipelines of tests/process.
"""
import os
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../process"))

from pipeline import wait_until  # noqa: E402  pylint: disable=wrong-import-position


class Peer:
    """A program of somebody else. A context manager: it is killed at the end."""

    def __init__(self, command, **options):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.errors, **options)
        self.lines = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip(b"\n"))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.errors.seek(0)
        said = self.errors.read()
        self.errors.close()
        if kind is not None and said:
            print(f"--- {self.process.args}:\n{said.decode(errors='replace')}")

    def end(self, deadline=60):
        """Waits for its end, which must be an orderly one; what it has printed."""
        wait_until(lambda: self.process.poll() is not None, deadline, f"end of {self.process.args}")
        self.reader.join()
        assert self.process.returncode == 0, f"{self.process.args} ended with {self.process.returncode}"
        return self.lines

    def has_printed(self, number, deadline=60):
        wait_until(lambda: len(self.lines) >= number or self.process.poll() is not None, deadline,
                   f"{number} lines of {self.process.args}")
        assert len(self.lines) >= number, f"{self.process.args} ended after {len(self.lines)} lines"
        return list(self.lines)

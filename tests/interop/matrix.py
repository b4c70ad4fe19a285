"""The matrix of docs/interop.md: one row for each case that was run.

A case is a peer, the pattern and direction of its messages, how they look, and a function: what it
returns is why it does not work, None when it does. To add one, add it to a module's cases().
"""
import dataclasses
import os
import typing

from processes import HERE

PAGE = os.path.join(HERE, "../../docs/interop.md")
HEAD = """\
# Who was tried at the other end

Each row was run against the real program, on the versions of Debian 12 (zeromq.js from npm); `tests/interop/matrix_test.py` writes
this page and compares it with what it sees. "In" is into docmill, "out" is out of it. In `make test`.

| peer | pattern | direction | messages | result |
|---|---|---|---|---|
"""


@dataclasses.dataclass
class Case:
    peer: str
    pattern: str  # "PUSH to PULL"
    direction: str  # "in" or "out"
    messages: str  # how they look
    run: typing.Callable


def run_all(cases):
    """Runs them, one after the other; the page."""
    rows = []
    for case in cases:
        print(f"{case.peer}: {case.pattern}, {case.direction}: {case.messages}", flush=True)
        why_not = case.run()
        rows.append(f"| {case.peer} | {case.pattern} | {case.direction} | {case.messages} | "
                    f"{why_not or 'works'} |\n")
    return HEAD + "".join(rows)

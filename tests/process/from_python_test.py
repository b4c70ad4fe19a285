"""Runs docs/from-python.md and docs/testing.md: each Python script, command and pipeline, and compares what they print.

A fence says what a block is: python (its output is the text block that follows), console (each line that
begins with "$ " is a command, what follows is its output, errors included), yaml (its first line is a comment
with the name of the file that it is).
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")
BIN = os.environ["DOCMILL_BIN"]


def run(command, folder):
    environment = dict(os.environ, PATH=BIN + os.pathsep + os.environ["PATH"])
    done = subprocess.run(command, cwd=folder, env=environment, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


def check(what, found, expected):
    if found != expected:
        sys.exit(f"{what}\n--- expected\n{expected}--- found\n{found}")


def commands(text):
    """Pairs of a command and what it prints."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def run_page(page, tried):
    with open(os.path.join(DOCS, page), encoding="utf-8") as file:
        blocks = re.findall(r"^```(\w+)\n(.*?)^```$", file.read(), flags=re.MULTILINE | re.DOTALL)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(os.path.join(DOCS, "books.xml"), folder)
        for (kind, text), (_, following) in zip(blocks, blocks[1:] + [("", "")]):
            tried[kind] = tried.get(kind, 0) + 1
            if kind == "python":
                check(text, run(["/usr/bin/python3", "-c", text], folder), following)
            elif kind == "yaml":
                with open(os.path.join(folder, text.split()[1]), "w", encoding="utf-8") as file:
                    file.write(text)
            elif kind == "console":
                for command, output in commands(text):
                    check(command, run(["sh", "-c", command], folder), output)


def main():
    tried = {"python": 0, "console": 0, "yaml": 0}
    for page in ("from-python.md", "testing.md"):
        run_page(page, tried)
    assert all(tried.values()), tried
    print(f"{tried['python']} scripts and {tried['console']} blocks of commands did what the pages say")


if __name__ == "__main__":
    main()

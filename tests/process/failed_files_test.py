"""Files that cannot be read completely: none of them is deleted or counted as done, whatever
`when_done` says; they stay or go to `failed_to`, the run says which, and exits with 65."""
import gzip
import os
import re
import subprocess
import sys
import unittest

from pipeline import PATIENCE, Pipeline, binary, config

GOOD = "<c>" + "<r>good</r>" * 3 + "</c>"
# More than the rest that a dead letter could have in earlier versions.
WRONG_TAG = "<c>" + "<r>a</r>" * 3 + "</wrong>" + "<r>" + "y" * 100_000 + "</r>" + "</c>"
FILES = {
    "good.xml": GOOD.encode(),
    "cut.xml.gz": gzip.compress(("<c>" + "<r>gz</r>" * 5000 + "</c>").encode())[:60],
    "large.xml": ("<c><r>small</r><r>" + "x" * 300_000 + "</r></c>").encode(),
    "wrong.xml": WRONG_TAG.encode(),
}
FAILED = {"cut.xml.gz", "large.xml", "wrong.xml"}


def sections(**settings):
    made = config({"files": {"path": "in/*", "split": "/c/r", **settings}}, processors=())
    made["limits"] = {"document": "256KiB"}
    return made


class FailedFilesTest(unittest.TestCase):
    def run_on(self, **settings):
        """The exit code of p1 and its log, with what has become of the files."""
        with Pipeline(sections(**settings)) as pipeline:
            for name, content in FILES.items():
                pipeline.put(f"in/{name}", content)
            pipeline.start_all()
            code = pipeline.daemons["p1"].exit_code()
            for name in ("t1", "s1"):
                pipeline.daemons[name].stop()
            folders = {name: set(os.listdir(pipeline.path(name)))
                       for name in ("in", "done", "failed") if os.path.isdir(pipeline.path(name))}
            for folder, names in folders.items():
                for name in names:
                    with open(pipeline.path(folder, name), "rb") as file:
                        self.assertEqual(file.read(), FILES[name], name)
            return code, pipeline.daemons["p1"].messages("error"), folders, \
                pipeline.lines("out/s1.dead.ndjson")

    def test_they_stay_when_the_others_are_deleted(self):
        code, said, folders, _ = self.run_on(when_done="delete")
        self.assertEqual(code, 65, said)
        self.assertEqual(folders, {"in": FAILED})
        self.assertEqual(said[-1], "3 files could not be read completely; the dead letters say why; "
                         "repair them, and give them new names to have the rest read")
        for name in FAILED:
            self.assertTrue(any(line.startswith(f"in/{name}: not read completely: ") and
                                line.endswith("; it stays") for line in said), (name, said))

    def test_they_stay_when_the_others_are_moved(self):
        code, said, folders, _ = self.run_on(when_done="move", move_to="done")
        self.assertEqual(code, 65, said)
        self.assertEqual(folders, {"in": FAILED, "done": {"good.xml"}})

    def test_they_are_moved_to_a_folder_of_their_own(self):
        for when_done, done in (({"when_done": "move", "move_to": "done"}, {"done": {"good.xml"}}),
                                ({"when_done": "delete"}, {})):
            code, said, folders, _ = self.run_on(failed_to="failed", **when_done)
            self.assertEqual(code, 65, said)
            self.assertEqual(folders, {"in": set(), "failed": FAILED, **done})

    def test_the_dead_letters_are_complete_up_to_the_limit_and_say_where_the_rest_is(self):
        _, _, _, dead = self.run_on()
        by_file = {os.path.basename(letter["source"]): letter for letter in dead}
        self.assertEqual(set(by_file), FAILED)
        begin = WRONG_TAG.index("</wrong>")
        self.assertEqual(by_file["wrong.xml"]["document"], WRONG_TAG[begin:])
        large = by_file["large.xml"]
        begin = FILES["large.xml"].index(b"<r>xx")
        self.assertEqual(large["document"], FILES["large.xml"][begin:begin + 65536].decode())
        self.assertRegex(large["error"], re.escape(
            "larger than limits.document: 300007 bytes, at most 256KiB; raise the limit; this is its "
            f"first 65536 bytes; all of it is bytes {begin} to {begin + 300007} of the source, xxh3 ")
            + "[0-9a-f]{16}$")

    def test_a_run_says_so_and_exits_with_65_and_again_until_they_are_repaired(self):
        with Pipeline(sections(when_done="delete")) as pipeline:
            for name, content in FILES.items():
                pipeline.put(f"in/{name}", content)
            program = os.path.join(os.path.dirname(binary("sink")), "docmill")

            def run():
                done = subprocess.run([program, "run", "pipeline.yaml"], cwd=pipeline.folder,
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                      timeout=PATIENCE, check=False)
                return done.returncode, done.stderr
            for _ in range(2):
                code, said = run()
                self.assertEqual(code, 65, said)
                self.assertIn("3 files could not be read completely; ", said)
                self.assertNotIn("everything is stopped", said)
                self.assertEqual(set(os.listdir(pipeline.path("in"))), FAILED)
            for name in FAILED:
                os.unlink(pipeline.path("in", name))
            pipeline.put("in/repaired.xml", GOOD)
            code, said = run()
            self.assertEqual((code, os.listdir(pipeline.path("in"))), (0, []), said)

    def test_one_that_failed_before_a_kill_is_no_more_done_after_it(self):
        with Pipeline(sections(when_done="delete")) as pipeline:
            for name, content in FILES.items():
                pipeline.put(f"in/{name}", content)
            pipeline.start("sink", "s1")
            pipeline.start("transformer", "t1")
            for calls in (1, 2, 3, 5, 8):
                killer = ("strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
                          f"inject=fdatasync:signal=SIGKILL:when={calls}")
                pipeline.start("producer", "p1", killer).exit_code()
            self.assertEqual(pipeline.start("producer", "p1").exit_code(), 65)
            for name in ("t1", "s1"):
                pipeline.daemons[name].stop()
            self.assertEqual(set(os.listdir(pipeline.path("in"))), FAILED)


if __name__ == "__main__":
    sys.exit(unittest.main())

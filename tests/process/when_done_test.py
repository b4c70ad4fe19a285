"""Files that leave their folder when all of them is settled, while everything is killed: each document
comes once, in the end nothing is left in the folder, and what was moved is there once, as it was.

A watched folder in which names come again, with one producer; and one that two producers share by
claims, each of which ends when nothing is left for it."""
import collections
import os
import random
import signal
import threading
import unittest

from pipeline import LONGEST_PAUSE, Pipeline, config, network, wait_until

FILES = int(os.environ.get("FILES", "150"))
KILLS = int(os.environ.get("KILLS", "15"))
LINES = 3
ROLES = {"p": "producer", "t": "transformer", "s": "sink"}


def text_of(number):
    return "".join('{"number": %d, "line": %d}\n' % (number, line) for line in range(LINES))


class Dropper(threading.Thread):
    """Renames files in, under a few names that are free again by then."""

    def __init__(self, pipeline, rng, names):
        super().__init__()
        self.pipeline, self.rng, self.names, self.pause = pipeline, rng, names, threading.Event()

    def run(self):
        for number in range(FILES):
            path = self.pipeline.path("in", f"{self.rng.randrange(self.names)}.ndjson")
            wait_until(lambda: not os.path.exists(path), what=f"a free place for {path}")
            os.rename(self.pipeline.put("aside", text_of(number)), path)
            self.pause.wait(self.rng.random() * 0.03)


class WhenDoneTest(unittest.TestCase):
    def killed_at_random(self, pipeline, rng, dropper, names):
        killed = collections.Counter()
        pause = threading.Event()
        while dropper.is_alive() or killed.total() < KILLS:
            pause.wait(rng.random() * LONGEST_PAUSE)
            for name in names:  # a producer without anything to read has ended
                if not pipeline.daemons[name].running():
                    self.assertEqual(pipeline.daemons[name].process.returncode, 0, name)
                    pipeline.start(ROLES[name[0]], name)
            name = rng.choice(names)
            if pipeline.daemons[name].running():
                pipeline.daemons[name].kill()
                killed[name] += 1
                pipeline.start(ROLES[name[0]], name)
        dropper.join()
        return dict(killed)

    def check(self, pipeline, folder):
        got = sorted((line["number"], line["line"]) for line in pipeline.lines("out/s1.ndjson"))
        self.assertEqual(got, [(n, line) for n in range(FILES) for line in range(LINES)])
        self.assertEqual(os.path.getsize(pipeline.path("out/s1.dead.ndjson")), 0)
        self.assertEqual(os.listdir(pipeline.path("in")), [])
        moved = []
        for name in os.listdir(pipeline.path(folder)) if folder else ():
            with open(pipeline.path(folder, name), encoding="ascii") as file:
                moved.append(file.read())
        if folder:
            self.assertEqual(sorted(moved), sorted(text_of(number) for number in range(FILES)))

    def watched(self, settings, folder):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        source = {"lines": {"path": "in/*.ndjson", "watch": True, **settings}}
        sections = config(source, processors=(), producer={"batch": {"documents": 4}})
        with self.subTest(seed=seed), Pipeline(sections) as pipeline:
            os.mkdir(pipeline.path("in"))
            pipeline.start_all()
            dropper = Dropper(pipeline, rng, 12)
            dropper.start()
            killed = self.killed_at_random(pipeline, rng, dropper, ("p1", "t1", "s1"))
            wait_until(lambda: not os.listdir(pipeline.path("in")), what="the last file to leave")
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            self.check(pipeline, folder)
            said = pipeline.daemons["p1"].messages("warning", "error")
            self.assertFalse([line for line in said if "changed since" in line], said)
            print(f"{settings}: {FILES} files under 12 names, {killed} kills")

    def test_watched_files_are_moved_once(self):
        self.watched({"when_done": "move", "move_to": "done"}, "done")

    def test_watched_files_are_deleted(self):
        self.watched({"when_done": "delete"}, None)

    def killed_at(self, call, folder, when_done, gone):
        """p1 is killed at its first such call for what is in the folder, or is it. Where the file has
        gone by then, another one comes under its name. Then p1 starts again."""
        source = {"lines": {"path": "in/*.ndjson", **when_done}}
        with Pipeline(config(source, processors=())) as pipeline:
            pipeline.put("in/a.ndjson", text_of(0))
            os.mkdir(pipeline.path("done"))
            pipeline.start("sink", "s1")
            pipeline.start("transformer", "t1")
            killer = ("strace", "-D", "-f", "-o", "/dev/null", "-P", pipeline.path(folder), "-P",
                      os.path.join(folder, "a.ndjson"), "-e", f"trace={call}", "-e",
                      f"inject={call}:signal=SIGKILL:when=1")
            first = pipeline.start("producer", "p1", killer)
            self.assertEqual(first.exit_code(), -signal.SIGKILL, first.log())
            self.assertEqual(os.listdir(pipeline.path("in")), [] if gone else ["a.ndjson"])
            if gone:
                pipeline.put("in/a.ndjson", text_of(1))
            pipeline.start("producer", "p1")
            pipeline.finish()
            numbers = [line["number"] for line in pipeline.lines("out/s1.ndjson")]
            self.assertEqual(numbers, [0] * LINES + [1] * LINES * gone)
            self.assertEqual(os.listdir(pipeline.path("in")), [])
            done = sorted(os.listdir(pipeline.path("done")))
            self.assertEqual(done, ["a-2.ndjson", "a.ndjson"][not gone:] * ("move_to" in when_done))

    def test_killed_between_two_steps(self):
        move = {"when_done": "move", "move_to": "done"}
        self.killed_at("renameat2", "in", move, gone=False)
        self.killed_at("fsync", "done", move, gone=True)
        self.killed_at("fsync", "in", move, gone=True)
        self.killed_at("unlink", "in", {"when_done": "delete"}, gone=False)
        self.killed_at("fsync", "in", {"when_done": "delete"}, gone=True)

    def test_what_was_kept_leaves_when_the_setting_is_changed(self):
        source = {"lines": {"path": "in/*.ndjson", "watch": True}}
        with Pipeline(config(source, processors=())) as pipeline:
            pipeline.put("in/a.ndjson", text_of(0))
            pipeline.start_all()
            pipeline.wait_for("p1", "delivered", lambda number: number == LINES)
            pipeline.put("in/b.ndjson", text_of(1))
            pipeline.wait_for("p1", "delivered", lambda number: number == 2 * LINES)
            source["lines"].update(when_done="move", move_to="done")
            pipeline.write(pipeline.config)
            pipeline.daemons["p1"].send(signal.SIGHUP)
            wait_until(lambda: not os.listdir(pipeline.path("in")), what="both files to leave")
            self.assertEqual(sorted(os.listdir(pipeline.path("done"))), ["a.ndjson", "b.ndjson"])
            pipeline.put("in/a.ndjson", text_of(2))
            wait_until(lambda: os.path.exists(pipeline.path("done/a-2.ndjson")), what="a-2.ndjson")
            source["lines"] = {"path": "in/*.ndjson", "watch": True}
            pipeline.write(pipeline.config)
            pipeline.daemons["p1"].send(signal.SIGHUP)
            pipeline.wait_for("p1", "reloads", lambda number: number == 2)
            pipeline.put("in/a.ndjson", text_of(3))
            pipeline.wait_for("p1", "delivered", lambda number: number == 4 * LINES)
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            self.assertEqual(os.listdir(pipeline.path("in")), ["a.ndjson"])
            numbers = [line["number"] for line in pipeline.lines("out/s1.ndjson")]
            self.assertEqual(sorted(numbers), sorted([0, 1, 2, 3] * LINES))

    def test_producers_that_share_a_folder_move_what_each_has_claimed(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        source = {"lines": {"path": "in/*.ndjson", "claims": "claims", "when_done": "move",
                            "move_to": "done"}}
        sections = config(source, processors=(), producer={"batch": {"documents": 4}},
                          network=network(("p1", "p2"), ("s1",)))
        with self.subTest(seed=seed), Pipeline(sections) as pipeline:
            for folder in ("in", "claims"):
                os.mkdir(pipeline.path(folder))
            for role, name in (("sink", "s1"), ("transformer", "t1"), ("producer", "p1"),
                               ("producer", "p2")):
                pipeline.start(role, name)
            dropper = Dropper(pipeline, rng, 40)
            dropper.start()
            killed = self.killed_at_random(pipeline, rng, dropper, ("p1", "p2", "t1", "s1"))
            for name in ("p1", "p2"):  # once more, for what came when one of them had ended
                self.assertEqual(pipeline.daemons[name].exit_code(), 0)
                pipeline.start("producer", name)
            pipeline.finish()
            self.check(pipeline, "done")
            self.assertEqual(os.listdir(pipeline.path("claims")), [])
            print(f"two producers: {FILES} files under 40 names, {killed} kills")


if __name__ == "__main__":
    unittest.main()

"""A growing file is followed through its rotation while producer, transformer and sink are killed
at random: each line is in the output once."""
import json
import os
import random
import threading
import unittest

from pipeline import LONGEST_PAUSE, Pipeline, config, wait_until

LINES, ROTATIONS = 6000, 12
KILLS = int(os.environ.get("KILLS", "18"))


class Writer(threading.Thread):
    """Appends lines in pieces that need not end with one, and renames the file now and then."""

    def __init__(self, path, rng):
        super().__init__()
        self.path, self.rng, self.pause = path, rng, threading.Event()

    def run(self):
        text = "".join(json.dumps({"n": n, "text": "x" * self.rng.randrange(300)}) + "\n"
                       for n in range(LINES))
        rotation, at = 0, 0
        file = open(self.path, "a", encoding="ascii")  # closed by the next one
        while at < len(text):
            size = self.rng.randrange(1, 8000)
            if rotation < ROTATIONS and at > len(text) * (rotation + 1) / (ROTATIONS + 1):
                rotation += 1
                os.rename(self.path, f"{self.path}.{rotation}")
                # The old file is written to until the writer hears of it, and ends with a line.
                end = text.index("\n", at) + 1
                file.write(text[at:end])
                file.close()
                at = end
                file = open(self.path, "a", encoding="ascii")
            file.write(text[at:at + size])
            file.flush()
            at += size
            self.pause.wait(0.01)
        file.close()


class FollowTest(unittest.TestCase):
    def test_each_line_is_there_once_whatever_is_killed(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        sections = config({"follow": "app.log"}, processors=(),
                          producer={"batch": {"documents": 16}})
        with self.subTest(seed=seed), Pipeline(sections) as pipeline:
            pipeline.put("app.log", "")
            pipeline.start_all()
            pipeline.daemons["p1"].says("run 1 of epoch")
            wait_until(lambda: os.path.exists(pipeline.path("state/p1/follow.position")))
            writer = Writer(pipeline.path("app.log"), rng)
            writer.start()
            roles = {"p1": "producer", "t1": "transformer", "s1": "sink"}
            killed = dict.fromkeys(roles, 0)
            pause = threading.Event()
            while writer.is_alive() or sum(killed.values()) < KILLS:
                pause.wait(rng.random() * LONGEST_PAUSE)
                name = rng.choice(list(roles))
                pipeline.daemons[name].kill()
                killed[name] += 1
                pipeline.start(roles[name], name)
            writer.join()
            pipeline.wait_for_lines("out/s1.ndjson", LINES)
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            found = sorted(line["n"] for line in pipeline.lines("out/s1.ndjson"))
            print(f"{LINES} lines, {ROTATIONS} rotations, {killed} kills")
            self.assertEqual(found, list(range(LINES)))
            self.assertEqual(os.path.getsize(pipeline.path("out/s1.dead.ndjson")), 0)


if __name__ == "__main__":
    unittest.main()

"""Files that are dropped into a watched folder - written slowly, renamed in, hard-linked, under names
that come again - while producer, transformer and sink are killed: each is in the output once."""
import os
import random
import threading
import unittest

from pipeline import LONGEST_PAUSE, Pipeline, config

FILES = 150
KILLS = int(os.environ.get("KILLS", "15"))


class Dropper(threading.Thread):
    def __init__(self, folder, rng):
        super().__init__()
        self.folder, self.rng, self.pause = folder, rng, threading.Event()

    def slowly(self, path, text):
        with open(path, "w", encoding="ascii") as file:
            for piece in (text[:7], text[7:20], text[20:]):
                file.write(piece)
                file.flush()
                self.pause.wait(0.01)

    def run(self):
        for number in range(FILES):
            text = '{"number": %d, "text": "%s"}' % (number, "x" * self.rng.randrange(50))
            path = os.path.join(self.folder, "in", f"{self.rng.randrange(10**9)}.json")
            way = number % 3
            if way == 0:
                self.slowly(path, text)
            else:
                aside = os.path.join(self.folder, "aside")
                self.slowly(aside, text)
                if way == 1:
                    os.rename(aside, path)
                else:
                    os.link(aside, path)
                    os.unlink(aside)
            self.pause.wait(self.rng.random() * 0.03)


class WatchTest(unittest.TestCase):
    def test_each_file_is_there_once_whatever_is_killed(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        sections = config({"files": {"path": "in/*.json", "watch": True}}, processors=(),
                          producer={"batch": {"documents": 4}})
        with self.subTest(seed=seed), Pipeline(sections) as pipeline:
            os.mkdir(pipeline.path("in"))
            pipeline.start_all()
            dropper = Dropper(pipeline.folder, rng)
            dropper.start()
            roles = {"p1": "producer", "t1": "transformer", "s1": "sink"}
            killed = dict.fromkeys(roles, 0)
            pause = threading.Event()
            while dropper.is_alive() or sum(killed.values()) < KILLS:
                pause.wait(rng.random() * LONGEST_PAUSE)
                name = rng.choice(list(roles))
                pipeline.daemons[name].kill()
                killed[name] += 1
                pipeline.start(roles[name], name)
            dropper.join()
            pipeline.wait_for_lines("out/s1.ndjson", FILES)
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            numbers = sorted(line["number"] for line in pipeline.lines("out/s1.ndjson"))
            print(f"{FILES} files, {killed} kills")
            self.assertEqual(numbers, list(range(FILES)))
            self.assertEqual(os.path.getsize(pipeline.path("out/s1.dead.ndjson")), 0)


if __name__ == "__main__":
    unittest.main()

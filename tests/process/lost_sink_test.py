"""A sink whose state and output are lost for good: `docmill sink forget` gives what it had not
acknowledged to the others, or to an empty sink of its name, exactly once among the living."""
import copy
import os
import random
import re
import shutil
import subprocess
import sys
import unittest

from checker import generated_ids
from pipeline import Pipeline, binary, config, network, wait_until

COUNT = int(os.environ.get("COUNT", "12000"))
CORRUPT = 74
SAID = (r"p1 has forgotten sink s2: (?:(\d+) documents that it had acknowledged, in batches up to "
        r"\d+, are in its output alone|nothing that it had written was acknowledged); the batches "
        r"from \d+ on that were its go to {}\n")


def sections(**more):
    return config({"generate": {"count": COUNT, "rate": 3000}},
                  network=network(("p1",), ("s1", "s2")),
                  producer={"batch": {"documents": 16}, "window": {"batches": 64}}, **more)


def without_s2(now):
    left = copy.deepcopy(now)
    del left["network"]["sinks"]["s2"]
    return left


def command(verb="forget", name="s2"):
    return [os.path.join(os.path.dirname(binary("sink")), "docmill"), "sink", verb, "pipeline.yaml",
            name]


def decide(pipeline, *arguments):
    """Gives the exit code and what was printed."""
    done = subprocess.run(command(*arguments), cwd=pipeline.folder, timeout=120,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class LostSinkTest(unittest.TestCase):
    def lose(self, pipeline):
        """Starts all; when s2 has delivered something it is killed, and its files are deleted."""
        for role, name in (("sink", "s1"), ("sink", "s2"), ("transformer", "t1"),
                           ("producer", "p1")):
            pipeline.start(role, name)
        pipeline.wait_for("s2", "delivered", lambda number: number >= 500)
        pipeline.daemons["s2"].kill()
        shutil.copytree(pipeline.path("state/s2"), pipeline.path("old/state"))
        shutil.copytree(pipeline.path("out"), pipeline.path("old/out"))
        shutil.rmtree(pipeline.path("state/s2"))
        for name in ("s2.ndjson", "s2.dead.ndjson"):
            os.unlink(pipeline.path("out", name))

    def check(self, pipeline, *sinks, lost):
        """Each record once at the living, but so many that only the lost sink had."""
        ids = [line["record"]["@id"] for name in sinks
               for line in pipeline.lines(f"out/{name}.ndjson")]
        self.assertEqual(len(ids), len(set(ids)), "something is there twice")
        missing = set(generated_ids("p1", COUNT)) - set(ids)
        with open(pipeline.path("old/out/s2.ndjson"), encoding="utf-8") as file:
            only_there = file.read()
        for one in missing:
            self.assertIn(f'"{one}"', only_there)
        self.assertEqual(len(missing), lost)

    def forgotten(self, result, goes_to):
        """How many documents are lost, by what the command said."""
        code, printed, wrong = result
        self.assertEqual((code, wrong), (0, ""), printed)
        said = re.fullmatch(SAID.format(goes_to), printed)
        self.assertTrue(said, printed)
        return int(said[1] or 0)

    def test_what_it_had_goes_to_the_other_sink_while_the_producer_runs(self):
        now = sections()
        with Pipeline(now) as pipeline:
            self.lose(pipeline)
            pipeline.write(without_s2(now))
            lost = self.forgotten(decide(pipeline), "the other sinks")
            self.assertTrue(pipeline.daemons["p1"].running())
            self.assertEqual(decide(pipeline), (0, "p1 has nothing to forget of sink s2\n", ""))
            pipeline.finish()
            self.check(pipeline, "s1", lost=lost)

    def test_with_keys_what_it_had_goes_to_the_other_sink(self):
        now = sections(sink={"partition": "key"})
        now["transformer"]["processors"] = ["to_json", {"key": {"path": "/record/@id"}}]
        with Pipeline(now) as pipeline:
            self.lose(pipeline)
            pipeline.write(without_s2(now))
            lost = self.forgotten(decide(pipeline), "the other sinks")
            pipeline.finish()
            self.check(pipeline, "s1", lost=lost)

    def test_an_empty_sink_of_its_name_is_refused_until_the_lost_one_is_forgotten(self):
        with Pipeline(sections()) as pipeline:
            self.lose(pipeline)
            pipeline.start("sink", "s2")
            producer = pipeline.daemons["p1"]
            self.assertEqual(producer.exit_code(), CORRUPT)
            self.assertRegex(
                producer.messages("error")[0],
                "^sink s2 refused p1: expected ledger [0-9a-f]{16}, found [0-9a-f]{16}; put this "
                "sink's state folder back, or, if it is lost, run 'docmill sink forget FILE s2' on "
                "the hosts of the producers, or start the whole pipeline over with --fresh$")
            lost = self.forgotten(decide(pipeline), "a new sink s2")
            pipeline.start("producer", "p1")
            pipeline.finish()
            self.check(pipeline, "s1", "s2", lost=lost)

    def test_a_forgotten_sink_that_comes_back_is_refused(self):
        with Pipeline(sections()) as pipeline:
            self.lose(pipeline)
            lost = self.forgotten(decide(pipeline), "a new sink s2")
            shutil.copytree(pipeline.path("old/state"), pipeline.path("state/s2"))
            for name in ("s2.ndjson", "s2.dead.ndjson"):
                shutil.copy(pipeline.path("old/out", name), pipeline.path("out", name))
            back = pipeline.start("sink", "s2")
            producer = pipeline.daemons["p1"]
            self.assertEqual(producer.exit_code(), CORRUPT)
            self.assertRegex(
                producer.messages("error")[0],
                "^sink s2 refused p1: ledger [0-9a-f]{16} was given up with 'docmill sink forget'; "
                "the documents that it had not acknowledged went to another one; start s2 with an "
                "empty state folder$")
            back.kill()
            shutil.rmtree(pipeline.path("state/s2"))
            for name in ("s2.ndjson", "s2.dead.ndjson"):
                os.unlink(pipeline.path("out", name))
            pipeline.start("sink", "s2")
            pipeline.start("producer", "p1")
            pipeline.finish()
            self.check(pipeline, "s1", "s2", lost=lost)

    def test_what_is_not_lost_is_not_forgotten(self):
        with Pipeline(sections()) as pipeline:
            self.assertEqual(decide(pipeline), (69, "", (
                "state: expected the state of a producer, found none; run this on each host that "
                "has one\n")))
            for role, name in (("sink", "s1"), ("sink", "s2"), ("transformer", "t1"),
                               ("producer", "p1")):
                pipeline.start(role, name)
            pipeline.wait_for("s2", "delivered", lambda number: number >= 100)
            pipeline.wait_for("p1", "delivered", lambda number: number >= 100)
            pipeline.daemons["s2"].stop()
            code, printed, wrong = decide(pipeline)
            self.assertEqual((code, wrong), (78, ""))
            self.assertRegex(printed, r"^p1: expected that sink s2 is lost, found its ledger "
                             r"[0-9a-f]{16} in its state folder; start it, or move its state folder "
                             r"and its outputs away first\n$")
            self.assertEqual(decide(pipeline, "forget", "s9"),
                             (78, "p1 knows no sink s9; nothing was changed\n", ""))
            pipeline.start("sink", "s2")
            pipeline.finish()
            ids = [line["record"]["@id"]
                   for line in pipeline.lines("out/s1.ndjson", "out/s2.ndjson")]
            self.assertEqual(sorted(ids), sorted(generated_ids("p1", COUNT)))

    def test_kills_in_the_middle_of_forgetting_lose_and_double_nothing(self):
        now = sections()
        seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
        print(f"SEED={seed}", flush=True)
        dice = random.Random(seed)
        with Pipeline(now) as pipeline:
            self.lose(pipeline)
            pipeline.write(without_s2(now))
            for _ in range(int(os.environ.get("KILLS", "6"))):
                forget = subprocess.Popen(command(), cwd=pipeline.folder,
                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                at = dice.random() * 0.3
                with self.assertRaises(subprocess.TimeoutExpired):
                    forget.wait(at)
                    raise subprocess.TimeoutExpired("forget", at)
                if dice.random() < 0.7:
                    pipeline.daemons["p1"].kill()
                    pipeline.start("producer", "p1")
                if dice.random() < 0.7:
                    forget.kill()
                forget.wait()
            if decide(pipeline)[0] != 0:  # the producer was told before it could listen
                pipeline.daemons["p1"].exit_code()
                pipeline.start("producer", "p1")
                wait_until(lambda: decide(pipeline)[0] == 0, what="forgetting s2")
            if not pipeline.daemons["p1"].running():
                pipeline.start("producer", "p1")
            with open(pipeline.path("p1.log"), encoding="utf-8") as log:
                said = re.findall(r"p1 has forgotten sink s2: (\d+) documents", log.read())
            pipeline.finish()
            self.assertLessEqual(len(said), 1)
            ids = [line["record"]["@id"] for line in pipeline.lines("out/s1.ndjson")]
            self.assertEqual(len(ids), len(set(ids)), "something is there twice")
            lost = len(set(generated_ids("p1", COUNT)) - set(ids))
            self.check(pipeline, "s1", lost=int(said[0]) if said else lost)


if __name__ == "__main__":
    sys.exit(unittest.main())

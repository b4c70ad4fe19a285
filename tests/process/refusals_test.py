"""State that was rolled back, copied, swapped or thrown away: the sink refuses it in one line, its
producer is told and ends with that line, and when what was right is put back nothing is lost or
doubled."""
import os
import re
import shutil
import signal
import sys
import unittest

from checker import Check, generated_ids
from pipeline import Pipeline, config, wait_until

COUNT = 12000
SECTIONS = config({"generate": {"count": COUNT, "rate": 3000}},
                  producer={"batch": {"documents": 16}, "window": {"batches": 64}})
OUTPUTS = ("out/s1.ndjson", "out/s1.dead.ndjson")
CORRUPT = 74
RESTORE = "put the newest one back, or start the whole pipeline over with --fresh"


class RefusalsTest(unittest.TestCase):
    def delivered(self, pipeline, more):
        """Waits until the sink has delivered so many more; gives the number."""
        before = pipeline.telemetry("s1").get("delivered")
        return pipeline.wait_for("s1", "delivered", lambda number: number >= before + more)

    def ends_refused(self, pipeline, text):
        """The producer ends with this text of the sink, which has said it in one line."""
        producer = pipeline.daemons["p1"]
        self.assertEqual(producer.exit_code(), CORRUPT)
        told = producer.messages("error")
        self.assertEqual(len(told), 1, told)
        self.assertRegex(told[0], f"^sink s1 refused p1: {text}$")
        said = [line for line in pipeline.daemons["s1"].messages()
                if re.search(f"refused p1: {text}$", line)]
        self.assertEqual(said, ["refused p1: " + told[0].split(": ", 1)[1]])

    def is_whole(self, pipeline, since=0):
        """Each record once, not counting the first lines of the output."""
        lines = pipeline.lines(OUTPUTS[0])[since:]
        self.assertEqual(sorted(line["record"]["@id"] for line in lines),
                         list(generated_ids("p1", COUNT)))
        done = Check()
        for name, take in zip(OUTPUTS, (done.output, done.dead_letters)):
            take(pipeline.path(name))
        self.assertEqual(done.problems, [])
        self.assertFalse(done.dead)

    def test_an_old_state_folder_of_a_producer_is_refused_however_often_it_starts(self):
        with Pipeline(SECTIONS) as pipeline:
            pipeline.start_all()
            self.delivered(pipeline, 500)
            pipeline.daemons["p1"].kill()
            state, old, newest = (pipeline.path("state", name) for name in ("p1", "old", "newest"))
            shutil.copytree(state, old)
            for _ in range(2):  # runs 2 and 3
                pipeline.start("producer", "p1")
                self.delivered(pipeline, 500)
                pipeline.daemons["p1"].kill()
            os.rename(state, newest)
            os.rename(old, state)
            for text in (  # runs 2, 3 and 4 of the old folder
                    "run 2 of p1 is older than run 3, which is known here, and is not taken any "
                    "more; if it is alive, an old state folder was put back; " + RESTORE,
                    "another run 3 of p1 is known here; its state folder was copied, or an old one "
                    "was put back; stop one of them, and go on with the newest folder",
                    r"its state says that batch \d+ is the last whole one, but \d+ was; an old "
                    "state folder was put back; " + RESTORE):
                pipeline.start("producer", "p1")
                self.ends_refused(pipeline, text)
            shutil.rmtree(state)
            os.rename(newest, state)
            # Its next run is 4: the sink took nothing of those that it refused.
            pipeline.start("producer", "p1")
            pipeline.finish()
            self.is_whole(pipeline)

    def test_a_ledger_that_was_swapped_or_lost_is_refused(self):
        with Pipeline(SECTIONS) as pipeline:
            pipeline.start_all()
            self.delivered(pipeline, 500)
            for name in ("s1", "p1"):
                pipeline.daemons[name].kill()
            state, kept = pipeline.path("state/s1"), pipeline.path("state/kept")
            os.rename(state, kept)
            lost = pipeline.start("sink", "s1")
            self.assertEqual(lost.exit_code(), CORRUPT)
            self.assertEqual(lost.messages("error"), [
                "out/s1.dead.ndjson: an empty file that this sink's ledger does not know; put back "
                "the state folder that it belongs to, or move it away"])
            os.rename(pipeline.path("out"), pipeline.path("kept"))
            shutil.rmtree(state)
            pipeline.start("sink", "s1")
            pipeline.start("producer", "p1")
            self.ends_refused(pipeline, "expected ledger [0-9a-f]{16}, found [0-9a-f]{16}; put "
                              "this sink's state folder back, or, if it is lost, run 'docmill sink "
                              "forget FILE s1' on the hosts of the producers, or start the whole "
                              "pipeline over with --fresh")
            pipeline.daemons["s1"].stop()
            self.assertEqual(os.path.getsize(pipeline.path(OUTPUTS[0])), 0)
            for mine, put_back in ((state, kept), (pipeline.path("out"), pipeline.path("kept"))):
                shutil.rmtree(mine)
                os.rename(put_back, mine)
            pipeline.start("sink", "s1")
            pipeline.start("producer", "p1")
            pipeline.finish()
            self.is_whole(pipeline)

    def test_what_a_closed_epoch_has_on_its_way_is_refused_and_its_producer_ends(self):
        with Pipeline(SECTIONS) as pipeline:
            pipeline.start_all()
            self.delivered(pipeline, 500)
            old = [pipeline.daemons[name] for name in ("t1", "p1")]
            for daemon in old:
                daemon.send(signal.SIGSTOP)
            self.stands_still(pipeline)
            before = len(pipeline.lines(OUTPUTS[0]))
            # Somebody throws the producer's state away, and its sockets, and starts it anew.
            os.rename(pipeline.path("state/p1"), pipeline.path("state/thrown-away"))
            for socket in ("p1.control", "p1.telemetry"):
                os.unlink(pipeline.path("state/sockets", socket))
            pipeline.start("producer", "p1")
            pipeline.start("transformer", "t2")
            self.delivered(pipeline, 1)  # acks still go to the old one: it sends few
            for daemon in old:
                daemon.send(signal.SIGCONT)
            new = pipeline.daemons["p1"]
            pipeline.daemons["p1"] = old[1]
            self.ends_refused(pipeline, "epoch [0-9a-f]{16} of p1 is closed: epoch [0-9a-f]{16} was "
                              "begun later; what is still on its way of the old one is dropped; "
                              "stop the producer that has it, or, if there is no other and a clock "
                              "was ahead, start it with --fresh after [-0-9]{10}T[:0-9]{8}Z")
            pipeline.daemons["p1"] = new
            pipeline.finish()
            self.assertGreater(pipeline.telemetry("s1").get("refused"), 0)
            self.is_whole(pipeline, before)

    def stands_still(self, pipeline):
        told = pipeline.telemetry("s1")
        seen = []

        def same():
            told.values()
            if not seen or seen[-1][0] != told.came:
                seen.append((told.came, told.get("delivered")))
            return len(seen) >= 4 and len({number for _, number in seen[-4:]}) == 1
        wait_until(same, what="the sink to stand still")


if __name__ == "__main__":
    sys.exit(unittest.main())

"""Files that processors read and that are edited while a pipeline runs: what was begun is finished
with the files of its time, on every transformer, and an edit takes effect with a reload."""
import json
import os
import shutil
import unittest

from pipeline import Daemon, Pipeline, config, wait_until
from reload_test import reload

SHEET = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
{}<xsl:output method="text"/>{}</xsl:stylesheet>"""
MAIN = SHEET.format('<xsl:import href="lib.xsl"/>', "")


def lib(word):
    return SHEET.format("", f'<xsl:template match="/">{word}</xsl:template>')


def sections(rate=500):
    return config({"generate": {"count": 0, "rate": rate, "format": "xml"}},
                  processors=[{"xslt": "style/main.xsl"}], producer={"batch": {"documents": 16}})


class EditedFilesTest(unittest.TestCase):
    def words(self, pipeline):
        with open(pipeline.path("out/s1.ndjson"), encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def prepare(self, pipeline):
        pipeline.put("style/main.xsl", MAIN)
        pipeline.put("style/lib.xsl", lib("old"))

    def test_an_edit_takes_effect_with_the_reload_of_the_producer_and_never_before(self):
        with Pipeline(sections()) as pipeline:
            self.prepare(pipeline)
            pipeline.start_all()
            pipeline.wait_for("s1", "delivered", lambda number: number > 200)
            pipeline.put("style/lib.xsl", lib("new"))
            # A transformer that starts now has the edited file, and batches of the plan before it.
            pipeline.daemons["t1"].kill()
            second = pipeline.start("transformer", "t1")
            second.says("style/lib.xsl here differs")
            before = pipeline.telemetry("s1").get("delivered")
            pipeline.wait_for("s1", "delivered", lambda number: number > before + 200)
            self.assertEqual(set(self.words(pipeline)), {"old"})
            code, said, errors = reload(pipeline)
            self.assertEqual((code, errors), (0, ""), said)
            before = pipeline.telemetry("s1").get("delivered")
            wait_until(lambda: "new" in self.words(pipeline), what="a document of the new file")
            words = self.words(pipeline)
            first = words.index("new")
            # Batches are not in order, but none is of both, and nothing old begins after the reload.
            self.assertLess(words[first + 100:].count("old"), 100)
            for daemon in ("p1", "t1", "s1"):
                pipeline.daemons[daemon].stop()
            self.assertEqual(os.path.getsize(pipeline.path("out/s1.dead.ndjson")), 0)

    def test_transformers_with_other_files_do_the_same(self):
        with Pipeline(sections()) as pipeline:
            self.prepare(pipeline)
            elsewhere = pipeline.path("elsewhere")
            os.makedirs(os.path.join(elsewhere, "style"))
            os.mkdir(pipeline.path("state"), 0o700)  # before a daemon looks for it behind the link
            os.symlink(pipeline.path("state"), os.path.join(elsewhere, "state"))
            shutil.copy(pipeline.path("pipeline.yaml"), elsewhere)
            for name, text in (("main", MAIN), ("lib", lib("other"))):
                with open(os.path.join(elsewhere, f"style/{name}.xsl"), "w",
                          encoding="utf-8") as file:
                    file.write(text)
            pipeline.start("sink", "s1")
            pipeline.start("producer", "p1")
            other = Daemon("transformer", "t2", elsewhere,
                           ["pipeline.yaml", "--name", "t2", *pipeline.arguments])
            try:
                other.says("style/lib.xsl here differs")
                pipeline.wait_for("s1", "delivered", lambda number: number > 200)
                self.assertEqual(set(self.words(pipeline)), {"old"})
            finally:
                other.kill()


if __name__ == "__main__":
    unittest.main()

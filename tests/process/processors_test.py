"""Processors that cannot be made: the producer finds out before it cuts a batch under them, so that a
repaired file is all that a pipeline needs."""
import signal
import unittest

from pipeline import Pipeline, config, wait_until

GOOD = {"jq": "{seq: .seq}"}
TYPO = {"jq": "{seq: "}
STYLE = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/">%s</xsl:template></xsl:stylesheet>"""


def pipeline_of(*processors, source=None):
    return config(source or {"generate": {"count": 0, "rate": 500}}, processors,
                  producer={"batch": {"documents": 10}})


class ProcessorsTest(unittest.TestCase):
    def delivered(self, pipeline, more):
        telemetry = pipeline.telemetry("p1")
        telemetry.forget()
        wait_until(telemetry.values, what="telemetry of p1")
        before = telemetry.get("delivered")
        pipeline.wait_for("p1", "delivered", lambda number: number >= before + more)

    def writes(self, pipeline, text):
        """Waits until an output has this text."""
        def found():
            with open(pipeline.path("out/s1.ndjson"), encoding="utf-8") as file:
                return text in file.read()
        wait_until(found, what=f"{text} in the output")

    def refuses(self, pipeline, number, reason):
        """A reload is refused with this reason, and the documents keep flowing."""
        producer = pipeline.daemons["p1"]
        producer.send(signal.SIGHUP)
        pipeline.wait_for("p1", "refused_reloads", lambda refused: refused == number)
        self.assertIn(reason, producer.log())
        self.delivered(pipeline, 300)

    def test_a_producer_does_not_start_with_a_typo_and_starts_when_it_is_fixed(self):
        lines = {"lines": {"path": "in.ndjson", "format": "json"}}
        with Pipeline(pipeline_of(TYPO, source=lines)) as pipeline:
            pipeline.put("in.ndjson", '{"seq": 1}\n' * 100)
            pipeline.start("sink", "s1")
            for name in ("p1", "p1"):
                producer = pipeline.start("producer", name)
                self.assertEqual(producer.exit_code(), 78)
                self.assertIn("expected a program of jq", producer.log())
            pipeline.write(pipeline_of(GOOD, source=lines))
            pipeline.start_all()
            self.assertEqual(pipeline.daemons["p1"].exit_code(), 0)
            self.assertEqual(len(pipeline.lines("out/s1.ndjson")), 100)

    def test_a_reload_with_a_typo_changes_nothing_even_after_a_kill(self):
        with Pipeline(pipeline_of({"to_json": {}}, GOOD)) as pipeline:
            pipeline.start_all()
            pipeline.telemetry("p1")
            self.delivered(pipeline, 100)
            pipeline.write(pipeline_of({"to_json": {}}, TYPO))
            self.refuses(pipeline, 1, "expected a program of jq")
            # Killed while the file is wrong: nothing is cut under it.
            pipeline.daemons["p1"].kill()
            self.assertEqual(pipeline.start("producer", "p1").exit_code(), 78)
            pipeline.write(pipeline_of({"to_json": {}}, {"jq": "{seq: .seq, new: true}"}))
            pipeline.start("producer", "p1")
            pipeline.telemetry("p1")
            self.writes(pipeline, "new")
            self.delivered(pipeline, 300)

    def test_a_stylesheet_that_cannot_be_made_is_refused_like_a_typo(self):
        xslt = {"xslt": {"stylesheet": "style.xsl"}}
        with Pipeline(pipeline_of(xslt, {"to_json": {}})) as pipeline:
            pipeline.put("style.xsl", STYLE % "<one/>")
            pipeline.start_all()
            pipeline.telemetry("p1")
            self.delivered(pipeline, 100)
            for number, wrong in enumerate((STYLE % '<xsl:value-of select="]"/>', STYLE % "<a>", ""),
                                           start=1):
                pipeline.put("style.xsl", wrong)
                self.refuses(pipeline, number, "style.xsl")
            pipeline.put("style.xsl", STYLE % "<two/>")
            pipeline.daemons["p1"].send(signal.SIGHUP)
            self.writes(pipeline, "two")


if __name__ == "__main__":
    unittest.main()

"""Inputs that are missing, unreadable, not XML, cut or too large: what is said, word for word, and
everything else is delivered."""
import os
import sys
import unittest

from pipeline import Pipeline, config

WHOLE = "<records>\n<r><n>1</n></r>\n<r><n>2</n></r>\n<r><n>3</n></r>\n</records>\n"
# Root may read everything, unless it gives that up.
NO_PRIVILEGE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] \
    if os.geteuid() == 0 else []


def records(*numbers):
    return [{"r": {"n": str(number)}} for number in numbers]


def letter(document, record, offset, line, error, form="xml"):
    return {"document": document, "format": form, "stage": "producer", "error": error,
            "source": "in/a.xml", "record": record, "offset": offset, "line": line}


def sections(**more):
    return config({"files": {"path": "in/*.xml", "split": "/records/r"}}, **more)


class BadInputTest(unittest.TestCase):
    maxDiff = None

    def run_whole(self, files, config_=None, wrapper=()):
        """Runs over these files to the end; the delivered documents and the dead letters."""
        with Pipeline(config_ or sections()) as pipeline:
            for name, text in files.items():
                pipeline.put(f"in/{name}", text)
                if text == "":
                    os.chmod(pipeline.path(f"in/{name}"), 0)
            pipeline.start("sink", "s1")
            pipeline.start("transformer", "t1")
            producer = pipeline.start("producer", "p1", wrapper)
            pipeline.finish(code=65)
            letters = pipeline.lines("out/s1.dead.ndjson")
            for letter in letters:
                self.assertEqual((letter.pop("producer"), len(letter.pop("epoch"))), ("p1", 16))
                del letter["sequence"], letter["index"]
            self.assertEqual(producer.messages("warning", "error"), [
                f"in/a.xml: not read completely: {letters[0]['error']}; it stays",
                "1 file could not be read completely; the dead letters say why; repair it, and give it "
                "a new name to have the rest read"])
            return pipeline.lines("out/s1.ndjson"), letters

    def test_a_missing_file_is_a_mistake_in_the_pipeline_file(self):
        with Pipeline(config({"files": {"path": "in/none.xml", "split": "/r"}})) as pipeline:
            producer = pipeline.start("producer", "p1")
            self.assertEqual(producer.exit_code(), 78)
            self.assertEqual(producer.messages(), [
                "producer.source.files.path: in/none.xml matches no file (seen from "
                f"{os.path.realpath(pipeline.folder)}); give a path that exists, or put the first "
                "file there before the start"])

    def test_an_unreadable_file_is_a_dead_letter_and_the_next_is_read(self):
        delivered, letters = self.run_whole({"a.xml": "", "b.xml": WHOLE},
                                                  wrapper=NO_PRIVILEGE)
        self.assertEqual(delivered, records(1, 2, 3))
        self.assertEqual(letters, [letter(
            "", 1, 0, 1, "in/a.xml: permission denied; make it readable, and give it a new name to "
            "have it read", "bytes")])

    def test_a_file_that_is_not_xml_is_a_dead_letter_and_the_next_is_read(self):
        delivered, letters = self.run_whole({"a.xml": "name,price\nmill,12\n",
                                                   "b.xml": WHOLE})
        self.assertEqual(delivered, records(1, 2, 3))
        self.assertEqual(letters, [letter("name,price\nmill,12\n", 1, 0, 1,
                                          "line 1, column 1 (byte 0): syntax error")])

    def test_what_precedes_a_cut_is_delivered_and_the_rest_is_a_dead_letter(self):
        cut = WHOLE[:WHOLE.index("3")]
        delivered, letters = self.run_whole({"a.xml": cut, "b.xml": WHOLE})
        self.assertEqual(delivered, records(1, 2) + records(1, 2, 3))
        self.assertEqual(letters, [letter("<r><n>", 3, cut.rindex("<r>"), 4,
                                          "line 4, column 7 (byte 48): no element found")])

    def test_no_log_holds_a_document_or_a_control_character(self):
        with Pipeline(sections()) as pipeline:
            pipeline.put("in/a\x1b[2J\nforged.xml", "<other>SECRET</other>")
            pipeline.put("in/b.xml", WHOLE.replace("2", "SECRET").replace("</records>", "<SECRET"))
            pipeline.start_all()
            pipeline.finish(code=65)
            self.assertIn({"r": {"n": "SECRET"}}, pipeline.lines("out/s1.ndjson"))
            self.assertEqual(len(pipeline.lines("out/s1.dead.ndjson")), 1)
            self.assertIn("in/a\\x1b[2J\\x0aforged.xml: holds no element at /records/r",
                          pipeline.daemons["p1"].messages("warning"))
            for daemon in pipeline.daemons.values():
                self.assertNotIn("SECRET", daemon.log())
                self.assertNotIn("\x1b", daemon.log())

    def test_a_record_that_is_too_large_is_a_dead_letter_and_the_rest_goes_on(self):
        large = WHOLE.replace("2", "2" * 2000)
        delivered, letters = self.run_whole({"a.xml": large},
                                                  sections(limits={"document": "1KiB"}))
        self.assertEqual(delivered, records(1, 3))
        self.assertEqual(letters, [letter(
            "<r><n>" + "2" * 1018, 2, large.index("<r><n>2"), 3,
            "larger than limits.document: 2014 bytes, at most 1KiB; raise the limit; this is its "
            f"first 1024 bytes; all of it is bytes {large.index('<r><n>2')} to "
            f"{large.index('<r><n>2') + 2014} of the source, xxh3 " + letters[0]["error"][-16:])])
        self.assertRegex(letters[0]["error"], " xxh3 [0-9a-f]{16}$")


if __name__ == "__main__":
    sys.exit(unittest.main())

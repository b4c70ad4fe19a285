"""The checker reports what it is there for: each fault, with the id of the record."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
import zlib

CHECKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "checker.py")


def record(number, title="a \"mill\" & <river>", producer="p1"):
    name = f"{producer}-{number:09}"
    found = [name, "1987", "en", title, "x y", "z", "EUR", "12.50", "long"]
    return {"record": {
        "@id": name, "@sum": f"{zlib.crc32(chr(10).join(found).encode()):08x}", "@year": "1987",
        "title": {"@lang": "en", "#text": title}, "author": ["x y", "z"],
        "price": {"@currency": "EUR", "#text": "12.50"}, "text": "long"}}


def line(number, **changes):
    return json.dumps(record(number, **changes)) + "\n"


def xml(number):
    sum_ = record(number, title="t")["record"]["@sum"]
    return (f'<record id="p1-{number:09}" sum="{sum_}" year="1987"><title lang="en">t</title>'
            '<author>x y</author><author>z</author><price currency="EUR">12.50</price>'
            "<text>long</text></record>")


def letter(document, form):
    return json.dumps({"document": document, "format": form, "stage": "a", "error": "b"}) + "\n"


class CheckerTest(unittest.TestCase):
    def run_checker(self, output, dead="", expect=3):
        with tempfile.TemporaryDirectory(prefix="docmill-") as folder:
            with open(f"{folder}/out", "w", encoding="utf-8") as file:
                file.write(output)
            with open(f"{folder}/dead", "w", encoding="utf-8") as file:
                file.write(dead)
            done = subprocess.run(
                [sys.executable, "-B", CHECKER, "--expect", f"p1={expect}", "--dead",
                 f"{folder}/dead", f"{folder}/out"], capture_output=True, text=True, check=False)
            self.assertEqual(done.stderr, "")
            return done.returncode, done.stdout.replace(folder + "/", "")

    def test_all_is_well_in_any_order(self):
        self.assertEqual(self.run_checker(line(3) + line(1) + line(2)),
                         (0, "3 records in outputs, 0 in dead letters, 0 problems\n"))

    def test_a_dead_letter_accounts_for_its_record(self):
        self.assertEqual(
            self.run_checker(line(1), letter(xml(2), "xml") + letter(line(3), "json")),
            (0, "1 records in outputs, 2 in dead letters, 0 problems\n"))

    def test_faults_are_reported_with_the_id(self):
        good = line(1) + line(2) + line(3)
        changed = line(2).replace("1987", "1988")
        for name, output, problem in (
                ("dropped", line(1) + line(3), "p1-000000002 is missing"),
                ("doubled", good + line(2), "p1-000000002 is there 2 times"),
                ("changed", line(1) + changed + line(3), "out:2: p1-000000002 was changed: "),
                ("foreign producer", good + line(2, producer="q9"), "q9-000000002 is foreign"),
                ("foreign number", good + line(4), "p1-000000004 is foreign"),
                ("not a record", good + '{"a":1}\n', "out:4: not a record ('record'): "),
                ("not JSON", good + "x\n", "out:4: not a record (Expecting value: "),
        ):
            with self.subTest(name):
                code, text = self.run_checker(output)
                self.assertEqual(code, 1)
                self.assertTrue(text.startswith(problem), text)
                self.assertIn("1 problem\n", text)

    def test_a_half_written_last_record_is_reported_and_does_not_count(self):
        code, text = self.run_checker(line(1) + line(2) + line(3)[:50])
        self.assertEqual(code, 1)
        self.assertIn("out:3: the last line is not whole: ", text)
        self.assertIn("p1-000000003", text.splitlines()[0])
        self.assertIn("p1-000000003 is missing\n", text)

    def test_a_record_that_is_delivered_and_dead_is_there_twice(self):
        code, text = self.run_checker(line(1) + line(2) + line(3), letter(xml(2), "xml"))
        self.assertEqual((code, text.splitlines()[0]), (1, "p1-000000002 is there 2 times"))

    def test_a_changed_dead_letter_is_reported(self):
        code, text = self.run_checker(line(1) + line(2),
                                      letter(xml(3).replace("long", "lang"), "xml"))
        self.assertEqual(code, 1)
        self.assertTrue(text.startswith("dead:1: p1-000000003 was changed: "), text)

    def test_an_empty_output_is_reported(self):
        code, text = self.run_checker("", expect=1)
        self.assertEqual((code, text.splitlines()[0]), (1, "p1-000000001 is missing"))


if __name__ == "__main__":
    unittest.main()

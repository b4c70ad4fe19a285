"""Checks that a pipeline delivered every record exactly once. Shares no code with the daemons.

    checker.py [--expect PRODUCER=COUNT]... [--dead FILE]... OUTPUT...

Records are those of the `generate` source (producer/sources/generated_record.h has the rule of the
checksum), numbered from 1 for each producer: in OUTPUT as JSON, in FILE within dead letters as
JSON or XML. Prints what is wrong, with the id of the record; exit code 1 when anything is.
"""
import argparse
import collections
import json
import sys
import xml.etree.ElementTree
import zlib

MOST_PROBLEMS_SHOWN = 20


def values(node):
    """All values of a JSON record but its sum, in the order of the document."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "@sum":
                yield from values(value)
    elif isinstance(node, list):
        for value in node:
            yield from values(value)
    else:
        yield node


def xml_values(element):
    """The same of a record as XML; a record has no mixed content."""
    for name, value in element.attrib.items():
        if name != "sum":
            yield value
    if len(element) == 0:
        yield element.text or ""
    for child in element:
        yield from xml_values(child)


class Record:
    """The id and sum that a record claims, and the sum that it has."""

    def __init__(self, text, is_xml=False):
        if is_xml:
            root = xml.etree.ElementTree.fromstring(text)
            self.id, self.sum, found = root.attrib["id"], root.attrib["sum"], xml_values(root)
        else:
            record = json.loads(text)["record"]
            self.id, self.sum, found = record["@id"], record["@sum"], values(record)
        self.found_sum = f"{zlib.crc32(chr(10).join(found).encode()):08x}"


class Check:
    """Takes files, then compares the records in them with the expected ones."""

    def __init__(self):
        self.problems = []
        self.delivered = collections.Counter()  # (id, sum) of the records in outputs
        self.dead = collections.Counter()       # and in dead letters
        self.reasons = collections.Counter()    # of the dead letters

    def lines(self, path, length=None):
        """The lines of a file, or of its first bytes only."""
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                if length is not None:
                    line = line[:length]
                    length -= len(line)
                    if not line:
                        return
                if line.endswith(b"\n"):
                    yield f"{path}:{number}", line
                else:
                    self.problems.append(f"{path}:{number}: the last line is not whole: "
                                         f"{line[:60].decode(errors='replace')}")

    def take(self, where, text, is_xml, counter):
        try:
            record = Record(text, is_xml)
        except (ValueError, KeyError, TypeError, xml.etree.ElementTree.ParseError) as error:
            self.problems.append(f"{where}: not a record ({error}): {text[:60]!r}")
            return
        if record.sum != record.found_sum:
            self.problems.append(f"{where}: {record.id} was changed: its sum is {record.sum}, "
                                 f"that of its values {record.found_sum}")
        counter[record.id, record.sum] += 1

    def output(self, path, length=None):
        for where, line in self.lines(path, length):
            self.take(where, line, False, self.delivered)

    def dead_letters(self, path, length=None):
        for where, line in self.lines(path, length):
            try:
                letter = json.loads(line)
            except ValueError as error:
                self.problems.append(f"{where}: not JSON ({error}): {line[:60]!r}")
                continue
            self.reasons[letter["stage"] + ": " + letter["error"]] += 1
            self.take(where, letter["document"], letter["format"] == "xml", self.dead)

    def compare(self, expect):
        """expect: {producer: count}. Each must be there once, and nothing else."""
        found = collections.Counter()
        for counter in (self.delivered, self.dead):
            for (name, _), times in counter.items():
                found[name] += times
        self.problems += check_ids(found, expect)

    def text(self):
        shown = self.problems[:MOST_PROBLEMS_SHOWN]
        if len(self.problems) > len(shown):
            shown.append(f"... {len(self.problems) - len(shown)} more")
        shown.append(f"{sum(self.delivered.values())} records in outputs, "
                     f"{sum(self.dead.values())} in dead letters, "
                     f"{len(self.problems)} problem{'s' * (len(self.problems) != 1)}")
        return "\n".join(shown)


def generated_ids(producer, count):
    return (f"{producer}-{number:09}" for number in range(1, count + 1))


def check_ids(found, expect):
    """What is wrong with how often each id was found; expect: {producer: count}."""
    problems = []
    rest = dict(found)
    for producer, count in expect.items():
        for name in generated_ids(producer, count):
            times = rest.pop(name, 0)
            if times == 0:
                problems.append(f"{name} is missing")
            elif times > 1:
                problems.append(f"{name} is there {times} times")
    return problems + [f"{name} is foreign" for name in rest]


def check(outputs, dead, expect):
    """expect: {producer: count}."""
    done = Check()
    for path in outputs:
        done.output(path)
    for path in dead:
        done.dead_letters(path)
    done.compare(expect)
    return done


def main():
    parser = argparse.ArgumentParser(description="Every record exactly once?")
    parser.add_argument("--expect", action="append", default=[], metavar="PRODUCER=COUNT")
    parser.add_argument("--dead", action="append", default=[], metavar="FILE")
    parser.add_argument("outputs", nargs="+", metavar="OUTPUT")
    options = parser.parse_args()
    expect = {name: int(count) for name, count in (text.split("=") for text in options.expect)}
    done = check(options.outputs, options.dead, expect)
    print(done.text())
    sys.exit(1 if done.problems else 0)


if __name__ == "__main__":
    main()

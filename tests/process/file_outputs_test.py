"""All outputs that write files, in one sink that is killed again and again: afterwards each record is
in each of them exactly once, every file that has ended is whole by itself, and a sink that is told
to stop ends all of them."""
import collections
import gzip
import json
import os
import random
import subprocess
import sys
import unittest
import xml.etree.ElementTree

from bad_places_test import SmallDisk
from checker import Record, check_ids
from pipeline import Pipeline, config

COUNT = 8000
KILLS = 12
ROTATE = {"size": "200KiB", "every": "500ms"}
OUTPUTS = [
    {"ndjson": {"path": "out/plain.ndjson"}},
    {"ndjson": {"path": "out/lines.ndjson", "rotate": ROTATE, "compress": "zstd"}},
    {"json": {"path": "out/array.json", "rotate": ROTATE, "compress": "gzip"}},
    {"json": {"path": "out/one.json"}},
    {"xml": {"path": "out/records.xml", "rotate": ROTATE}},
    {"documents": {"path": "out/each/{producer}/{sequence}-{index}.xml"}},
]


def unpacked(path):
    if path.endswith(".gz"):
        with gzip.open(path) as file:
            return file.read().decode()
    if path.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout.decode()
    with open(path, encoding="utf-8") as file:
        return file.read()


def ids_in(paths):
    """How often each record is in these files; each must have the sum that it claims."""
    ids = collections.Counter()
    for path in paths:
        text = unpacked(path)
        if ".ndjson" in path:
            documents = [json.loads(line) for line in text.splitlines()]
        elif ".json" in path:
            documents = json.loads(text)
        elif "/each/" in path:
            documents = [text]
        else:
            root = xml.etree.ElementTree.fromstring(text)
            assert root.tag == "records", root.tag
            documents = [xml.etree.ElementTree.tostring(element) for element in root]
        for document in documents:
            record = Record(document, is_xml=True)
            assert record.sum == record.found_sum, f"{path}: {record.id} was changed"
            ids[record.id] += 1
    return ids


class FileOutputsTest(unittest.TestCase):
    def test_every_output_has_every_record_once_whatever_kills_the_sink(self):
        chance = random.Random(11)
        with Pipeline(config({"generate": {"count": COUNT, "rate": 1500}}, (),
                             producer={"batch": {"documents": 16}},
                             sink={"outputs": OUTPUTS})) as pipeline:
            pipeline.start_all()
            for _ in range(KILLS):
                told = pipeline.telemetry("s1")
                target = told.get("delivered") + chance.randrange(100, 500)
                pipeline.wait_for("s1", "delivered", lambda found, at_least=target: found >= at_least)
                pipeline.daemons["s1"].kill()
                pipeline.start("sink", "s1")
            pipeline.finish()
            files = [os.path.join(folder, name)
                     for folder, _, names in os.walk(pipeline.path("out")) for name in names
                     if "/.docmill-s1" not in folder and ".dead." not in name]
            for output in OUTPUTS:
                (kind, settings), = output.items()
                stem = settings["path"].split(".")[0].split("{")[0]
                mine = [path for path in files if path.startswith(pipeline.path(stem))]
                self.assertFalse([path for path in mine if path.endswith(".open")], kind)
                self.assertEqual(check_ids(ids_in(mine), {"p1": COUNT}), [], stem)
                if "rotate" in settings:
                    self.assertGreater(len(mine), 1, stem)
            self.assertEqual(len([path for path in files if "/each/" in path]), COUNT)
            self.assertEqual(os.path.getsize(pipeline.path("out/s1.dead.ndjson")), 0)

    @unittest.skipIf(os.geteuid() != 0, "only root can make a small disk")
    def test_a_full_disk_is_waited_out_by_each_of_them(self):
        for output, warning in (
                ({"json": {"path": "out/array.json", "rotate": {"size": "64KiB"}}},
                 r"^out/array-\d+\.json\.open: append \d+ bytes: no space left on device; retry in 2s$"),
                ({"documents": {"path": "out/each/{sequence}-{index}.xml"}},
                 r"^out/each/\.docmill-s1(: write \d+ bytes|/\w+-\d+: create): no space left on device; "
                 "retry in 2s$")):
            with self.subTest(output), Pipeline(config(
                    {"generate": 4000}, (), producer={"batch": {"documents": 64}},
                    sink={"outputs": [output], "dead_letters": "dead.ndjson"})) as pipeline:
                disk = SmallDisk(pipeline.path("out"))
                try:
                    pipeline.start_all()
                    sink = pipeline.daemons["s1"]
                    sink.says("no space left on device; ")
                    self.assertRegex(sink.messages("warning")[0], warning)
                    disk.grow()
                    pipeline.finish()
                    files = [os.path.join(folder, name)
                             for folder, _, names in os.walk(pipeline.path("out")) for name in names
                             if "/.docmill-s1" not in folder and name != "others"]
                    self.assertFalse([path for path in files if path.endswith(".open")])
                    self.assertEqual(check_ids(ids_in(files), {"p1": 4000}), [])
                finally:
                    disk.close()


if __name__ == "__main__":
    sys.exit(unittest.main())

"""A sink whose growing files are rotated by others acknowledges nothing that is not in the file at
its path, and goes on as docs/outputs.md says."""
import gzip
import json
import os
import shutil
import unittest

from pipeline import Pipeline, config

CORRUPT = 74
PLAIN = {"ndjson": {"path": "out/o.ndjson"}}
ROTATING = {"ndjson": {"path": "out/o.ndjson", "rotate": {}}}


def pipeline_of(output):
    return config({"follow": "in.ndjson"}, (), sink={"outputs": [output]})


class DisplacedOutputTest(unittest.TestCase):
    def begin(self, pipeline):
        self.add(pipeline, range(10))
        pipeline.start_all()
        pipeline.wait_for("s1", "delivered", lambda count: count == 10)

    def add(self, pipeline, numbers):
        with open(pipeline.path("in.ndjson"), "a", encoding="utf-8") as file:
            file.writelines(f'{{"n":{number}}}\n' for number in numbers)

    def refuses(self, pipeline, found):
        self.add(pipeline, range(10, 30))
        sink = pipeline.daemons["s1"]
        self.assertEqual(sink.exit_code(), CORRUPT)
        self.assertIn(f"expected the file that is appended to, with at least 80 bytes, got {found}; "
                      "put the whole file back, or name another path; use 'rotate' to rotate an "
                      "output", sink.log())

    def numbers(self, *texts):
        return sorted(json.loads(line)["n"] for text in texts for line in text.splitlines())

    def read(self, pipeline, *names):
        with open(pipeline.path(*names), encoding="utf-8") as file:
            return file.read()

    def finishes(self, pipeline):
        pipeline.start("sink", "s1")
        pipeline.wait_for("s1", "delivered", lambda count: count == 30)

    def test_logrotate_renames_and_compresses_a_plain_file_which_is_put_back(self):
        with Pipeline(pipeline_of(PLAIN)) as pipeline:
            self.begin(pipeline)
            path = pipeline.path("out/o.ndjson")
            os.rename(path, path + ".1")
            pipeline.put("out/o.ndjson", "")
            with open(path + ".1", "rb") as old, gzip.open(path + ".1.gz", "wb") as new:
                shutil.copyfileobj(old, new)
            os.remove(path + ".1")
            self.refuses(pipeline, "0")
            with gzip.open(path + ".1.gz") as old, open(path, "wb") as new:
                shutil.copyfileobj(old, new)
            self.finishes(pipeline)
            self.assertEqual(self.numbers(self.read(pipeline, "out/o.ndjson")), list(range(30)))

    def test_copytruncate_leaves_no_hole(self):
        with Pipeline(pipeline_of(PLAIN)) as pipeline:
            self.begin(pipeline)
            path = pipeline.path("out/o.ndjson")
            shutil.copyfile(path, path + ".1")
            os.truncate(path, 0)
            self.refuses(pipeline, "0")
            self.assertEqual(os.path.getsize(path), 0)
            shutil.copyfile(path + ".1", path)
            self.finishes(pipeline)
            self.assertEqual(self.numbers(self.read(pipeline, "out/o.ndjson")), list(range(30)))

    def test_a_moved_file_stays_away_when_the_output_rotates_or_has_another_path(self):
        for output in ({"path": "out/o.ndjson", "rotate": {}}, {"path": "out/p.ndjson"}):
            with self.subTest(output), Pipeline(pipeline_of(PLAIN)) as pipeline:
                self.begin(pipeline)
                os.rename(pipeline.path("out/o.ndjson"), pipeline.path("taken"))
                self.refuses(pipeline, "no file")
                for daemon in ("t1", "p1"):
                    pipeline.daemons[daemon].stop()
                pipeline.write(pipeline_of({"ndjson": output}))
                for role, name in (("transformer", "t1"), ("producer", "p1")):
                    pipeline.start(role, name)
                self.finishes(pipeline)
                for name in ("p1", "t1", "s1"):
                    pipeline.daemons[name].stop()
                names = [name for name in os.listdir(pipeline.path("out")) if ".dead." not in name]
                self.assertEqual(self.numbers(self.read(pipeline, "taken"),
                                              *(self.read(pipeline, "out", name) for name in names)),
                                 list(range(30)), names)

    def test_a_growing_segment_that_is_taken_away_is_refused_and_put_back(self):
        with Pipeline(pipeline_of(ROTATING)) as pipeline:
            self.begin(pipeline)
            path = pipeline.path("out/o-000001.ndjson.open")
            os.rename(path, pipeline.path("taken"))
            self.refuses(pipeline, "no file")
            os.rename(pipeline.path("taken"), path)
            self.finishes(pipeline)
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            self.assertEqual(self.numbers(self.read(pipeline, "out/o-000001.ndjson")),
                             list(range(30)))


if __name__ == "__main__":
    unittest.main()

"""Files that grow while their outputs change, stop on a full disk, or have neighbours: each gets its
own end, and none is lost."""
import gzip
import json
import os
import resource
import signal
import subprocess
import unittest
import xml.dom.minidom

from pipeline import Pipeline, binary, config, wait_until


def pipeline_of(*outputs, source=None, processors=(), **settings):
    made = config(source or {"follow": "in.ndjson"}, processors, **settings)
    made["sink"]["outputs"] = list(outputs)
    return made


def docmill(pipeline, *arguments, **options):
    program = os.path.join(os.path.dirname(binary("sink")), "docmill")
    return subprocess.run([program, *arguments], cwd=pipeline.folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, check=False, **options)


def lines(numbers):
    return "".join(json.dumps({"n": n}) + "\n" for n in numbers)


def append(pipeline, numbers):
    with open(pipeline.path("in.ndjson"), "a", encoding="utf-8") as file:
        file.write(lines(numbers))


def read(pipeline, name):
    with open(pipeline.path(name), encoding="utf-8") as file:
        return file.read()


def numbers_in(text):
    return [document["n"] for document in json.loads(text)]


class ChangedOutputs(unittest.TestCase):
    def start(self, pipeline):
        pipeline.put("in.ndjson", lines(range(5)))
        for role, name in (("sink", "s1"), ("transformer", "t1"), ("producer", "p1")):
            pipeline.start(role, name)
        pipeline.wait_for("s1", "delivered", lambda count: count == 5)

    def change(self, pipeline, *outputs):
        pipeline.write(pipeline_of(*outputs))
        reloaded = docmill(pipeline, "reload", "pipeline.yaml")
        self.assertEqual(reloaded.returncode, 0, reloaded.stdout + reloaded.stderr)
        append(pipeline, range(5, 8))
        pipeline.wait_for("s1", "delivered", lambda count: count == 8)
        for name in ("p1", "t1", "s1"):
            pipeline.daemons[name].stop()

    def test_a_file_ends_as_it_was_begun_when_a_reload_changes_its_output(self):
        for before, after, check in (
                ({"xml": {"path": "out/a", "root": "one"}}, {"xml": {"path": "out/a", "root": "two"}},
                 xml.dom.minidom.parseString),
                ({"xml": {"path": "out/a", "root": "one"}}, {"json": {"path": "out/a"}},
                 xml.dom.minidom.parseString),
                ({"json": {"path": "out/a"}}, {"json": {"path": "out/b"}}, json.loads)):
            with self.subTest(before=before, after=after), Pipeline(pipeline_of(before)) as pipeline:
                self.start(pipeline)
                self.change(pipeline, after)
                check(read(pipeline, "out/a"))
                self.assertFalse([name for name in os.listdir(pipeline.path("out"))
                                  if name.endswith(".open")])

    def test_outputs_that_differ_in_the_compression_keep_their_files_over_a_kill(self):
        plain = {"json": {"path": "out/a.json"}}
        packed = {"json": {"path": "out/a.json.gz", "compress": "gzip"}}
        with Pipeline(pipeline_of(plain, packed)) as pipeline:
            self.start(pipeline)
            pipeline.daemons["s1"].kill()
            pipeline.start("sink", "s1")
            append(pipeline, range(5, 8))
            pipeline.wait_for("s1", "delivered", lambda count: count == 8)
            for name in ("p1", "t1", "s1"):
                pipeline.daemons[name].stop()
            self.assertEqual(numbers_in(read(pipeline, "out/a.json")), list(range(8)))
            with gzip.open(pipeline.path("out/a.json.gz"), "rt", encoding="utf-8") as file:
                self.assertEqual(numbers_in(file.read()), list(range(8)))

    def test_outputs_that_can_make_the_same_name_are_refused_by_check_run_and_sink(self):
        with Pipeline(pipeline_of({"json": {"path": "out/all.json"}},
                                  {"documents": {"path": "out/{key}.json"}},
                                  processors=({"key": {"path": "/n"}},))) as pipeline:
            for command in ("check", "run"):
                refused = docmill(pipeline, command, "pipeline.yaml")
                self.assertEqual(refused.returncode, 78)
                self.assertIn("got 'out/*.json', which sink.outputs[0].json may use as well",
                              refused.stderr)
            sink = pipeline.start("sink", "s1")
            self.assertEqual(sink.exit_code(), 78)

    def test_a_run_that_cannot_write_the_end_of_a_file_says_so_and_the_next_one_ends_it(self):
        with Pipeline(pipeline_of({"json": {"path": "out/a.json"}},
                                  source={"lines": "in.ndjson"})) as pipeline:
            documents = [json.dumps({"n": n, "pad": "x" * 1000}) for n in range(3000)]
            pipeline.put("in.ndjson", "".join(one + "\n" for one in documents))
            size = len("[\n") + len(",\n".join(documents))
            full = docmill(pipeline, "run", "pipeline.yaml", preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_FSIZE, (size, size)))
            self.assertEqual(full.returncode, 73, full.stdout + full.stderr)
            self.assertIn("out/a.json.open: has no end yet", full.stderr)
            again = docmill(pipeline, "run", "pipeline.yaml")
            self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
            self.assertEqual(sorted(numbers_in(read(pipeline, "out/a.json"))), list(range(3000)))

    def test_a_sink_with_a_file_for_each_document_stops_in_time(self):
        settings = {"producer": {"batch": {"documents": 65536, "bytes": "16MiB"},
                                 "window": {"batches": 16, "bytes": "1GiB"}},
                    "shutdown_timeout": "1s"}
        with Pipeline(pipeline_of({"documents": {"path": "out/{sequence}/{index}"}},
                                  source={"lines": "in.ndjson"}, **settings)) as pipeline:
            pipeline.put("in.ndjson", "1\n" * 400000)
            pipeline.start_all()
            staging = pipeline.path("out/.docmill-s1")
            wait_until(lambda: os.path.isdir(staging) and
                       any(not name.endswith(".names") for name in os.listdir(staging)))
            sink = pipeline.daemons["s1"]
            sink.send(signal.SIGTERM)
            self.assertEqual(sink.exit_code(15), 0)


if __name__ == "__main__":
    unittest.main()

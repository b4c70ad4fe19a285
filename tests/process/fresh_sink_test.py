"""A sink that starts over leaves the files that the source reads by now where they are."""
import unittest

from pipeline import Pipeline, config


def pipeline_of(source, output):
    sections = config(source, ())
    sections["sink"]["outputs"] = [{"ndjson": {"path": output}}]
    return sections


class FreshSinkTest(unittest.TestCase):
    def test_a_former_output_that_is_the_source_now_stays(self):
        for source in ("out/a.ndjson", {"path": "./out/a.ndjson", "watch": True}):
            with self.subTest(source=source), \
                    Pipeline(pipeline_of({"lines": "in.ndjson"}, "out/a.ndjson")) as pipeline:
                pipeline.put("in.ndjson", '{"n":1}\n')
                pipeline.start_all()
                pipeline.wait_for("s1", "delivered", lambda documents: documents == 1)
                for name in ("t1", "s1"):
                    pipeline.daemons[name].stop()
                pipeline.write(pipeline_of({"lines": source}, "new/b.ndjson"))
                pipeline.arguments.append("--fresh")
                sink = pipeline.start("sink", "s1")
                pipeline.arguments.remove("--fresh")
                sink.says("out/a.ndjson: stays where it is, the source reads it")
                sink.says("moved state/s1 to ")
                self.assertEqual(pipeline.lines("out/a.ndjson"), [{"n": 1}])
                sink.stop()


if __name__ == "__main__":
    unittest.main()

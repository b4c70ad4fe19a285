"""Two pipelines that name one place - a database, a file, a state folder: the second one is refused
at its first start, with the reason, and the first one goes on as if nothing had been."""
import json
import os
import unittest

from pipeline import Daemon, Pipeline, config


def sections(name, output, dead, state):
    return {**config({"lines": f"in/{name}.ndjson"}, processors=()), "pipeline": name,
            "state": state, "sink": {"outputs": [output], "dead_letters": dead}}


class SharedPlacesTest(unittest.TestCase):
    def run_first(self, pipeline):
        pipeline.start_all()
        pipeline.finish()

    def refused(self, pipeline, role, name):
        daemon = Daemon(role, name, pipeline.folder,
                        ["b.yaml", "--name", name, *pipeline.arguments])
        self.assertEqual(daemon.exit_code() in (74, 78), True, daemon.log())
        return daemon.messages("error")[-1]

    def both(self, first, second):
        pipeline = Pipeline(first)
        pipeline.put("in/a.ndjson", '{"id":1}\n')
        pipeline.put("in/b.ndjson", '{"id":2}\n')
        pipeline.put("b.yaml", json.dumps(second))
        return pipeline

    def goes_on(self, pipeline):
        pipeline.put("in/a.ndjson", '{"id":1}\n')
        self.run_first(pipeline)

    def test_a_database(self):
        def output(table):
            return {"sqlite": {"path": "shared.db", "table": table, "columns": {"id": "/id"}}}
        first = sections("a", output("a"), "a.dead", "state/a")
        with self.both(first, sections("b", output("b"), "b.dead", "state/b")) as pipeline:
            self.run_first(pipeline)
            self.assertEqual(
                self.refused(pipeline, "sink", "s1"),
                f"shared.db: expected no ledger, as {os.path.realpath(pipeline.folder)}/state/b/s1 "
                "is new, found that of sink s1 of pipeline 'a' with its state in "
                f"{os.path.realpath(pipeline.folder)}/state/a/s1; give each pipeline a database of "
                "its own")
            self.goes_on(pipeline)

    def test_an_output_and_dead_letters(self):
        output = {"ndjson": {"path": "a.ndjson"}}
        first = sections("a", output, "a.dead", "state/a")
        for other, dead, text in (
                ("a.ndjson", "b.dead", "a.ndjson: 9 bytes"), ("b.ndjson", "a.dead",
                                                             "a.dead: an empty file")):
            second = sections("b", {"ndjson": {"path": other}}, dead, "state/b")
            with self.both(first, second) as pipeline:
                self.run_first(pipeline)
                self.assertEqual(
                    self.refused(pipeline, "sink", "s1"),
                    text + " that this sink's ledger does not know; put back the state folder that "
                    "it belongs to, or move it away")
                self.goes_on(pipeline)

    def test_a_state_folder(self):
        first = sections("a", {"ndjson": {"path": "a.ndjson"}}, "a.dead", "state")
        second = sections("b", {"ndjson": {"path": "b.ndjson"}}, "b.dead", "state")
        with self.both(first, second) as pipeline:
            self.run_first(pipeline)
            for role, name in (("sink", "s1"), ("producer", "p1")):
                self.assertEqual(
                    self.refused(pipeline, role, name),
                    f"state/{name}: expected the state of pipeline 'b', found that of 'a'; give "
                    "each pipeline a 'state' of its own or, if this one was renamed, remove "
                    f"state/{name}/pipeline")
            self.goes_on(pipeline)
            # The advice works.
            for name in ("p1", "s1"):
                os.remove(pipeline.path(f"state/{name}/pipeline"))
            pipeline.write({**first, "pipeline": "renamed"})
            self.run_first(pipeline)


if __name__ == "__main__":
    unittest.main()

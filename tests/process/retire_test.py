"""A producer that shares a folder by claims and is retired reads what it has claimed before it ends;
the other one reads the rest. It is killed again and again while it does."""
import json
import os
import unittest

from pipeline import Pipeline, config, network, wait_until

FILES, LINES, KILLS = 100, 10, 6


class RetireTest(unittest.TestCase):
    def sections(self, addresses, state):
        now = json.loads(json.dumps(addresses))
        if state == "draining":
            now["producers"]["p1"] = {"address": addresses["producers"]["p1"], "state": state}
        return config({"lines": {"path": "in/*.ndjson", "format": "json", "claims": "claims"}},
                      ("to_json",), network=now, transformer={"advertise": "127.0.0.1"},
                      producer={"batch": {"documents": 10}, "window": {"batches": 2}})

    def delivered(self, pipeline):
        path = pipeline.path("out/s1.ndjson")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return [json.loads(line)["a"] for line in file if line.endswith("\n")]

    def test_no_file_that_a_retired_producer_has_claimed_is_left_unread(self):
        addresses = network(("p1", "p2"), ("s1",))
        with Pipeline(self.sections(addresses, "active")) as pipeline:
            os.makedirs(pipeline.path("claims"))
            for number in range(FILES):
                pipeline.put(f"in/{number:03}.ndjson",
                             "".join('{"a":%d}\n' % (number * LINES + n) for n in range(LINES)))
            pipeline.start("sink", "s1")
            p1 = pipeline.start("producer", "p1")
            pipeline.wait_for("p1", "read", lambda number: number >= 2 * LINES)
            p1.kill()
            pipeline.write(self.sections(addresses, "draining"))
            pipeline.start("transformer", "t1")
            for life in range(1, KILLS + 1):
                p1 = pipeline.start("producer", "p1")
                wait_until(lambda: not p1.running() or
                           len(self.delivered(pipeline)) >= life * FILES, what="progress")
                p1.kill()
            p1 = pipeline.start("producer", "p1")
            p2 = pipeline.start("producer", "p2")
            self.assertEqual((p1.exit_code(), p2.exit_code()), (0, 0), p1.log() + p2.log())
            pipeline.daemons["t1"].stop()
            pipeline.daemons["s1"].stop()
            self.assertEqual(sorted(self.delivered(pipeline)), list(range(FILES * LINES)))
            self.assertIn("left to p1", p2.log())


if __name__ == "__main__":
    unittest.main()

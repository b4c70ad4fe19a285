"""Several outputs in one sink: each takes the documents of its routes, what none takes is a dead letter
with its route, and kill -9 of the sink loses and doubles nothing of any of them."""
import collections
import json
import random
import sys
import unittest

from checker import check_ids
from pipeline import Pipeline, config

COUNT = 6000
OUTPUTS = {"euro": ["EUR"], "pound-dollar": ["GBP", "USD"], "dollar": ["USD"]}


def sections():
    outputs = [{"ndjson": {"path": f"out/{name}.ndjson", "route": routes, "metadata": True}}
               for name, routes in OUTPUTS.items()]
    return config({"generate": {"count": COUNT, "rate": 3000}},
                  ({"route": {"path": "price/@currency"}}, "to_json"),
                  producer={"batch": {"documents": 16}},
                  sink={"outputs": outputs, "dead_letters": "out/dead.ndjson"})


class RouteTest(unittest.TestCase):
    maxDiff = None

    def test_each_document_is_in_every_output_of_its_route_once_whatever_kills_the_sink(self):
        chance = random.Random(7)
        with Pipeline(sections()) as pipeline:
            pipeline.start_all()
            for _ in range(8):
                target = pipeline.telemetry("s1").get("delivered") + chance.randrange(300, 600)
                pipeline.wait_for("s1", "delivered", lambda found, at_least=target: found >= at_least)
                pipeline.daemons["s1"].kill()
                pipeline.start("sink", "s1")
            pipeline.finish()
            routes = {}  # of each record, by all outputs
            ids = {name: collections.Counter() for name in OUTPUTS}
            for name in OUTPUTS:
                for line in pipeline.lines(f"out/{name}.ndjson"):
                    record = line["document"]["record"]
                    self.assertEqual(line["metadata"]["route"], record["price"]["@currency"])
                    self.assertIn(line["metadata"]["route"], OUTPUTS[name])
                    ids[name][record["@id"]] += 1
                    routes[record["@id"]] = line["metadata"]["route"]
            dead = pipeline.lines("out/dead.ndjson")
            for letter in dead:
                record = json.loads(letter["document"])["record"]
                route = record["price"]["@currency"]
                self.assertEqual((letter["stage"], letter["error"]), (
                    "sink", "expected the route EUR, GBP or USD, which outputs take, found "
                            f"'{route}'; name it in the route of an output, or add an output "
                            "without"))
                self.assertNotIn(route, ("EUR", "GBP", "USD"))
                routes[record["@id"]] = None
            self.assertGreater(len(dead), 100)
            self.assertEqual(check_ids(collections.Counter(list(routes)), {"p1": COUNT}), [])
            for name, taken in OUTPUTS.items():
                self.assertEqual(ids[name], collections.Counter(
                    key for key, route in routes.items() if route in taken), name)
            self.assertEqual(len(dead), sum(route is None for route in routes.values()))
            self.assertIn(f"done; {COUNT} documents settled: {COUNT - len(dead)} delivered, "
                          f"0 filtered, {len(dead)} dead; 0 in flight",
                          pipeline.daemons["p1"].messages())


if __name__ == "__main__":
    sys.exit(unittest.main())

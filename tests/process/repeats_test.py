"""A run under load, without a fault: no batch is sent again, and no record comes twice to a sink."""
import sys

from pipeline import Pipeline, config

RECORDS = 100_000


def main():
    for workers, transformers in ((1, ["t1"]), (4, ["t1", "t2"])):
        sections = config({"generate": {"count": RECORDS}}, transformer={"workers": workers})
        with Pipeline(sections) as pipeline:
            for role, name in (("sink", "s1"), *(("transformer", name) for name in transformers), ("producer", "p1")):
                pipeline.start(role, name)
                pipeline.telemetry(name)
            sink = pipeline.telemetry("s1")
            producer = pipeline.telemetry("p1")
            pipeline.wait_for("s1", "delivered", lambda records: records >= RECORDS, deadline=300)
            # A batch that is handed back because its sink is behind was not processed: it is no repeat.
            repeated = {name: producer.get(name) for name in ("timeouts", "moved", "deaths")}
            pipeline.finish()
            assert not any(repeated.values()), f"sent again with {workers} workers: {repeated}"
            assert sink.get("suppressed") == 0, f"{sink.get('suppressed')} records came twice"
            print(f"{RECORDS} records, {len(transformers)} transformers of {workers} workers: none sent again")


if __name__ == "__main__":
    sys.exit(main())

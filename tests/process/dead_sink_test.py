"""One of two sinks is killed while the window is far from full: the other one keeps its throughput without a
pause, the producer logs which sink is missing, and when it is back each record arrives once. SECONDS_DEAD: for
how long.
"""
import os
import re
import sys
import time

from pipeline import Pipeline, config, network, wait_until

RATE, DOCUMENTS = 2000, 16  # records a second, in a batch
SECONDS = int(os.environ.get("SECONDS_DEAD", "20"))
LEAST = 0.9
LONGEST = 2.5  # seconds without a record; a stop for the dead sink takes 5, and the average makes up for it


def delivered(pipeline):
    return pipeline.telemetry("s1").get("delivered")


def over(pipeline, seconds):
    """Records that s1 has taken in so many seconds, and the longest time that it got none."""
    before = newest = delivered(pipeline)
    came, end, longest = time.monotonic(), time.monotonic() + seconds, 0

    def is_over():
        nonlocal newest, came, longest
        now = time.monotonic()
        longest = max(longest, now - came)
        if delivered(pipeline) > newest:
            newest, came = delivered(pipeline), now
        return now >= end
    wait_until(is_over, seconds + 60, "the end of the trial")
    return newest - before, longest


def main():
    source = {"generate": {"count": 0, "rate": RATE}}
    # Room for all that belongs to the dead sink.
    batches = min(65536, 2 * RATE * (SECONDS + 10))  # a batch may be a single record: the source is idle between
    sections = config(source, producer={"batch": {"documents": DOCUMENTS}, "window": {"batches": batches}},
                      network=network(["p1"], ["s1", "s2"]), transformer={"advertise": "127.0.0.1", "workers": 2})
    with Pipeline(sections) as pipeline:
        for role, name in (("sink", "s1"), ("sink", "s2"), ("transformer", "t1"), ("transformer", "t2"),
                           ("producer", "p1")):
            pipeline.start(role, name)
            pipeline.telemetry(name)
        pipeline.wait_for("s1", "delivered", lambda records: records > RATE)
        healthy = over(pipeline, 5)[0] / 5
        pipeline.daemons["s2"].kill()
        records, pause = over(pipeline, SECONDS)
        alone = records / SECONDS
        print(f"s1 got {healthy:.0f} records a second beside s2, {alone:.0f} while s2 was dead, with a pause of at most "
              f"{pause:.1f} s")
        assert pause <= LONGEST, f"a pause of {pause:.1f} s"
        assert alone >= LEAST * healthy, f"{alone:.0f} of {healthy:.0f} records a second"
        producer = pipeline.daemons["p1"]
        said = re.findall(r"sink (\S+) has acknowledged nothing for \d+ s; \d+ batches wait for it", producer.log())
        assert said == ["s2"], producer.log()
        pipeline.start("sink", "s2")
        read = pipeline.telemetry("p1").get("read")
        pipeline.wait_for("p1", "delivered", lambda records: records >= read)
        producer.stop()
        pipeline.finish()


if __name__ == "__main__":
    sys.exit(main())

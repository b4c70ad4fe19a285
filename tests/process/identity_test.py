"""After a crash much has changed - a file that sorts earlier, a file in flight, the limits of a
batch, the sinks - and still nothing is lost or doubled: a sequence that may have been sent keeps
its documents, and one that does not is a collision, said loudly."""
import re
import signal
import sys
import zlib

from checker import Check, generated_ids
from pipeline import Pipeline, config, wait_until

COUNTS = {"a": 1000, "b": 40000, "c": 2000}  # records of in/a.xml, ...; a comes late
WINDOW = 64
COLLISION = re.compile(r"sink: batch \d+ of p1 came with other content than what was settled "
                       r"before; a file changed under way, or a state folder was copied")


def record(name, text):
    crc = zlib.crc32("\n".join((name, text)).encode())
    return f'<record id="{name}" sum="{crc:08x}"><text>{text}</text></record>\n'


def is_changed(number):
    """Every other hundred of in/b.xml: there are batches with changes and without."""
    return number // 100 % 2 == 0


def content(letter, changed=lambda number: False):
    """The records of a file; the changed ones are as long as they were."""
    ids = generated_ids(letter, COUNTS[letter])
    return "<records>\n" + "".join(
        record(name, "after" if changed(number) else "first")
        for number, name in enumerate(ids, 1)) + "</records>\n"


def sections(batch):
    return config({"files": {"path": "in/*.xml", "split": "/records/record"}},
                  producer={"batch": {"documents": batch}, "window": {"batches": WINDOW}})


def stands_still(telemetry, gauge):
    """Waits until a gauge is the same in several statuses."""
    seen = []

    def same():
        telemetry.values()
        if not seen or seen[-1][0] != telemetry.came:
            seen.append((telemetry.came, telemetry.get(gauge)))
        return len(seen) >= 4 and len({value for _, value in seen[-4:]}) == 1
    wait_until(same, what=f"{gauge} to stand still")
    return telemetry.get(gauge)


def crash(pipeline):
    """Leaves batches of which the sink has settled some and the producer knows nothing."""
    pipeline.start_all()
    sink = pipeline.telemetry("s1")
    pipeline.telemetry("p1")
    pipeline.wait_for("s1", "delivered", lambda documents: documents > 0)
    pipeline.daemons["s1"].send(signal.SIGSTOP)
    pipeline.wait_for("p1", "window_batches", lambda batches: batches == WINDOW)
    pipeline.daemons["p1"].send(signal.SIGSTOP)
    pipeline.daemons["t1"].kill()
    pipeline.daemons["s1"].send(signal.SIGCONT)
    sink.forget()
    delivered = stands_still(sink, "delivered")
    for name in ("p1", "s1"):
        pipeline.daemons[name].kill()
    assert delivered < COUNTS["b"], "the crash came too late"
    return delivered


def judge(pipeline):
    sinks = ("s1", "s2")
    done = Check()
    for name in sinks:
        done.output(pipeline.path(f"out/{name}.ndjson"))
        done.dead_letters(pipeline.path(f"out/{name}.dead.ndjson"))
    assert not done.problems, done.text()
    delivered = [name for name, _ in done.delivered.elements()]
    dead = {name for name, _ in done.dead}
    assert len(delivered) == len(set(delivered)), "an original record was delivered twice"
    expected = {name for letter in COUNTS for name in generated_ids(letter, COUNTS[letter])}
    assert set(delivered) | dead == expected, "records are missing or foreign"
    assert all(name.startswith("b-") for name in dead), "dead letters of a file that is as it was"
    # What is dead now was delivered before: the batch had been settled as it was then.
    assert dead <= set(delivered), "a collision cost a record that was never delivered"
    assert done.reasons and all(map(COLLISION.fullmatch, done.reasons)), done.reasons
    told = [text for name in sinks for text in pipeline.daemons[name].messages("error")]
    assert set(told) == set(done.reasons), f"in the log: {told}, in letters: {done.reasons}"
    return len(delivered), len(dead), len(told)


def main():
    with Pipeline(sections(10)) as pipeline:
        pipeline.put("in/b.xml", content("b"))
        pipeline.put("in/c.xml", content("c"))
        before = crash(pipeline)

        pipeline.put("in/a.xml", content("a"))
        pipeline.put("in/b.xml", content("b", is_changed))
        pipeline.write(sections(37))
        pipeline.arguments = ["--producers", "1", "--sinks", "2"]
        pipeline.start("sink", "s2")
        pipeline.start_all()
        suppressed = pipeline.telemetry("s1")
        pipeline.finish()

        delivered, dead, collisions = judge(pipeline)
        warnings = pipeline.daemons["p1"].messages("warning")
        assert any(re.fullmatch(
            r"in/b.xml: changed since it was first read \(written to since, (\d+) bytes then and "
            r"now\); records that were delivered and differ now become dead letters", text)
                   for text in warnings), warnings
        assert pipeline.lines("out/s2.ndjson"), "the new sink got nothing"
        print(f"{before} delivered before the crash, {delivered} in the end; {collisions} batches "
              f"collided, {dead} dead letters; {suppressed.get('suppressed')} repeats suppressed")


if __name__ == "__main__":
    sys.exit(main())

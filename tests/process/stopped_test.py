"""Time in which a transformer does not run counts for no document: stopped for longer than
limits.processing while it works on one, it finishes it when it runs again."""
import os
import signal
import sys
import time

from pipeline import Pipeline, config, wait_until

LIMIT = 2.0
TICK = os.sysconf("SC_CLK_TCK")


def worked(daemon):
    """Seconds of processor time that it has taken."""
    with open(f"/proc/{daemon.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def main():
    sections = config({"lines": {"path": "in/*.ndjson", "watch": True}}, limits={"processing": f"{LIMIT:.0f}s"},
                      processors=[{"jq": "if .slow then .slow |= ([range(400000)] | length) else . end"}])
    with Pipeline(sections) as pipeline:
        os.makedirs(pipeline.path("in"))
        pipeline.start_all()
        transformer = pipeline.daemons["t1"]
        pipeline.put("in/0.ndjson", '{"n":1}\n')
        pipeline.wait_for("p1", "delivered", lambda documents: documents == 1)
        before = worked(transformer)
        pipeline.put("in/1.ndjson", '{"slow":1}\n')
        for _ in range(3):
            wait_until(lambda: worked(transformer) >= before + 0.05, 30, "that it works on the document")
            transformer.send(signal.SIGSTOP)
            begin = time.monotonic()
            wait_until(lambda: time.monotonic() > begin + LIMIT + 0.5, 30, "more than the limit")
            transformer.send(signal.SIGCONT)
            before = worked(transformer)
        pipeline.wait_for("p1", "delivered", lambda documents: documents == 2)
        assert transformer.running(), transformer.log()
        assert not transformer.messages("error"), transformer.log()
        assert not os.path.exists(pipeline.path("out/s1.dead.ndjson")) or \
            not pipeline.lines("out/s1.dead.ndjson"), "the document was blamed"


if __name__ == "__main__":
    sys.exit(main())

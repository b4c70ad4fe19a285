"""Debian's file types, through the real daemons, are what Debian's xmltodict makes of them."""
import os
import subprocess
import sys

from pipeline import Pipeline, config

MIME = "/usr/share/mime/packages/freedesktop.org.xml"
ORACLE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../document/xmltodict_oracle.py")


def main():
    source = {"files": {"path": MIME, "split": "/mime-info/mime-type"}}
    # One transformer worker, one sink: the output has the order of the source.
    with Pipeline(config(source)) as pipeline:
        pipeline.start_all()
        pipeline.finish()
        assert os.path.getsize(pipeline.path("out/s1.dead.ndjson")) == 0, "dead letters"
        done = subprocess.run(
            [sys.executable, "-B", ORACLE, "records", MIME, "mime-type",
             pipeline.path("out/s1.ndjson")], stdout=subprocess.PIPE, text=True, check=False)
        print(done.stdout[-3000:])
        assert done.returncode == 0, "records differ"
        assert not done.stdout.startswith("0 compared")
        delivered = len(pipeline.lines("out/s1.ndjson"))
        assert f"done; {delivered} documents settled: {delivered} delivered, 0 filtered, 0 dead; " \
               "0 in flight" in pipeline.daemons["p1"].messages(), "the balance"


if __name__ == "__main__":
    sys.exit(main())

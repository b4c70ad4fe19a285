"""What the cases share: where they run, how a pipeline is frozen and audited, and how many at a time.
"""
import concurrent.futures
import contextlib
import os
import shutil
import signal
import tempfile

from disk_audit import DiskAudit
from pipeline import Pipeline, wait_until

ROLES = {"p": "producer", "t": "transformer", "s": "sink"}
KILLED = -signal.SIGKILL


def memory_folder():
    """A folder in memory where there is one: a kill does not care about disks, a test about time."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def role_of(name):
    """The daemons of the cases are called p1, t1, s1 ..."""
    return ROLES[name[0]]


def stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rsplit(")", 1)[1].split()[0] in "TtZX"


@contextlib.contextmanager
def frozen(pipeline):
    """All daemons that run stand still meanwhile."""
    running = [daemon for daemon in pipeline.daemons.values() if daemon.running()]
    for daemon in running:
        daemon.send(signal.SIGSTOP)
    try:
        wait_until(lambda: all(stopped(daemon.process.pid) for daemon in running), what="the stop")
        yield
    finally:
        for daemon in running:
            daemon.send(signal.SIGCONT)


def audit_now(pipeline, when):
    """What is on disk at this moment must be consistent; gives the audit."""
    with tempfile.TemporaryDirectory(prefix="docmill-audit-", dir=memory_folder()) as copy:
        with frozen(pipeline):
            for name in ("state", "out"):
                if os.path.isdir(pipeline.path(name)):
                    shutil.copytree(pipeline.path(name), os.path.join(copy, name),
                                    ignore=shutil.ignore_patterns("sockets"))
        audit = DiskAudit(copy)
    assert not audit.problems, f"{when}:\n" + "\n".join(audit.problems[:20])
    return audit


def audit_end(pipeline, expect=None):
    """The pipeline has ended in good order: each record once, and nothing else there. Without a
    number of records, as many of each producer as its checkpoint says."""
    audit = DiskAudit(pipeline.folder)
    audit.finished(expect or {name: checkpoint.documents
                              for name, checkpoint in audit.checkpoints.items()})
    assert not audit.problems, "in the end:\n" + "\n".join(audit.problems[:20])
    for daemon in pipeline.daemons.values():
        assert daemon.role != "producer" or "; 0 in flight" in daemon.log(), \
            f"the window of {daemon.name} is not empty in the end:\n{daemon.log()}"
    return audit


def at_once(jobs, function, values):
    """function(value) for each, so many at a time; stops at the first that fails."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(function, value) for value in values]
        try:
            for future in concurrent.futures.as_completed(futures):
                future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        return [future.result() for future in futures]


def flows(pipeline, sink="s1", records=200):
    """Waits until so many more records have arrived at a sink, or all are settled."""
    telemetry = pipeline.telemetry(sink)
    telemetry.forget()
    wait_until(telemetry.values, what=f"telemetry of {sink}")
    before = telemetry.get("delivered")
    wait_until(lambda: telemetry.get("delivered") >= before + records or
               not is_fed(pipeline), what=f"the flow of records to {sink}")


def is_fed(pipeline):
    """Whether a producer still runs; one that has ended has ended well."""
    for daemon in pipeline.daemons.values():
        assert daemon.running() or (daemon.role == "producer" and daemon.process.returncode == 0), \
            f"{daemon.name} ended with {daemon.process.returncode}:\n{daemon.log()}"
    return any(daemon.running() for daemon in pipeline.daemons.values()
               if daemon.role == "producer")


def small_pipeline(sections, under=None, **counts):
    return Pipeline(sections, under=under or memory_folder(), **counts)

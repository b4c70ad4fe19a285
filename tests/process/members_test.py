"""1,000 members, played by four processes with real sockets: they join within 3 s, and none is declared dead.
Prints what they cost the producer while they are idle; MOST=0.02 fails above 2 % of a core.
"""
import multiprocessing
import os
import sys
import time

import zmq

from forger import READY, heartbeat
from pipeline import Pipeline, config, network, wait_until

MEMBERS, PROCESSES = 1000, 4
JOINED_WITHIN = 3.0  # seconds
INTERVAL = 1.0  # between the heartbeats of an idle member
SECONDS = int(os.environ.get("SECONDS", "15"))
MOST = float(os.environ.get("MOST", "1"))  # of a core


def play(number, address, begin):
    """The heartbeats of some of the members, spread over the interval."""
    context = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 4096)
    members = []
    for member in range(number, MEMBERS, PROCESSES):
        push = context.socket(zmq.PUSH)
        push.setsockopt(zmq.LINGER, 0)
        push.connect(address)
        pull = context.socket(zmq.PULL)
        port = pull.bind_to_random_port("tcp://127.0.0.1", 20000, 32000)
        members.append((push, heartbeat(f"m{member}", member + 1, f"tcp://127.0.0.1:{port}", READY), pull))
    begin.wait()
    for push, frame, _ in members:
        push.send(frame)
    due = time.monotonic()
    while True:
        for push, frame, _ in members:
            due += INTERVAL / len(members)
            time_left = due - time.monotonic()
            if time_left > 0:
                push.poll(time_left * 1000, zmq.POLLERR)  # never comes
            push.send(frame)


def processor_time(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    peers = network(["p1"], ["s1"])
    sections = config({"lines": {"path": "in/*.txt", "watch": True}}, network=peers, transformer={"advertise": "127.0.0.1"})
    with Pipeline(sections) as pipeline:
        pipeline.put("in/not_read", "")
        producer = pipeline.start("producer", "p1")
        telemetry = pipeline.telemetry("p1")
        pipeline.wait_for("p1", "read", lambda read: read >= 0)
        begin = multiprocessing.Barrier(PROCESSES + 1)  # all have their sockets
        players = [multiprocessing.Process(target=play, args=(i, peers["producers"]["p1"], begin), daemon=True)
                   for i in range(PROCESSES)]
        for player in players:
            player.start()
        begin.wait()
        began = time.monotonic()
        pipeline.wait_for("p1", "members", lambda members: members >= MEMBERS)
        joined = time.monotonic() - began
        before, since = processor_time(producer.process.pid), time.monotonic()
        least = MEMBERS

        def is_over():
            nonlocal least
            least = min(least, telemetry.get("members"))
            return time.monotonic() - since >= SECONDS
        wait_until(is_over, SECONDS + 60, "the end of the trial")
        used = (processor_time(producer.process.pid) - before) / (time.monotonic() - since)
        deaths = telemetry.get("deaths")
        print(f"{MEMBERS} members joined after {joined:.2f} s; idle they cost the producer {used:.1%} of a core; {deaths} deaths")
        assert joined <= JOINED_WITHIN, f"they joined after {joined:.2f} s"
        assert deaths == 0 and least == MEMBERS, f"{deaths} deaths, at least {least} members"
        assert used <= MOST, f"{used:.1%} of a core"
        for player in players:
            player.terminate()


if __name__ == "__main__":
    sys.exit(main())

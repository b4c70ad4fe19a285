"""The sink of the ZeroMQ guide: binds a PULL, takes the start of the batch and so many results, in
whatever order they come over their connections, and says what they were.

  sink.py SINK_ADDRESS TASKS
"""
import json
import sys

import zmq

sink_address, tasks = sys.argv[1:]
context = zmq.Context()
receiver = context.socket(zmq.PULL)
receiver.bind(sink_address)

starts, numbers, words = 0, [], set()
while starts + len(numbers) < 1 + int(tasks):
    message = receiver.recv_json()
    if message == 0:
        starts += 1
        continue
    numbers.append(int(message["task"]["@number"]))
    words.add(message["task"]["word"])
print(json.dumps({"numbers": sorted(numbers), "words": sorted(words)}))

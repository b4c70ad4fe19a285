"""The worker of the ZeroMQ guide: takes tasks from the ventilator, sends results to the sink.

  worker.py TASKS_ADDRESS SINK_ADDRESS
"""
import sys

import xmltodict
import zmq

tasks_address, sink_address = sys.argv[1:]
context = zmq.Context()
receiver = context.socket(zmq.PULL)
receiver.connect(tasks_address)
sender = context.socket(zmq.PUSH)
sender.connect(sink_address)

while True:
    sender.send_json(xmltodict.parse(receiver.recv()))

"""The ventilator of the ZeroMQ guide: binds a PUSH, waits for its workers, and gives the tasks out.
Where the guide waits for somebody to press Enter, this one counts the workers that connect.

  ventilator.py TASKS_ADDRESS SINK_ADDRESS WORKERS TASKS
"""
import sys

import zmq
from zmq.utils.monitor import recv_monitor_message

tasks_address, sink_address, workers, tasks = sys.argv[1:]
context = zmq.Context()
sender = context.socket(zmq.PUSH)
monitor = sender.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
sender.bind(tasks_address)
sink = context.socket(zmq.PUSH)
sink.connect(sink_address)

for _ in range(int(workers)):
    recv_monitor_message(monitor)  # a worker has connected
sink.send(b"0")  # the start of the batch
for number in range(int(tasks)):
    sender.send_string(f'<task number="{number}"><word>salt &amp; water</word></task>')
monitor.close()
sender.close()
sink.close()
context.term()

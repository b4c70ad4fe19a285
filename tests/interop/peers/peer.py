"""A peer in Python (pyzmq), with the verbs that people use: send_json, send_multipart."""
import sys
import threading

import zmq

role, address, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
context = zmq.Context()
if role == "push":
    socket = context.socket(zmq.PUSH)
    socket.connect(address)
    for number in range(count):
        socket.send_json({"number": number})
elif role == "pub":
    socket = context.socket(zmq.PUB)
    socket.bind(address)
    for number in range(1 << 30):
        socket.send_multipart([b"books", b'{"number":%d}' % number])
        threading.Event().wait(0.005)
else:
    socket = context.socket(zmq.PULL if role == "pull" else zmq.SUB)
    if role == "pull":
        socket.bind(address)
    else:
        socket.setsockopt_string(zmq.SUBSCRIBE, "books")
        socket.connect(address)
    for _ in range(count):
        print(socket.recv_multipart()[-1].decode(), flush=True)
socket.close()
context.term()

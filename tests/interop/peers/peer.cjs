// A peer in JavaScript with zeromq.js: peer.cjs LIBRARY ROLE ADDRESS COUNT.
const [library, role, address, count] = process.argv.slice(2);
const zmq = require(library);

async function push() {
  const socket = new zmq.Push({linger: -1});
  socket.connect(address);
  for (let number = 0; number < Number(count); ++number) await socket.send(JSON.stringify({number}));
  socket.close();
}

async function pub() {
  const socket = new zmq.Publisher();
  await socket.bind(address);
  for (let number = 0; ; ++number) {
    await socket.send(["books", JSON.stringify({number})]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function receive(socket) {
  for (let number = 0; number < Number(count); ++number) {
    const frames = await socket.receive();
    console.log(frames[frames.length - 1].toString());
  }
  socket.close();
}

async function pull() {
  const socket = new zmq.Pull();
  await socket.bind(address);
  await receive(socket);
}

async function sub() {
  const socket = new zmq.Subscriber();
  socket.connect(address);
  socket.subscribe("books");
  await receive(socket);
}

({push, pub, pull, sub})[role]().catch((error) => {
  console.error(error);
  process.exit(70);
});

// A peer in Java with JeroMQ, which speaks the protocol of ZeroMQ 2 and 3 without libzmq.
import java.util.concurrent.locks.LockSupport;
import org.zeromq.ZMQ;

public class Peer {
  public static void main(String[] arguments) throws Exception {
    String role = arguments[0];
    String address = arguments[1];
    int count = Integer.parseInt(arguments[2]);
    ZMQ.Context context = ZMQ.context(1);
    if (role.equals("push")) {
      ZMQ.Socket socket = context.socket(ZMQ.PUSH);
      socket.connect(address);
      for (int number = 0; number < count; ++number) socket.send("{\"number\":" + number + "}");
      socket.close();
    } else if (role.equals("pub")) {
      ZMQ.Socket socket = context.socket(ZMQ.PUB);
      socket.bind(address);
      for (int number = 0; ; ++number) {
        socket.sendMore("books");
        socket.send("{\"number\":" + number + "}");
        LockSupport.parkNanos(5_000_000);
      }
    } else {
      ZMQ.Socket socket = context.socket(role.equals("pull") ? ZMQ.PULL : ZMQ.SUB);
      if (role.equals("pull")) {
        socket.bind(address);
      } else {
        socket.subscribe("books".getBytes());
        socket.connect(address);
      }
      for (int number = 0; number < count; ++number) {
        String document = socket.recvStr();
        while (socket.hasReceiveMore()) document = socket.recvStr();
        System.out.println(document);
      }
      socket.close();
    }
    context.term();
  }
}

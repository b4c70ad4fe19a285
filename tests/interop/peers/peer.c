// A peer in C with CZMQ: zstr for one frame, zmsg for several.
#include <czmq.h>

int main(int argc, char **argv) {
  if (argc != 4) return 64;
  const char *role = argv[1], *address = argv[2];
  const int count = atoi(argv[3]);
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (streq(role, "push")) {
    zsock_t *socket = zsock_new(ZMQ_PUSH);
    zsock_set_linger(socket, -1);
    if (zsock_connect(socket, "%s", address) != 0) return 69;
    for (int number = 0; number < count; ++number) zstr_sendf(socket, "{\"number\":%d}", number);
    zsock_destroy(&socket);
  } else if (streq(role, "pub")) {
    zsock_t *socket = zsock_new(ZMQ_PUB);
    if (zsock_bind(socket, "%s", address) < 0) return 69;
    for (int number = 0; !zsys_interrupted; ++number) {
      zmsg_t *message = zmsg_new();
      zmsg_addstr(message, "books");
      zmsg_addstrf(message, "{\"number\":%d}", number);
      zmsg_send(&message, socket);
      zclock_sleep(5);
    }
    zsock_destroy(&socket);
  } else {
    zsock_t *socket = zsock_new(streq(role, "pull") ? ZMQ_PULL : ZMQ_SUB);
    if (streq(role, "sub")) zsock_set_subscribe(socket, "books");
    if (streq(role, "pull") ? zsock_bind(socket, "%s", address) < 0
                            : zsock_connect(socket, "%s", address) != 0) {
      return 69;
    }
    for (int number = 0; number < count; ++number) {
      zmsg_t *message = zmsg_recv(socket);
      if (message == NULL) return 70;
      char *document = zframe_strdup(zmsg_last(message));
      puts(document);
      zstr_free(&document);
      zmsg_destroy(&message);
    }
    zsock_destroy(&socket);
  }
  return 0;
}

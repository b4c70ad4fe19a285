// ConnectionWatch: whether a socket that connects to one peer is connected to it now.
//
// One thread, the socket's. Ends before the socket does.
#pragma once

#include <memory>

struct zmq_pollitem_t;

namespace docmill {

class ConnectionWatch {
 public:
  // context, socket: libzmq's handles; before the socket connects.
  ConnectionWatch(void* context, void* socket);
  ~ConnectionWatch();
  ConnectionWatch(ConnectionWatch&& other) noexcept;
  ConnectionWatch& operator=(ConnectionWatch&& other) noexcept;

  // Reads what libzmq has reported since.
  bool connected();
  // For a poller: readable when connected() may have changed.
  void* handle() const { return monitor_; }

 private:
  void end();

  void* monitor_ = nullptr;
  bool connected_ = false;
};

}  // namespace docmill

// ConnectionWatch: whether a socket that connects to one peer is connected to it now, and whether a
// try to connect has failed.
//
// One thread, the socket's. Ends before the socket does.
#pragma once

#include <cstdint>
#include <string>

namespace docmill {

class ConnectionWatch {
 public:
  // context, socket: libzmq's handles; before the socket connects.
  ConnectionWatch(void* context, void* socket);
  ~ConnectionWatch();
  ConnectionWatch(ConnectionWatch&& other) noexcept;
  ConnectionWatch& operator=(ConnectionWatch&& other) noexcept;

  // The socket connects to this address from now on; reports about others are ignored. Without it,
  // none are.
  void expect(std::string endpoint);
  // Reads what libzmq has reported since.
  bool connected();
  // By what connected() has read since expect(): a try to connect has failed. A connection that
  // was made and lost is none.
  bool has_failed() const { return failed_; }
  // For a poller: readable when connected() may have changed.
  void* handle() const { return monitor_; }

 private:
  void end();
  bool note(std::uint16_t event);

  void* monitor_ = nullptr;
  std::string endpoint_;  // "": all
  bool connected_ = false;
  bool failed_ = false;
};

}  // namespace docmill

// Frame: one part of a message, in libzmq's memory or in memory shared with it.
//
// Move-only. One thread at a time. Small received frames pin the buffer that they came in (8 KiB),
// so what is kept for long is copied out.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct zmq_msg_t;

namespace docmill {

class Frame {
 public:
  Frame();  // empty
  ~Frame();
  Frame(Frame&& other) noexcept;
  Frame& operator=(Frame&& other) noexcept;
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  static Frame copy(std::string_view bytes);
  // Without a copy: libzmq's thread gives its reference back when the bytes are sent, so the last
  // reference may go on that thread.
  static Frame share(std::shared_ptr<const std::string> bytes);

  // Valid until the frame is moved, sent or destroyed.
  std::string_view bytes() const;
  std::size_t size() const { return bytes().size(); }
  // The name that the doorman gave to whoever sent this, when it came through a door that has one;
  // without one it is empty, or what the peer likes to be called. Valid as long as bytes().
  std::string_view sender() const;
  // To parse in place. Not of a frame made by share(): its bytes have other readers.
  char* data();

 private:
  friend class Socket;
  zmq_msg_t* message() const;

  alignas(void*) mutable std::array<std::byte, 64> storage_;  // a zmq_msg_t, whose header stays out
  bool shared_ = false;
};

}  // namespace docmill

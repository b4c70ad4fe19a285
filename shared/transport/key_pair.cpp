#include "shared/transport/key_pair.h"

#include <zmq.h>

#include <array>
#include <cerrno>

#include "shared/base/check.h"

namespace docmill {
namespace {

constexpr std::size_t kBytes = 32;
constexpr std::size_t kText = 40;

}  // namespace

KeyPair make_key_pair() {
  std::array<char, kText + 1> public_key{};
  std::array<char, kText + 1> secret_key{};
  const int made = zmq_curve_keypair(public_key.data(), secret_key.data());
  DOCMILL_CHECK(made == 0, "{}: libzmq was built without CURVE", zmq_strerror(errno));
  return {public_key.data(), secret_key.data()};
}

bool is_key(std::string_view text) {
  if (text.size() != kText || text.find('\0') != text.npos) return false;
  // libzmq takes characters outside its alphabet for others: what it makes of them is not the text.
  std::array<std::uint8_t, kBytes> bytes{};
  std::array<char, kText + 1> again{};
  return zmq_z85_decode(bytes.data(), std::string(text).c_str()) != nullptr &&
         zmq_z85_encode(again.data(), bytes.data(), kBytes) != nullptr && again.data() == text;
}

std::string public_key_of(const std::string& secret_key) {
  DOCMILL_CHECK(is_key(secret_key), "{} characters", secret_key.size());
  std::array<char, kText + 1> public_key{};
  const int made = zmq_curve_public(public_key.data(), secret_key.c_str());
  DOCMILL_CHECK(made == 0, "{}", zmq_strerror(errno));
  return public_key.data();
}

std::string key_text(std::string_view bytes) {
  DOCMILL_CHECK(bytes.size() == kBytes, "{} bytes", bytes.size());
  std::array<char, kText + 1> text{};
  zmq_z85_encode(text.data(), reinterpret_cast<const std::uint8_t*>(bytes.data()), kBytes);
  return text.data();
}

}  // namespace docmill

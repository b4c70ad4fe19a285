#include "tests/frames/frame_mutator.h"

#include <array>
#include <cstring>

#include "shared/base/hash.h"

namespace docmill {
namespace {

constexpr std::size_t kHashAt = 8;
constexpr std::size_t kHashEnd = 16;

void put_hash(std::string& frame, std::uint64_t hash) {
  std::memcpy(frame.data() + kHashAt, &hash, sizeof(hash));
}

}  // namespace

std::string FrameMutator::mutate(std::string bytes) {
  for (std::size_t changes = below(3) + 1; changes > 0; --changes) change(bytes);
  return bytes;
}

void FrameMutator::change(std::string& bytes) {
  static constexpr std::array<std::uint32_t, 8> kEdges = {0,    1,      2,          0x7f,
                                                          0xff, 0xffff, 0x7fffffff, 0xffffffff};
  const std::size_t at = below(bytes.size() + 1);
  switch (below(8)) {
    case 0:
      bytes.resize(at);
      break;
    case 1:
      bytes.insert(at, below(20), static_cast<char>(random_()));
      break;
    case 2:
      bytes.erase(at, below(20));
      break;
    case 3:
      if (at + 4 <= bytes.size()) std::memcpy(bytes.data() + at, &kEdges[below(kEdges.size())], 4);
      break;
    case 4:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
      break;
    default:
      if (at < bytes.size()) bytes[at] = static_cast<char>(random_());
  }
}

std::string sealed_header(std::string frame, std::string_view payload) {
  if (frame.size() < kHashEnd) return frame;
  put_hash(frame, 0);
  put_hash(frame, hash64(frame, hash64(payload)));
  return frame;
}

std::string sealed_control(std::string frame) {
  if (frame.size() < kHashEnd) return frame;
  const std::string_view view = frame;
  put_hash(frame, hash64(view.substr(kHashEnd), hash64(view.substr(0, kHashAt))));
  return frame;
}

}  // namespace docmill

#include "shared/transport/frame.h"

#include <vector>

#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("a copied frame has bytes of its own that can be changed") {
  for (const std::size_t size : {0u, 1u, 29u, 33u, 34u, 100'000u}) {
    INFO(size << " bytes");
    std::string bytes(size, 'x');
    Frame frame = Frame::copy(bytes);
    CHECK(frame.bytes() == bytes);
    if (size == 0) continue;
    frame.data()[0] = 'y';
    CHECK(frame.bytes()[0] == 'y');
    CHECK(bytes[0] == 'x');
  }
}

TEST_CASE("a shared frame is the bytes themselves, and lets go of them with its end") {
  const auto bytes = std::make_shared<const std::string>(1'000'000, 'x');
  {
    const Frame frame = Frame::share(bytes);
    CHECK(frame.bytes().data() == bytes->data());
    CHECK(frame.size() == bytes->size());
    CHECK(bytes.use_count() == 2);
  }
  CHECK(bytes.use_count() == 1);
}

TEST_CASE("a frame that was moved from is empty, and one that was moved to lost what it had") {
  const auto first = std::make_shared<const std::string>("first");
  const auto second = std::make_shared<const std::string>("second");
  Frame a = Frame::share(first);
  Frame b = Frame::share(second);
  b = std::move(a);
  CHECK(second.use_count() == 1);
  CHECK(b.bytes() == "first");
  CHECK(a.bytes().empty());  // NOLINT: a frame that was moved from is empty, and says so
  a = Frame::copy("again");
  a.data()[0] = 'A';
  CHECK(a.bytes() == "Again");
}

TEST_CASE("frames in a vector survive its growth") {
  std::vector<Frame> frames;
  for (int i = 0; i < 100; ++i) frames.push_back(Frame::copy(std::to_string(i)));
  for (int i = 0; i < 100; ++i) {
    CHECK(frames[static_cast<std::size_t>(i)].bytes() == std::to_string(i));
  }
}

}  // namespace
}  // namespace docmill

#include "producer/spooled/spooled_source.h"

#include <deque>

#include "producer/spooled/spooled_document.h"
#include "tests/producer/source_fixture.h"
#include "tests/store/limited_file_size.h"

namespace docmill::test {
namespace {

// What a sender handed over, and how far it was answered.
struct Sender {
  std::deque<std::string> waiting;
  std::deque<std::string> later;  // comes while the producer ends
  int appended = 0;
  int answered = 0;
  bool ended = false;
  bool may_forget = true;
  std::uint64_t settled = 0;
  std::uint64_t read = 0;
};

class SenderInlet final : public Inlet {
 public:
  explicit SenderInlet(Sender& sender) : sender_(sender) {}

  Result<void> take_in(Spool& spool) override {
    for (; !sender_.waiting.empty(); sender_.waiting.pop_front()) {
      const auto kept = append_document(spool, {}, Format::kJson, "sender", R"("topic":"a")",
                                        sender_.waiting.front());
      if (!kept && kept.error().code == ErrorCode::kUnavailable) return {};
      if (!kept) return kept.error();
      ++sender_.appended;
    }
    return {};
  }
  Result<bool> take_rest(Spool& spool, bool last) override {
    if (auto taken = take_in(spool); !taken) return taken.error();
    if (!last && !sender_.later.empty()) sender_.waiting.swap(sender_.later);
    return !sender_.waiting.empty();
  }
  void kept() override { sender_.answered = sender_.appended; }
  void progress(std::uint64_t settled, std::uint64_t read) override {
    sender_.settled = settled;
    sender_.read = read;
  }
  bool ended() const override { return sender_.ended; }
  bool may_forget() override { return sender_.may_forget; }

 private:
  Sender& sender_;
};

struct SpooledFixture : SourceFixture {
  std::unique_ptr<Source> open_spool(const std::string& position = "", Bytes room = {1 << 20}) {
    auto source =
        SpooledSource::open(std::make_unique<SenderInlet>(sender), room, context(position));
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  Sender sender;
};

SpooledSource& taking(Source& source) { return dynamic_cast<SpooledSource&>(source); }

TEST_CASE("what was taken in is given out, once it is durable, with its origin and notes") {
  SpooledFixture fixture;
  auto source = fixture.open_spool();
  CHECK(outline(read_all(*source)) == "^ ~");
  fixture.sender.waiting = {"{}", "[1]"};
  REQUIRE(source->serve().ok());
  CHECK(fixture.sender.answered == 2);
  const std::vector<Seen> all = read_all(*source);
  REQUIRE(outline(all) == "{} [1] ~");
  CHECK(all[0].source == "sender");
  CHECK(all[0].notes == R"("topic":"a")");
  CHECK(all[0].format == Format::kJson);
  CHECK(all[1].record > all[0].record);
}

TEST_CASE(
    "what was answered comes again after a crash, from the position on, and then what is new") {
  SpooledFixture fixture;
  std::string after_first;
  {
    auto source = fixture.open_spool();
    fixture.sender.waiting = {"1", "2", "3"};
    REQUIRE(source->serve().ok());
    std::vector<std::string> positions;
    CHECK(outline(read_all(*source, &positions)) == "^ 1 2 3 ~");
    after_first = positions[1];
  }
  auto again = fixture.open_spool(after_first);
  fixture.sender.waiting = {"4"};
  REQUIRE(again->serve().ok());
  CHECK(outline(read_all(*again)) == "2 3 ^ 4 ~");
}

TEST_CASE("a document that is looked at stays as it is while others come in") {
  SpooledFixture fixture;
  auto source = fixture.open_spool();
  fixture.sender.waiting = {"first", "second"};
  REQUIRE(source->serve().ok());
  source->take();
  REQUIRE(source->peek().ok());
  source->take();
  const auto looked_at = source->peek();
  REQUIRE(looked_at.ok());
  fixture.sender.waiting = {std::string(100'000, 'x')};
  REQUIRE(source->serve().ok());
  REQUIRE(source->settled("spool 1 1").ok());
  CHECK(looked_at->document.bytes == "first");
  CHECK(outline({seen(*source->peek())}) == "first");
}

TEST_CASE("it ends when its inlet has ended and all is given out") {
  SpooledFixture fixture;
  auto source = fixture.open_spool();
  fixture.sender.waiting = {"1"};
  fixture.sender.ended = true;
  REQUIRE(source->serve().ok());
  CHECK(outline(read_all(*source)) == "^ 1 $");
}

TEST_CASE("a producer that is retired takes nothing in, and gives out what it has answered for") {
  SpooledFixture fixture;
  auto source = fixture.open_spool();
  fixture.sender.waiting = {"1"};
  REQUIRE(source->serve().ok());
  REQUIRE(source->drain());
  fixture.sender.waiting = {"2"};
  REQUIRE(source->serve().ok());
  CHECK(fixture.sender.answered == 1);
  CHECK(outline(read_all(*source)) == "^ 1 $");
}

TEST_CASE("what comes while a producer ends is durable before more is taken in") {
  SpooledFixture fixture;
  auto source = fixture.open_spool();
  source->take();
  REQUIRE(source->drain());
  fixture.sender.waiting = {"1"};
  fixture.sender.later = {"2", "3"};
  REQUIRE(taking(*source).take_rest(fixture.clock.now() + std::chrono::seconds(1)).ok());
  CHECK(fixture.sender.answered == 3);
  source.reset();
  auto next = fixture.open_spool("spool 1 0");
  CHECK(outline(read_all(*next)) == "1 2 3 ^ ~");
}

TEST_CASE("a producer whose time is over takes in once more") {
  SpooledFixture fixture;
  auto source = fixture.open_spool();
  fixture.sender.waiting = {"1"};
  fixture.sender.later = {"2", "3"};
  REQUIRE(taking(*source).take_rest(fixture.clock.now()).ok());
  CHECK(fixture.sender.answered == 1);
}

TEST_CASE("what is settled makes room in a spool that is full") {
  SpooledFixture fixture;
  auto source = fixture.open_spool("", Bytes{100'000});
  fixture.sender.waiting = {std::string(15'000, 'a'), std::string(15'000, 'b'),
                            std::string(15'000, 'c'), std::string(15'000, 'd'),
                            std::string(15'000, 'e'), std::string(15'000, 'f'),
                            std::string(15'000, 'g')};
  REQUIRE(source->serve().ok());
  CHECK(fixture.sender.answered == 6);
  read_all(*source);
  REQUIRE(source->settled(source->position()).ok());
  CHECK(fixture.sender.settled == fixture.sender.read);
  REQUIRE(source->serve().ok());
  CHECK(fixture.sender.answered == 7);
}

TEST_CASE("what may not be forgotten yet is forgotten later, though nothing more is settled") {
  SpooledFixture fixture;
  fixture.sender.may_forget = false;
  auto source = fixture.open_spool("", Bytes{100'000});
  for (char c = 'a'; c <= 'g'; ++c) fixture.sender.waiting.emplace_back(15'000, c);
  REQUIRE(source->serve().ok());
  CHECK(fixture.sender.answered == 6);
  read_all(*source);
  REQUIRE(source->settled(source->position()).ok());
  REQUIRE(source->serve().ok());
  CHECK(fixture.sender.answered == 6);
  fixture.sender.may_forget = true;
  REQUIRE(source->serve().ok());
  REQUIRE(source->serve().ok());
  CHECK(fixture.sender.answered == 7);
}

TEST_CASE("nobody is answered while the disk is full, and then everybody") {
  SpooledFixture fixture;
  auto source = fixture.open_spool();
  fixture.sender.waiting = {std::string(50'000, 'a')};
  {
    const LimitedFileSize limited(10'000);
    REQUIRE(source->serve().ok());
    CHECK(fixture.sender.answered == 0);
    CHECK(outline(read_all(*source)) == "^ ~");
    REQUIRE(fixture.log.lines.size() == 1);
    CHECK_THAT(fixture.log.lines[0], Catch::Contains("retry in 2s"));
  }
  REQUIRE(source->serve().ok());
  CHECK(fixture.sender.answered == 0);  // not before its time
  fixture.clock.time += std::chrono::seconds(3);
  REQUIRE(source->serve().ok());
  CHECK(fixture.sender.answered == 1);
}

TEST_CASE("another source's position, and a spool that is not the one that was read, are refused") {
  SpooledFixture fixture;
  const auto open = [&fixture](const std::string& position) {
    return SpooledSource::open(std::make_unique<SenderInlet>(fixture.sender), {1 << 20},
                               fixture.context(position));
  };
  const auto foreign = open("generate 1 7");
  REQUIRE_FALSE(foreign.ok());
  CHECK(
      foreign.error().text ==
      "producer.source: expected the position of a source with a spool, found 'generate 1 7'; use "
      "the source that wrote it until it has ended, or start over with --fresh");
  const auto ahead = open("spool 1 999999999999");
  REQUIRE_FALSE(ahead.ok());
  CHECK_THAT(ahead.error().text, Catch::Contains("bring back the spool that was here"));
}

}  // namespace
}  // namespace docmill::test

// What a transformer makes of messages that are not for it, and whom its own are for.
#include "tests/transformer/transformer_fixture.h"

namespace docmill::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE(
    "a message for another start, pipeline or kind of daemon has no effect on a transformer") {
  TransformerFixture t;
  BatchHeader earlier = t.header(1, "s1");
  earlier.member = 76;
  BatchHeader foreign = t.header(2, "s1");
  foreign.pipeline = "films";
  foreign.run = {2, 2};  // would replace what is known of the run of p1
  BatchHeader stranger = foreign;
  stranger.lineage.producer = "p9";  // not a malformed message: p9 is of that pipeline
  BatchHeader outputs = t.header(3, "s1");
  outputs.processed = true;
  outputs.sink = "s1";
  PayloadWriter payload;
  payload.document(0, {Format::kBytes, "text", {.source = "a", .record = 1}});
  const std::string text = payload.take();
  for (const BatchHeader& header : {earlier, foreign, stranger, outputs}) t.arrives(header, text);
  t.arrives(4, "s1");
  t.turns(1ms);
  t.work();
  t.turns(1s);
  CHECK(t.sequences(t.s1) == std::vector<Sequence>{4});
  CHECK(t.heartbeats(t.p1).back().run == Run{1, 1});
  CHECK(t.returned(t.p1).empty());
  CHECK(t.transformer->counters().misrouted == 4);
  CHECK(t.transformer->counters().malformed == 0);
}

TEST_CASE("an end that was sent to an earlier start of a transformer is not its own") {
  TransformerFixture t;
  t.turn();
  t.ask_to_stop();
  BatchHeader end = t.header(0, "s1");
  end.kind = MessageKind::kEnd;
  end.member = 76;
  for (const char* producer : {"p1", "p2"}) {
    end.lineage.producer = producer;
    end.share.clear();
    end.documents = 0;
    t.arrives(end, "");
  }
  t.turns(500ms);
  t.end_arrives("p1");
  t.end_arrives("p2");
  CHECK(t.ends_after(2s).has_value());
}

TEST_CASE("outputs and heartbeats name the pipeline and the daemon that they are for") {
  TransformerFixture t;
  t.arrives(1, "s2");
  t.turn();
  t.work();
  t.turn();
  REQUIRE(t.s2.sent.size() == 1);
  const auto sent = decode_header(t.s2.sent[0][0], t.s2.sent[0][1]);
  REQUIRE(sent.ok());
  CHECK(sent->pipeline == "books");
  CHECK(sent->sink == "s2");
  CHECK(sent->member == 0);
  CHECK(decode_control(t.p1.sent.back()[0])->to == Addressee{"books", "p1"});
  CHECK(decode_control(t.p2.sent.back()[0])->to == Addressee{"books", "p2"});
}

}  // namespace
}  // namespace docmill::test

#include "producer/sources/generated_record.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "shared/base/check.h"
#include "shared/base/hash.h"

namespace docmill {
namespace {

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320U : 0);
    table[byte] = value;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

std::uint32_t crc_of(std::uint32_t crc, std::string_view bytes) {
  for (const char byte : bytes) {
    crc = (crc >> 8) ^ kCrcTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFF];
  }
  return crc;
}

constexpr std::array<std::string_view, 4> kLanguages = {"en", "de", "fr", "cs"};
constexpr std::array<std::string_view, 3> kCurrencies = {"EUR", "USD", "CZK"};
constexpr std::string_view kNoSum = "00000000";
constexpr std::uint64_t kTextBytes = 1000;  // a text is closed when it is longer

}  // namespace

// A word as it is, and as it stands in each format.
struct RecordMaker::Word {
  constexpr Word(const char* text) : plain(text), xml(text), json(text) {}  // NOLINT: implicit
  constexpr Word(std::string_view text, std::string_view in_xml, std::string_view in_json)
      : plain(text), xml(in_xml), json(in_json) {}
  std::string_view plain;
  std::string_view xml;
  std::string_view json;
};

const RecordMaker::Word& RecordMaker::word() {
  static constexpr std::array<Word, 48> kWords = {{"the",
                                                   "of",
                                                   "mill",
                                                   "river",
                                                   "stone",
                                                   "night",
                                                   "garden",
                                                   "letter",
                                                   "winter",
                                                   "harbour",
                                                   "silence",
                                                   "glass",
                                                   "morning",
                                                   "traveller",
                                                   "island",
                                                   "shadow",
                                                   "clock",
                                                   "paper",
                                                   "voice",
                                                   "north",
                                                   "window",
                                                   "orchard",
                                                   "bread",
                                                   "signal",
                                                   "distance",
                                                   "copper",
                                                   "thread",
                                                   "lamp",
                                                   "market",
                                                   "bridge",
                                                   "salt",
                                                   "atlas",
                                                   "wheel",
                                                   "grain",
                                                   "and",
                                                   "in",
                                                   "a",
                                                   "to",
                                                   "naïve",
                                                   "Čapek",
                                                   "Müller",
                                                   "façade",
                                                   "日本語",
                                                   "Ελλάδα",
                                                   {"&", "&amp;", "&"},
                                                   {"<i>", "&lt;i&gt;", "<i>"},
                                                   {"\"so\"", "\"so\"", "\\\"so\\\""},
                                                   {"A&B", "A&#38;B", "A&B"}}};
  return kWords[random(kWords.size())];
}

RecordMaker::RecordMaker(std::string producer, std::uint64_t seed, Bytes size, Format format)
    : producer_(std::move(producer)),
      seed_(hash64(producer_, seed)),
      size_(size.count),
      xml_(format == Format::kXml) {
  DOCMILL_CHECK(xml_ || format == Format::kJson, "format {}", static_cast<int>(format));
}

// SplitMix64: the record's own stream of numbers, so that any record can be made alone.
std::uint64_t RecordMaker::random(std::uint64_t below) {
  random_state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t value = random_state_;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return (value ^ (value >> 31)) % below;
}

void RecordMaker::literal(std::string_view xml, std::string_view json) {
  out_ += xml_ ? xml : json;
}

void RecordMaker::begin_value() {
  if (!first_value_) crc_ = crc_of(crc_, "\n");
  first_value_ = false;
}

// Text that is the same in all formats.
void RecordMaker::plain(std::string_view text) {
  out_ += text;
  crc_ = crc_of(crc_, text);
}

void RecordMaker::write_word(const Word& word) {
  literal(word.xml, word.json);
  crc_ = crc_of(crc_, word.plain);
}

void RecordMaker::words(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) plain(" ");
    write_word(word());
  }
}

const std::string& RecordMaker::make(std::uint64_t number) {
  random_state_ = seed_ ^ (number * 0xD1342543DE82EF95ULL);
  crc_ = 0xFFFFFFFFU;
  first_value_ = true;
  out_.clear();
  std::string digits;
  const auto value = [this, &digits](auto text) {
    digits = fmt::format("{}", text);
    begin_value();
    plain(digits);
  };

  literal("<record id=\"", "{\"record\":{\"@id\":\"");
  value(fmt::format("{}-{:09}", producer_, number));
  literal("\" sum=\"", "\",\"@sum\":\"");
  const std::size_t sum_at = out_.size();
  out_ += kNoSum;
  literal("\" year=\"", "\",\"@year\":\"");
  value(1900 + random(126));
  literal("\"><title lang=\"", "\",\"title\":{\"@lang\":\"");
  value(kLanguages[random(kLanguages.size())]);
  literal("\">", "\",\"#text\":\"");
  begin_value();
  words(2 + random(4));

  const std::uint64_t authors = 1 + random(3);
  literal("</title>", authors > 1 ? "\"},\"author\":[\"" : "\"},\"author\":\"");
  for (std::uint64_t i = 0; i < authors; ++i) {
    literal("<author>", i > 0 ? "\",\"" : "");
    begin_value();
    words(2);
    literal("</author>", "");
  }
  literal("<price currency=\"",
          authors > 1 ? "\"],\"price\":{\"@currency\":\"" : "\",\"price\":{\"@currency\":\"");
  value(kCurrencies[random(kCurrencies.size())]);
  literal("\">", "\",\"#text\":\"");
  value(fmt::format("{}.{:02}", 1 + random(99), random(100)));
  literal("</price>", "\"},\"text\":");
  write_texts();
  literal("</record>", "}}");

  fmt::format_to(out_.begin() + static_cast<std::ptrdiff_t>(sum_at), "{:08x}", crc_ ^ 0xFFFFFFFFU);
  return out_;
}

// As many words as the record is to be long.
void RecordMaker::write_texts() {
  const std::uint64_t closing = xml_ ? std::size("</text></record>") : std::size("\"}}");
  const std::uint64_t end = size_ > closing ? size_ - closing : 0;
  const bool several = end > out_.size() + kTextBytes;
  literal("", several ? "[" : "");
  bool first = true;
  do {
    literal("<text>", first ? "\"" : ",\"");
    first = false;
    begin_value();
    words(1);
    const std::size_t begin = out_.size();
    while (out_.size() < end && out_.size() - begin < kTextBytes) {
      plain(" ");
      write_word(word());
    }
    literal("</text>", "\"");
  } while (out_.size() < end);
  literal("", several ? "]" : "");
}

}  // namespace docmill

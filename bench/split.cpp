// split: how fast records are cut out of a stream of XML, beside the bare event rate of expat.
//
//   split FILE PATH     for example: split books.xml /catalog/book
#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "shared/document/xml_splitter.h"

namespace {

constexpr std::size_t kChunk = 256 << 10;
constexpr int kRuns = 5;

// Feeds the text piece by piece, as a source reads a file.
template <typename Feed>
void feed_all(const std::string& text, Feed feed) {
  for (std::size_t at = 0; at < text.size(); at += kChunk) {
    feed(std::string_view(text).substr(at, kChunk), at + kChunk >= text.size());
  }
}

std::uint64_t split(const std::string& text, const docmill::ElementPath& path) {
  docmill::XmlSplitter splitter(path, {});
  docmill::XmlRecord record;
  std::uint64_t bytes = 0;
  feed_all(text, [&](std::string_view chunk, bool last) {
    if (!splitter.feed(chunk, last)) std::exit(65);
    while (splitter.next(record)) bytes += record.bytes.size();
  });
  return bytes;
}

std::uint64_t events(const std::string& text) {
  std::uint64_t count = 0;
  XML_Parser parser = XML_ParserCreate(nullptr);
  XML_SetUserData(parser, &count);
  XML_SetElementHandler(
      parser, [](void* n, const char*, const char**) { ++*static_cast<std::uint64_t*>(n); },
      [](void* n, const char*) { ++*static_cast<std::uint64_t*>(n); });
  XML_SetCharacterDataHandler(parser,
                              [](void* n, const char*, int) { ++*static_cast<std::uint64_t*>(n); });
  feed_all(text, [&](std::string_view chunk, bool last) {
    if (XML_Parse(parser, chunk.data(), static_cast<int>(chunk.size()), last) == XML_STATUS_ERROR)
      std::exit(65);
  });
  XML_ParserFree(parser);
  return count;
}

template <typename Work>
double seconds(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: split FILE PATH\n");
    return 64;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto path = docmill::ElementPath::parse(argv[2]);
  if (!path || text.empty()) {
    fmt::print(stderr, "{}\n", path ? "the file is empty" : path.error().text);
    return 65;
  }
  std::vector<double> splits, bare;
  for (int run = 0; run < kRuns; ++run) {  // in turn, so that a slow moment meets both
    splits.push_back(seconds([&] { split(text, *path); }));
    bare.push_back(seconds([&] { events(text); }));
  }
  const double megabytes = static_cast<double>(text.size()) / 1e6;
  fmt::print("split {:.0f} MB/s, expat's events alone {:.0f} MB/s, time split / events {:.2f}\n",
             megabytes / median(splits), megabytes / median(bare), median(splits) / median(bare));
}

#include "cli/convert.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>

#include "cli/record_pool.h"
#include "shared/base/put_text.h"
#include "shared/document/xml_splitter.h"
#include "shared/runtime/exit_code.h"
#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

struct Close {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using Input = std::unique_ptr<std::FILE, Close>;

constexpr std::size_t kBlock = 256 << 10;

// What one command does, file after file.
class Convert {
 public:
  Convert(const ConvertOptions& options, Conversion conversion)
      : options_(options),
        conversion_(std::move(conversion)),
        pool_(options.conversion, options.jobs) {}

  int run() {
    if (options_.files.empty()) take("");
    for (const std::string& file : options_.files) take(file);
    if (!pool_.finish()) fail_output();
    if (pool_.failed() != 0) note(kExitData);
    return code_;
  }

 private:
  void take(const std::string& file) {
    const std::string name = file.empty() ? "standard input" : file;
    const Input input(file.empty() ? stdin : std::fopen(file.c_str(), "rb"));
    if (!input) return fail_input(name);
    if (options_.split.empty()) {
      take_whole(name, input.get());
    } else {
      take_records(name, input.get());
    }
  }

  // All of it, but not more than a document may have and one byte.
  void take_whole(const std::string& name, std::FILE* input) {
    std::string bytes;
    std::string block(kBlock, '\0');
    while (bytes.size() <= XmlLimits().document.count) {
      const std::size_t size = std::fread(block.data(), 1, block.size(), input);
      bytes.append(block, 0, size);
      if (size < block.size()) break;
    }
    if (std::ferror(input) != 0) return fail_input(name);
    std::string lines;
    if (auto converted = conversion_.convert(bytes, lines); !converted) {
      return fail_data(fmt::format("{}: {}", name, converted.error().text));
    }
    if (std::fwrite(lines.data(), 1, lines.size(), stdout) < lines.size()) fail_output();
  }

  void take_records(const std::string& name, std::FILE* input) {
    XmlSplitOptions split;
    split.accept_doctype = conversion_.accepts_doctype();
    XmlSplitter splitter(ElementPath::parse(options_.split).value(), split);
    std::string block(kBlock, '\0');
    for (bool last = false; !last && code_ != kExitIo;) {
      const std::size_t size = std::fread(block.data(), 1, block.size(), input);
      last = size < block.size();
      if (std::ferror(input) != 0) return fail_input(name);
      const Result<void> fed = splitter.feed(std::string_view(block).substr(0, size), last);
      for (XmlRecord record; splitter.next(record);) give(name, record);
      if (!fed) return fail_data(fmt::format("{}: {}", name, fed.error().text));
    }
  }

  void give(const std::string& name, const XmlRecord& record) {
    std::string place = fmt::format("{}: record {} at line {}", name, record.number, record.line);
    if (record.oversize) {
      return fail_data(fmt::format("{}: {} bytes, more than {}", place, record.size,
                                   to_string(XmlLimits().document)));
    }
    if (!pool_.add(record.bytes, std::move(place))) fail_output();
  }

  void fail_input(const std::string& name) {
    put_text(stderr, "{}: {}; name a file that this user may read\n", name, error_text(errno));
    note(kExitNoInput);
  }
  void fail_data(const std::string& text) {
    put_text(stderr, "{}\n", text);
    note(kExitData);
  }
  void fail_output() {
    put_text(stderr, "standard output: {}\n", error_text(errno));
    note(kExitIo);
  }
  // The first trouble decides, unless nothing can be written at all.
  void note(int code) {
    if (code_ == kExitOk || code == kExitIo) code_ = code;
  }

  const ConvertOptions& options_;
  Conversion conversion_;
  RecordPool pool_;
  int code_ = kExitOk;
};

}  // namespace

int convert_command(const ConvertOptions& options) {
  auto conversion = Conversion::open(options.conversion);
  std::string problem = conversion ? "" : conversion.error().text;
  if (problem.empty() && !options.split.empty()) {
    const auto path = ElementPath::parse(options.split);
    if (!path) problem = "--split: " + path.error().text;
    if (options.conversion.to == "xml") problem = "--split: cuts XML; it does not go with --to xml";
  }
  if (!problem.empty()) {
    put_text(stderr, "{}\n", problem);
    return kExitUsage;
  }
  return Convert(options, std::move(*conversion)).run();
}

}  // namespace docmill

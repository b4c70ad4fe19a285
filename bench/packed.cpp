// packed: docmill's pipeline without its promise - the same packing, converter, batches and
// workers, but no acks, no identity, no ledger and no sync. What is left of the difference is the
// promise.
//
// Three processes:
//   packed sink ADDRESS COUNT FILE
//   packed worker IN OUT
//   packed producer ADDRESS PATH     PATH: a file of one document a line, or a folder of documents
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "bench/stages.h"
#include "shared/document/xml_to_json.h"
#include "shared/protocol/payload.h"

namespace {

using docmill::Entry;
using docmill::PayloadReader;
using docmill::PayloadWriter;

// docmill's defaults.
constexpr std::uint32_t kDocuments = 1024;
constexpr std::size_t kBytes = 256 << 10;

zmq::message_t message_of(PayloadWriter& writer) {
  auto* payload = new std::string(writer.take());
  return {payload->data(), payload->size(),
          [](void*, void* hint) { delete static_cast<std::string*>(hint); }, payload};
}

// Greedy, as docmill cuts: a document that does not fit begins the next batch.
class Batches {
 public:
  explicit Batches(zmq::socket_t& out) : out_(out) {}

  void add(const std::string& document, const std::string& source) {
    if (count_ > 0 && (count_ == kDocuments || bytes_ + document.size() > kBytes)) send();
    writer_.document(count_++, {docmill::Format::kXml, document, {source, ++record_, 0, 0}});
    bytes_ += document.size();
  }
  void send() {
    if (count_ > 0) out_.send(message_of(writer_), zmq::send_flags::none);
    count_ = 0;
    bytes_ = 0;
  }

 private:
  zmq::socket_t& out_;
  PayloadWriter writer_;
  std::uint32_t count_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t record_ = 0;
};

int produce(zmq::context_t& context, const std::string& address, const std::string& path) {
  zmq::socket_t out(context, zmq::socket_type::push);
  out.bind(address);
  Batches batches(out);
  if (!std::filesystem::is_directory(path)) {
    std::ifstream file(path, std::ios::binary);
    for (std::string line; std::getline(file, line);) batches.add(line, path);
    batches.send();
    return 0;
  }
  std::vector<std::filesystem::path> paths(std::filesystem::directory_iterator(path), {});
  std::sort(paths.begin(), paths.end());
  for (const auto& one : paths) {
    std::string document(std::filesystem::file_size(one), '\0');
    std::ifstream(one, std::ios::binary)
        .read(document.data(), static_cast<std::streamsize>(document.size()));
    batches.add(document, one);
  }
  batches.send();
  return 0;
}

int work(zmq::context_t& context, const std::string& from, const std::string& to) {
  zmq::socket_t in(context, zmq::socket_type::pull);
  zmq::socket_t out(context, zmq::socket_type::push);
  in.connect(from);
  out.connect(to);
  docmill::XmlToJson converter;
  PayloadWriter writer;
  zmq::message_t message;
  while (in.recv(message)) {
    PayloadReader reader(message.to_string_view());
    Entry entry;
    for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
      std::string& json =
          writer.begin_document(entry.index, docmill::Format::kJson, entry.document.origin);
      if (!converter.convert(entry.document.bytes, json)) return 65;
      writer.end_document();
    }
    out.send(message_of(writer), zmq::send_flags::none);
  }
  return 0;
}

int sink(zmq::context_t& context, const std::string& address, std::size_t count,
         const std::string& path) {
  zmq::socket_t in(context, zmq::socket_type::pull);
  in.bind(address);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return 1;
  zmq::message_t message;
  while (count > 0 && in.recv(message)) {
    PayloadReader reader(message.to_string_view());
    Entry entry;
    for (auto more = reader.next(entry); more && *more; more = reader.next(entry), --count) {
      std::fwrite(entry.document.bytes.data(), 1, entry.document.bytes.size(), file);
      std::fputc('\n', file);
    }
  }
  return std::fclose(file);
}

}  // namespace

int main(int argc, char** argv) { return run_stage({"packed", produce, work, sink}, argc, argv); }

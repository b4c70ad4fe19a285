// bare: what a good C++ programmer would write in a day - the pipeline that docmill is measured
// against.
//
// One document a message, no acks, no sync, one output file; docmill's own converter. Three
// processes:
//   bare sink ADDRESS COUNT FILE
//   bare worker IN OUT
//   bare producer ADDRESS PATH     PATH: a file of one document a line, or a folder of documents
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

namespace {

void send_lines(zmq::socket_t& out, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  while (std::getline(file, line)) out.send(zmq::buffer(line), zmq::send_flags::none);
}

void send_files(zmq::socket_t& out, const std::string& folder) {
  std::vector<std::filesystem::path> paths(std::filesystem::directory_iterator(folder), {});
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    zmq::message_t message(std::filesystem::file_size(path));
    std::ifstream(path, std::ios::binary)
        .read(message.data<char>(), static_cast<std::streamsize>(message.size()));
    out.send(message, zmq::send_flags::none);
  }
}

int produce(zmq::context_t& context, const std::string& address, const std::string& path) {
  zmq::socket_t out(context, zmq::socket_type::push);
  out.bind(address);
  if (std::filesystem::is_directory(path)) {
    send_files(out, path);
  } else {
    send_lines(out, path);
  }
  return 0;
}

int work(zmq::context_t& context, const std::string& from, const std::string& to) {
  zmq::socket_t in(context, zmq::socket_type::pull);
  zmq::socket_t out(context, zmq::socket_type::push);
  in.connect(from);
  out.connect(to);
  docmill::XmlToJson converter;
  zmq::message_t message;
  std::string json;
  while (in.recv(message)) {
    json.clear();
    if (!converter.convert(message.to_string_view(), json)) continue;
    json += '\n';
    out.send(zmq::buffer(json), zmq::send_flags::none);
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
  for (; count > 0 && in.recv(message); --count)
    std::fwrite(message.data(), 1, message.size(), file);
  return std::fclose(file);
}

}  // namespace

int main(int argc, char** argv) { return run_stage({"bare", produce, work, sink}, argc, argv); }

// The command line that the pipelines of the benchmarks share: three processes of one program.
#pragma once

#include <cstdio>
#include <string>
#include <vector>
#include <zmq.hpp>

// What each process does; a process ends with what it gives.
struct Stages {
  const char* name;
  int (*produce)(zmq::context_t& context, const std::string& address, const std::string& path);
  int (*work)(zmq::context_t& context, const std::string& from, const std::string& to);
  int (*sink)(zmq::context_t& context, const std::string& address, std::size_t count,
              const std::string& path);
};

inline int run_stage(const Stages& stages, int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  zmq::context_t context;
  if (words.size() == 3 && words[0] == "producer")
    return stages.produce(context, words[1], words[2]);
  if (words.size() == 3 && words[0] == "worker") return stages.work(context, words[1], words[2]);
  if (words.size() == 4 && words[0] == "sink") {
    return stages.sink(context, words[1], std::stoul(words[2]), words[3]);
  }
  std::fprintf(stderr,
               "usage: %s producer ADDRESS PATH | worker IN OUT | sink ADDRESS COUNT FILE\n",
               stages.name);
  return 64;
}

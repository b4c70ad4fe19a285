// RecordPool: records are converted by several threads and printed in their order.
//
// Records are collected into chunks, a chunk is one thread's task; so many chunks are under way at
// a time. One thread calls it.
#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <string>
#include <vector>

#include "cli/conversion.h"

namespace docmill {

class RecordPool {
 public:
  // options were opened once without a failure.
  RecordPool(const ConversionOptions& options, unsigned threads)
      : options_(options), threads_(threads) {}

  // place: of the record, for a message when it cannot be converted. False: the output cannot be
  // written; errno says why.
  bool add(std::string_view record, std::string place);
  // Waits for what is under way.
  bool finish();
  // Records that could not be converted; each was said on standard error.
  std::uint64_t failed() const { return failed_; }

 private:
  struct Record {
    std::string place;
    std::size_t end = 0;  // of its bytes in the chunk
  };
  struct Chunk {
    std::string bytes;
    std::vector<Record> records;
  };
  struct Converted {
    std::string lines;
    std::string messages;
    std::uint64_t failed = 0;
  };

  static Converted convert(const ConversionOptions& options, const Chunk& chunk);
  void start();
  bool print_first();

  ConversionOptions options_;
  unsigned threads_;
  Chunk chunk_;
  std::deque<std::future<Converted>> under_way_;
  std::uint64_t failed_ = 0;
};

}  // namespace docmill

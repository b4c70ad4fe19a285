// Findings: everything that is wrong with a pipeline file, collected before anything starts.
//
// A reader reports what it finds and goes on, so that one run shows all of it. Plain values; one
// thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace docmill {

struct Finding {
  std::string file;
  int line = 0;      // from 1; 0 when the file as a whole is meant
  std::string path;  // "transformer.workers"; empty when the line as a whole is meant
  std::string text;
  bool operator==(const Finding&) const = default;
};

// "books.yaml:7: transformer.workers: must be at least 1, got '0'".
std::string to_string(const Finding& finding);

class Findings {
 public:
  // Keeps the first 100; the rest is counted.
  void add(Finding finding);
  bool empty() const { return total_ == 0; }
  std::size_t total() const { return total_; }
  // By line; findings of one line in the order in which they were made.
  std::vector<Finding> sorted() const;
  // One line for each, and one that counts those not kept.
  std::string text() const;

 private:
  std::vector<Finding> kept_;
  std::size_t total_ = 0;
};

// Where a reader stands: the file, the path of names that led here, and the Findings to add to,
// which must live longer.
class Place {
 public:
  Place(Findings& findings, std::string file) : findings_(&findings), file_(std::move(file)) {}

  Place at(std::string_view name) const;
  Place at(std::size_t index) const;
  void report(int line, std::string text) const;
  // How many findings there are; unchanged by a call that had nothing to say.
  std::size_t total() const { return findings_->total(); }

 private:
  Findings* findings_;
  std::string file_;
  std::string path_;
};

// A value as a message shows it: in quotes, cut after 60 bytes, control characters escaped.
std::string quote(std::string_view text);

}  // namespace docmill

#include "tests/support/daemons/server_output.h"

#include <charconv>

namespace docmill::daemons {

std::string field_of(std::string_view document, std::string_view name) {
  const std::string begin = '"' + std::string(name) + "\":";
  const std::size_t at = document.find(begin);
  if (at == document.npos) return {};
  document.remove_prefix(at + begin.size());
  if (document.starts_with('"')) {
    document.remove_prefix(1);
    return std::string(document.substr(0, document.find('"')));
  }
  return std::string(document.substr(0, document.find_first_of(",}")));
}

std::uint64_t number_of(std::string_view document) {
  const std::string digits = field_of(document, "n");
  std::uint64_t n = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), n);
  return n;
}

Result<void> ServerOutput::sync() {
  if (answered_ == group_.size()) return {};
  if (server_.fails) return unavailable("server: connection refused");
  // Some answers are there, others are waited for.
  const std::size_t left = group_.size() - answered_;
  const std::size_t answers = dice_.chance(30) ? dice_.below(left + 1) : left;
  for (std::size_t i = 0; i < answers; ++i, ++answered_) {
    const std::string& document = group_[answered_];
    if (is_rejected_by_server(number_of(document))) {
      rejected_.push_back({answered_, "422"});
    } else {
      ++server_.received[field_of(document, "id")];
    }
  }
  return answered_ == group_.size() ? Result<void>() : unavailable("");
}

Result<void> ServerOutput::settle() {
  group_.clear();
  answered_ = 0;
  return {};
}

}  // namespace docmill::daemons

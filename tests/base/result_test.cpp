#include "shared/base/result.h"

#include <memory>

#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("a result is true exactly when it holds a value") {
  const Result<int> seven = 7;
  REQUIRE(seven);
  CHECK(seven.ok());
  CHECK(*seven == 7);

  const Result<int> failed = unavailable("peer: expected an answer, got silence");
  CHECK_FALSE(failed);
  CHECK(failed.error() == Error{ErrorCode::kUnavailable, "peer: expected an answer, got silence"});
}

TEST_CASE("a result without a value succeeds unless it is given an error") {
  CHECK(Result<void>().ok());
  const Result<void> failed = corrupt("ledger: expected 12 bytes, got 7");
  CHECK_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::kCorrupt);
}

TEST_CASE("the makers of errors give the code of their name") {
  CHECK(config_error("x") == Error{ErrorCode::kConfig, "x"});
  CHECK(malformed("x") == Error{ErrorCode::kMalformed, "x"});
  CHECK(unavailable("x") == Error{ErrorCode::kUnavailable, "x"});
  CHECK(corrupt("x") == Error{ErrorCode::kCorrupt, "x"});
}

Result<std::unique_ptr<int>> make(int value) { return std::make_unique<int>(value); }

TEST_CASE("a resource moves out of the result of a call") {
  const std::unique_ptr<int> by_name = make(1).value();
  const std::unique_ptr<int> by_star = *make(2);
  CHECK(*by_name == 1);
  CHECK(*by_star == 2);
}

TEST_CASE("a value can be changed where it is") {
  Result<std::string> text = std::string("a");
  text->append("b");
  *text += "c";
  CHECK(text.value() == "abc");
}

TEST_CASE("reading the side that is not there throws") {
  const Result<int> seven = 7;
  const Result<int> failed = malformed("x");
  CHECK_THROWS_AS(seven.error(), std::bad_variant_access);
  CHECK_THROWS_AS(failed.value(), std::bad_variant_access);
  CHECK_THROWS_AS(Result<void>().error(), std::bad_variant_access);
}

}  // namespace
}  // namespace docmill

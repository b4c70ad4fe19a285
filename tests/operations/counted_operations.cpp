#include "tests/operations/counted_operations.h"

namespace {

std::uint64_t operations = 0;  // NOLINT: counted from C

}  // namespace

// The compiler puts a call in front of every basic block.
extern "C" void __sanitizer_cov_trace_pc();                   // NOLINT: its name
extern "C" void __sanitizer_cov_trace_pc() { ++operations; }  // NOLINT: its name

namespace docmill {

std::uint64_t counted_operations() { return operations; }

}  // namespace docmill

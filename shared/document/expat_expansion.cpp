// Without it the header hides the functions of the limit, which Debian's library has.
#define XML_DTD 1
#include "shared/document/expat_expansion.h"

namespace docmill {
namespace {

// Of all bytes, those of entities included, to those of the document.
constexpr float kLargestFactor = 10.0F;
constexpr unsigned long long kThreshold = 1ULL << 20;

}  // namespace

void limit_expansion(XML_Parser parser) {
  XML_SetBillionLaughsAttackProtectionMaximumAmplification(parser, kLargestFactor);
  XML_SetBillionLaughsAttackProtectionActivationThreshold(parser, kThreshold);
}

const char* expat_failure(XML_Parser parser) {
  const XML_Error error = XML_GetErrorCode(parser);
  return error == XML_ERROR_AMPLIFICATION_LIMIT_BREACH
             ? "entities make more than 10 times as much of the document; expand them before"
             : XML_ErrorString(error);
}

}  // namespace docmill

// `submit`: documents that other programs hand over with ZeroMQ; each is in the spool on disk
// before it is answered.
#include "producer/sources/sources.h"
#include "producer/spooled/spooled_source.h"
#include "producer/submit/submit_inlet.h"
#include "shared/base/check.h"
#include "shared/config/address.h"
#include "shared/config/schema.h"

namespace docmill {
namespace {

using namespace literals;

struct SubmitConfig {
  std::string bind = "tcp://127.0.0.1:5700";
  Bytes spool = 1_GiB;
};

std::optional<std::string> bind_problem(const std::string& text) {
  const auto address = parse_address(text);
  return address ? std::nullopt : std::optional(address.error().text);
}

Schema<SubmitConfig> schema() {
  return Schema<SubmitConfig>(
             "submit",
             "Take documents that other programs submit with ZeroMQ, a DEALER or REQ that sends "
             "key, format and document. The answer, kept, comes when a document is on disk; one "
             "that comes again under its key is kept once. docs/wire-format.md has the frames.")
      .field("bind", &SubmitConfig::bind, "Address to bind.", check(bind_problem))
      .field("spool", &SubmitConfig::spool,
             "Most that waits on disk to be settled; what is more is answered with full.",
             at_least(1_MiB));
}

Result<std::unique_ptr<Source>> open(const std::any& settings, const SourceContext& context) {
  const auto& config = std::any_cast<const SubmitConfig&>(settings);
  DOCMILL_CHECK(context.sockets != nullptr, "{} cannot be bound", config.bind);
  auto inlet =
      SubmitInlet::open(*context.sockets, config.bind, context.limits.document, context.epoch);
  if (!inlet) return inlet.error();
  return SpooledSource::open(std::move(*inlet), config.spool, context);
}

}  // namespace

SourceComponent submit_source() { return {schema(), open, spooled_kind}; }

}  // namespace docmill

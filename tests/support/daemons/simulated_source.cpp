#include "tests/support/daemons/simulated_source.h"

#include <fmt/format.h>

#include <charconv>

#include "producer/files/file_documents.h"
#include "shared/config/schema.h"

namespace docmill::daemons {
namespace {

constexpr std::string_view kKind = "simulated ";

struct SimulatedConfig {
  std::uint32_t unused = 0;
};

// A position is the number of the next document, and whether the boundary before it was taken.
class SimulatedSource final : public Source {
 public:
  SimulatedSource(const Input& input, const SourceContext& context)
      : input_(input), clock_(context.clock) {
    if (context.position.empty()) return;
    const std::string_view text = std::string_view(context.position).substr(kKind.size());
    std::from_chars(text.data(), text.data() + text.size(), next_);
    is_past_boundary_ = text.ends_with('b');
  }

  Result<Next> peek() override {
    Next next;
    if (next_ == input_.documents.size()) {
      next.state = State::kEnded;
      return next;
    }
    if (!is_past_boundary_ && input_.has_boundary_before(next_)) {
      next.state = State::kBoundary;
      return next;
    }
    const InputDocument& document = input_.documents[next_];
    if (document.ready > clock_.now()) return next;
    next.state = document.fate == Fate::kUnreadable ? State::kDead : State::kDocument;
    next.document = {Format::kJson, document.bytes, {source_, next_ + 1, 0, 0}, document.notes};
    if (document.fate == Fate::kUnreadable) next.reason = "simulated: unreadable";
    if (input_.settings.uncounted) next.size = document.bytes.size();
    return next;
  }
  void take() override {
    if (!is_past_boundary_ && input_.has_boundary_before(next_)) {
      is_past_boundary_ = true;
    } else {
      ++next_;
      is_past_boundary_ = false;
    }
  }
  std::string position() const override {
    return fmt::format("{}{}{}", kKind, next_, is_past_boundary_ ? "b" : "");
  }

 private:
  const Input& input_;
  const Clock& clock_;
  std::size_t next_ = 0;
  bool is_past_boundary_ = false;
  const std::string source_ = input_.settings.producer + ".in";
};

Fate draw_fate(const InputSettings& settings, std::size_t number, simulation::Dice& dice) {
  if (settings.alternates && number % 2 == 1) return Fate::kFiltered;
  if (settings.plain) return Fate::kDelivered;
  const std::uint64_t roll = dice.below(1000);
  if (settings.poison && roll < 30) return roll < 20 ? Fate::kPoison : Fate::kFragile;
  if (roll < settings.oversize * 10) return Fate::kOversize;
  if (settings.alternates || roll < 880) return Fate::kDelivered;
  if (roll < 940) return Fate::kFiltered;
  return roll < 980 ? Fate::kMalformed : Fate::kUnreadable;
}

InputDocument draw(const InputSettings& settings, std::size_t number, simulation::Dice& dice) {
  InputDocument document;
  document.id = fmt::format("{}.{}", settings.producer, number);
  document.n = settings.numbers.empty() ? dice.below(1000)
                                        : settings.numbers[number % settings.numbers.size()];
  document.fate = draw_fate(settings, number, dice);
  const bool is_routed = !settings.routes.empty() && dice.chance(80);
  document.route = is_routed ? settings.routes[dice.below(settings.routes.size())] : "none";
  std::string& bytes = document.bytes;
  bytes =
      fmt::format(R"({{"id":"{}","n":{},"route":"{}")", document.id, document.n, document.route);
  if (document.fate == Fate::kFiltered) bytes += R"(,"drop":1)";
  if (document.fate == Fate::kPoison) bytes += R"(,"poison":1)";
  if (document.fate == Fate::kFragile) bytes += R"(,"fragile":1)";
  if (settings.keyed) bytes += fmt::format(R"(,"key":"k{}")", dice.below(20));
  bytes += R"(,"pad":")" + std::string(dice.below(settings.padding + 1U), 'x');
  const bool is_too_large =
      document.fate == Fate::kOversize && dice.chance(50) && settings.limit.count <= (16 << 10);
  if (is_too_large) bytes += std::string(settings.limit.count, 'y');
  if (document.fate != Fate::kMalformed) bytes += "\"}";
  if (bytes.size() > settings.limit.count) document.fate = Fate::kOversize;
  if (settings.metadata == 0 && document.fate != Fate::kOversize) return document;
  std::size_t metadata = dice.below(settings.metadata + 1U);
  if (document.fate == Fate::kOversize && bytes.size() <= settings.limit.count) {
    metadata = largest_metadata(settings.limit).count;
  }
  document.notes = R"("m":")" + std::string(metadata, 'm') + '"';
  return document;
}

}  // namespace

Input Input::make(const InputSettings& settings, simulation::Dice& dice, Time begin) {
  Input input{settings, {}};
  for (std::size_t i = 0; i < settings.documents; ++i) {
    InputDocument document = draw(settings, i, dice);
    document.ready = begin + settings.spread / settings.documents * static_cast<Duration::rep>(i);
    input.documents.push_back(std::move(document));
  }
  return input;
}

SourceComponent simulated_source(const Input& input) {
  return {
      Schema<SimulatedConfig>("simulated", "Documents of a simulation.")
          .field("unused", &SimulatedConfig::unused, "Nothing."),
      [&input](const std::any&, const SourceContext& context) -> Result<std::unique_ptr<Source>> {
        return std::unique_ptr<Source>(std::make_unique<SimulatedSource>(input, context));
      },
      [](const std::any&, const std::string&) { return std::string(kKind); },
      {},
      {}};
}

Fate fate_of(std::string_view document) {
  if (document.find(R"("poison":1)") != document.npos) return Fate::kPoison;
  if (document.find(R"("fragile":1)") != document.npos) return Fate::kFragile;
  return Fate::kDelivered;
}

}  // namespace docmill::daemons

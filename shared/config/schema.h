// Schema<T>: the one declaration of a component's or a section's settings. It yields the parsed T,
// all findings, the reference and the sample.
//
//   struct FileOutputConfig { std::filesystem::path path; Bytes rotate_at = 256_MiB; };
//   Schema<FileOutputConfig>("ndjson", "Append each document to a file, one line per document.")
//     .field("path", &FileOutputConfig::path, "File to append to; created when missing.",
//            required, example("out/books.ndjson"))
//     .field("rotate_at", &FileOutputConfig::rotate_at, "Size at which a new segment begins.",
//            at_least(1_MiB))
//
// The type comes from the member, the default from T{}. Meaning and summary are sentences. A null
// value counts as an empty section. Declarations that contradict themselves are bugs.
#pragma once

#include <any>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "shared/base/check.h"
#include "shared/config/constraint.h"
#include "shared/config/shape.h"

namespace docmill {

// A Field in the making: what its constraints add up to.
template <typename M>
struct FieldDraft {
  using Single = typename Shape<M>::Single;

  Field field;
  Rules<Single> rules;
  std::vector<std::function<std::optional<std::string>(const M&)>> whole;

  void apply(const constraint::Required& constraint) { field.required = constraint.holds; }
  void apply(const constraint::Example& example) {
    field.example = Scalar<Single> && Shape<M>::kForm == Field::Form::kOne ? written(example.text)
                                                                           : example.text;
  }
  void apply(const constraint::From& from) {
    static_assert(std::is_same_v<Single, Component>, "from(...) is for a Component");
    field.components = rules.components = from.set;
  }
  template <typename V>
  void apply(const constraint::AtLeast<V>& limit) {
    const auto least = static_cast<Single>(limit.value);
    bound("at least " + ScalarType<Single>::write(least),
          [least](const Single& value) { return value >= least; });
  }
  template <typename V>
  void apply(const constraint::AtMost<V>& limit) {
    const auto most = static_cast<Single>(limit.value);
    bound("at most " + ScalarType<Single>::write(most),
          [most](const Single& value) { return value <= most; });
  }
  template <typename V>
  void apply(const constraint::OneOf<V>& choice) {
    const std::vector<Single> allowed(choice.values.begin(), choice.values.end());
    std::vector<std::string> texts;
    for (const Single& value : allowed) texts.push_back(ScalarType<Single>::write(value));
    const std::vector<std::string_view> words(texts.begin(), texts.end());
    bound(either(words), [allowed](const Single& value) {
      return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
    });
  }
  template <typename F>
  void apply(const constraint::Check<F>& check) {
    if constexpr (std::is_invocable_v<F, const M&>) {
      whole.push_back(check.function);
    } else {
      rules.checks.push_back([function = check.function](const Single& value, const YamlNode&) {
        return function(value);
      });
    }
  }

 private:
  void bound(const std::string& text, std::function<bool(const Single&)> holds) {
    field.limits += (field.limits.empty() ? "" : ", ") + text;
    rules.checks.push_back([text, holds](const Single& value, const YamlNode& node) {
      return holds(value) ? std::nullopt
                          : std::optional("must be " + text + ", got " + quote(node.text));
    });
  }
};

template <typename T>
class Schema {
 public:
  // key: how a pipeline file names it; empty where a struct only nests.
  Schema(std::string key, std::string summary) {
    section_.key = std::move(key);
    section_.summary = std::move(summary);
  }

  template <typename M, typename... Constraints>
  Schema&& field(std::string_view name, M T::*member, std::string_view meaning,
                 const Constraints&... constraints) && {
    FieldDraft<M> draft;
    (draft.apply(constraints), ...);
    add(name, member, meaning, nullptr, std::move(draft));
    return std::move(*this);
  }

  // A member (or each value of a member) that is a struct; the meaning is its schema's summary.
  template <typename M, typename S, typename... Constraints>
  Schema&& nested(std::string_view name, M T::*member, const Schema<S>& schema,
                  const Constraints&... constraints) && {
    static_assert(std::is_same_v<S, typename Shape<M>::Single>, "the schema is of another struct");
    FieldDraft<M> draft;
    (draft.apply(constraints), ...);
    add(name, member, schema.section().summary, std::make_shared<const Section>(schema.section()),
        std::move(draft));
    return std::move(*this);
  }

  // A scalar in place of the mapping is the value of that field.
  Schema&& shorthand(std::string name) && {
    DOCMILL_CHECK(section_.find(name) != nullptr, "{} has no field {}", section_.key, name);
    section_.shorthand = std::move(name);
    return std::move(*this);
  }

  // Of these fields one is given, and only one: `bind` or `connect`.
  Schema&& exactly_one(std::initializer_list<const char*> names) && {
    section_.exactly_one.assign(names.begin(), names.end());
    for (const std::string& name : section_.exactly_one) {
      DOCMILL_CHECK(section_.find(name) != nullptr, "{} has no field {}", section_.key, name);
    }
    return std::move(*this);
  }

  // What the fields say to each other: the function gives what is wrong, with the cure.
  template <typename F>
  Schema&& consistent(F problem) && {
    section_.consistent = [problem](const void* object) -> std::optional<std::string> {
      return problem(*static_cast<const T*>(object));
    };
    return std::move(*this);
  }

  // A source of which several producers may run with the same settings, each for its own part.
  Schema&& partitioned() && {
    section_.partitioned = true;
    return std::move(*this);
  }

  const Section& section() const { return section_; }

  // The T of that node. What is wrong is reported and has its default in the result.
  T parse(const YamlNode& node, const Place& place) const {
    T object{};
    read_section(section_, node, place, &object);
    return object;
  }

  // For a ComponentSet. T must be copyable.
  operator AnySchema() const {  // NOLINT: implicit, so that a catalog is a plain list
    auto section = std::make_shared<const Section>(section_);
    return AnySchema(section, [section](const YamlNode& node, const Place& place) {
      T object{};
      read_section(*section, node, place, &object);
      return std::any(std::move(object));
    });
  }

 private:
  // Once for each type of a member, whatever its constraints are.
  template <typename M>
  void add(std::string_view name, M T::*member, std::string_view meaning,
           std::shared_ptr<const Section> inner, FieldDraft<M> draft) {
    draft.field.name = name;
    draft.field.meaning = meaning;
    draft.field.type = type_name<typename Shape<M>::Single>();
    draft.field.standard = Shape<M>::standard(standard_.*member);
    draft.field.form = Shape<M>::kForm;
    draft.field.section = inner;
    draft.rules.section = std::move(inner);
    draft.field.read = [member, rules = std::move(draft.rules), whole = std::move(draft.whole)](
                           const YamlNode& node, const Place& place, void* object) {
      const std::size_t before = place.total();
      auto value = Shape<M>::read(node, place, rules);
      if (!value) return;
      for (const auto& test : whole) {
        if (place.total() != before) break;
        if (auto problem = test(*value)) {
          return place.report(node.line, without_secret(std::move(*problem), node.text));
        }
      }
      static_cast<T*>(object)->*member = std::move(*value);
    };
    section_.add(std::move(draft.field));
  }

  T standard_{};
  Section section_;
};

}  // namespace docmill

// ScalarType: how a single value of a type is called, read and written in a pipeline file.
//
// A type of one's own becomes a field type with a specialisation of ScalarType (name, parse,
// write); an enum with an overload of enum_names beside it:
//
//   constexpr std::array<EnumName<Order>, 2> enum_names(Order) {
//     return {{{"any", Order::kAny}, {"source", Order::kSource}}};
//   }
//
// parse gets the text of the scalar; its error says what was expected and what was found. Pure
// functions.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/text.h"
#include "shared/base/units.h"

namespace docmill {

template <typename E>
using EnumName = std::pair<std::string_view, E>;

template <typename T>
struct ScalarType;

template <typename T>
concept Scalar = requires(const std::string& text, const T& value) {
  { ScalarType<T>::name() } -> std::convertible_to<std::string>;
  { ScalarType<T>::parse(text) } -> std::same_as<Result<T>>;
  { ScalarType<T>::write(value) } -> std::convertible_to<std::string>;
};

// The parts that are the same for all integers and all enums.
Result<std::int64_t> parse_signed(std::string_view text, std::int64_t least, std::int64_t most);
Result<std::uint64_t> parse_unsigned(std::string_view text, std::uint64_t most);
Error unknown_name(std::string_view text, std::span<const std::string_view> names);

template <>
struct ScalarType<std::string> {
  static std::string name() { return "text"; }
  static Result<std::string> parse(const std::string& text) { return text; }
  static std::string write(const std::string& value) { return value; }
};

template <>
struct ScalarType<std::filesystem::path> {
  static std::string name() { return "path"; }
  static Result<std::filesystem::path> parse(const std::string& text);
  static std::string write(const std::filesystem::path& value) { return value.string(); }
};

template <>
struct ScalarType<bool> {
  static std::string name() { return "true or false"; }
  static Result<bool> parse(const std::string& text);
  static std::string write(bool value) { return value ? "true" : "false"; }
};

template <>
struct ScalarType<double> {
  static std::string name() { return "number"; }
  static Result<double> parse(const std::string& text);
  static std::string write(double value);
};

template <>
struct ScalarType<Bytes> {
  static std::string name() { return "size"; }
  static Result<Bytes> parse(const std::string& text) { return parse_bytes(text); }
  static std::string write(Bytes value) { return to_string(value); }
};

template <>
struct ScalarType<Duration> {
  static std::string name() { return "duration"; }
  static Result<Duration> parse(const std::string& text) { return parse_duration(text); }
  static std::string write(Duration value) { return to_string(value); }
};

template <std::integral I>
struct ScalarType<I> {
  static std::string name() { return "whole number"; }
  static Result<I> parse(const std::string& text) {
    using Limits = std::numeric_limits<I>;
    if constexpr (std::is_signed_v<I>) {
      const auto value = parse_signed(text, Limits::min(), Limits::max());
      return value ? Result<I>(static_cast<I>(*value)) : Result<I>(value.error());
    } else {
      const auto value = parse_unsigned(text, Limits::max());
      return value ? Result<I>(static_cast<I>(*value)) : Result<I>(value.error());
    }
  }
  static std::string write(I value) { return std::to_string(value); }
};

template <typename E>
requires std::is_enum_v<E>
struct ScalarType<E> {
  static std::string name() { return either(names()); }
  static Result<E> parse(const std::string& text) {
    for (const auto& [word, value] : enum_names(E{})) {
      if (word == text) return value;
    }
    return unknown_name(text, names());
  }
  static std::string write(E value) {
    for (const auto& [word, known] : enum_names(E{})) {
      if (known == value) return std::string(word);
    }
    return {};
  }

 private:
  static std::vector<std::string_view> names() {
    std::vector<std::string_view> all;
    for (const auto& [word, value] : enum_names(E{})) all.push_back(word);
    return all;
  }
};

}  // namespace docmill

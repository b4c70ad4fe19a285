// The setting `claims` of the sources that read files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace docmill {

constexpr std::string_view kClaimsMeaning =
    "A folder that all producers see and that holds nothing else, where several of them share the "
    "path: in it each marks the files that it reads.";

inline std::optional<std::string> claims_problem(const std::filesystem::path& claims) {
  if (claims.string().find('{') == std::string::npos) return std::nullopt;
  return "must be one folder for all producers, got '" + claims.string() + "'";
}

inline std::string claims_folder(const std::optional<std::filesystem::path>& claims) {
  return claims ? claims->string() : std::string();
}

}  // namespace docmill

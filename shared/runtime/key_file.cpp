#include "shared/runtime/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "shared/config/key_modes.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"
#include "shared/store/system_disk.h"

namespace docmill {
namespace {

// More than any file that holds a key.
constexpr std::size_t kLargest = 4096;

struct KeyFile {
  std::string text;
  mode_t mode = 0;
};

Result<KeyFile> read_file(const std::string& path, std::string_view cure) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open() && errno == ENOENT)
    return config_error(fmt::format("{}: no such file; {}", path, cure));
  constexpr std::string_view kReadable = "make it readable for this user";
  if (!file.open()) return file_error(path, "open", errno, kReadable);
  struct stat found {};
  if (::fstat(file.number(), &found) != 0) return file_error(path, "look", errno, kReadable);
  std::array<char, kLargest + 1> bytes{};
  const auto count = ::read(file.number(), bytes.data(), bytes.size());
  if (count < 0) return file_error(path, "read", errno, kReadable);
  return KeyFile{{bytes.data(), static_cast<std::size_t>(count)}, found.st_mode};
}

// The one line that is neither empty nor a remark. No key begins with '#': it would stand for too
// large a number.
Result<std::string> key_in(const std::string& path, std::string_view text) {
  std::string key;
  std::size_t lines = 0;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    key = line;
    ++lines;
  }
  if (lines == 1 && is_key(key)) return key;
  return config_error(fmt::format(
      "{}: expected one key of 40 characters, found {}; copy the file again, or make a new pair "
      "with 'docmill keygen'",
      path, lines == 1 ? "something else" : fmt::format("{} lines", lines)));
}

Error there_already(const std::string& path) {
  return config_error(fmt::format(
      "{}: is there already, and a new key shuts out who has this one; move it away first", path));
}

Result<void> write_file(const std::string& path, mode_t mode, const std::string& text) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.open() && errno == EEXIST) return there_already(path);
  constexpr std::string_view kWritable = "choose a folder that this user may write";
  if (!file.open()) return file_error(path, "create", errno, kWritable);
  const auto written = ::write(file.number(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()) || ::fsync(file.number()) != 0) {
    const int problem = written < 0 ? errno : ENOSPC;
    ::unlink(path.c_str());
    return file_error(path, "write", problem, kWritable);
  }
  return {};
}

}  // namespace

std::filesystem::path key_path(const std::filesystem::path& folder, std::string_view name,
                               std::string_view ending) {
  return folder / fmt::format("{}{}", name, ending);
}

Result<std::string> read_public_key(const std::filesystem::path& path, std::string_view cure) {
  const auto file = read_file(path.string(), cure);
  if (!file) return file.error();
  return key_in(path.string(), file->text);
}

Result<KeyPair> read_secret_key(const std::filesystem::path& path, std::string_view cure) {
  const auto file = read_file(path.string(), cure);
  if (!file) return file.error();
  if (const auto problem = key_mode_problem(path, file->mode)) return config_error(*problem);
  auto secret = key_in(path.string(), file->text);
  if (!secret) return secret.error();
  std::string public_key = public_key_of(*secret);
  return KeyPair{std::move(public_key), std::move(*secret)};
}

Result<void> expect_no_key(const std::filesystem::path& folder, std::string_view name) {
  for (const std::string_view ending : {kSecretEnding, kPublicEnding}) {
    const auto path = key_path(folder, name, ending);
    std::error_code unknown;
    if (std::filesystem::exists(path, unknown)) return there_already(path.string());
  }
  return {};
}

Result<void> write_key_pair(const std::filesystem::path& folder, std::string_view name,
                            const KeyPair& pair) {
  if (auto none = expect_no_key(folder, name); !none) return none;
  SystemDisk disk;
  if (auto made = make_folder(disk, folder, 0700); !made) return made;
  const std::string secret = key_path(folder, name, kSecretEnding).string();
  const std::string open = key_path(folder, name, kPublicEnding).string();
  if (auto written = write_file(
          secret, 0600,
          fmt::format(
              "# The secret docmill key of {}: for its owner alone, on its host alone.\n{}\n", name,
              pair.secret_key));
      !written) {
    return written;
  }
  if (auto written =
          write_file(open, 0644,
                     fmt::format("# The public docmill key of {}: for every host of its pipeline.\n"
                                 "{}\n",
                                 name, pair.public_key));
      !written) {
    ::unlink(secret.c_str());
    return written;
  }
  return sync_folder(disk, folder);
}

}  // namespace docmill

#include "producer/files/file_claims.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "producer/files/number_text.h"
#include "shared/base/hash.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"
#include "shared/store/system_disk.h"

namespace docmill {
namespace {

constexpr std::size_t kLongestName = 200;  // file systems take 255
constexpr std::size_t kLongestClaim = 256;
constexpr std::size_t kShown = 40;  // bytes of what is not a claim
constexpr int kTries = 100;         // to claim a name that comes and goes

// Looks at it; what is not a claim of ours is false.
bool read_claim(std::string_view text, std::string& producer, std::uint64_t& epoch) {
  if (!text.ends_with('\n')) return false;
  text.remove_suffix(1);
  if (!take_word(text, "claim") || !take_word(text, "1")) return false;
  producer = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), producer.size() + 1));
  const char* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, epoch, 16);
  return !producer.empty() && text.size() == 16 && error == std::errc() && after == end;
}

Error not_usable(const std::filesystem::path& folder, std::string_view action, int error_number) {
  return file_error(folder.string(), action, error_number,
                    "let this user write there, and have it on a disk that knows hard links");
}

}  // namespace

std::string FileClaims::name_of(const std::string& path) {
  std::string name;
  for (const char byte : path) {
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' ||
                       (byte == '.' && !name.empty());
    name += plain ? std::string(1, byte) : fmt::format("%{:02x}", static_cast<unsigned char>(byte));
  }
  if (name.size() <= kLongestName) return name;
  // '~' is encoded in names that are whole, so that no short path has this name.
  return fmt::format("{}~{:016x}", name.substr(0, kLongestName), hash64(path));
}

FileClaims::FileClaims(std::filesystem::path folder, std::string producer, std::uint64_t epoch)
    : folder_(std::move(folder)),
      producer_(std::move(producer)),
      epoch_(epoch),
      own_(folder_ / fmt::format(".{}.claimant", producer_)) {}

FileClaims::~FileClaims() { unlink(own_.c_str()); }

Result<std::unique_ptr<FileClaims>> FileClaims::open(const std::filesystem::path& folder,
                                                     std::string producer, std::uint64_t epoch) {
  std::error_code unknown;
  if (!std::filesystem::is_directory(folder, unknown)) {
    return config_error(
        fmt::format("{}: no such folder; make it on a disk that every producer sees: mkdir {}",
                    folder.string(), folder.string()));
  }
  std::unique_ptr<FileClaims> claims(new FileClaims(folder, std::move(producer), epoch));
  if (auto written = claims->write_own(); !written) return written.error();
  return claims;
}

Result<void> FileClaims::write_own() {
  // Never written again: claims are other names of the same file.
  unlink(own_.c_str());
  SystemDisk disk;
  const DiskFile file(disk, disk.open(Disk::kHere, own_, O_WRONLY | O_CREAT | O_EXCL, 0644));
  if (!file.open()) return not_usable(folder_, "make a file", errno);
  const std::string text = fmt::format("claim 1 {} {:016x}\n", producer_, epoch_);
  const ssize_t size = file.write(text, 0);
  if (size != static_cast<ssize_t>(text.size())) {
    return not_usable(folder_, "write", size < 0 ? errno : ENOSPC);
  }
  const int error_number = sync_data(file);
  if (error_number == 0) return {};
  return corrupt(fmt::format("{}: sync: {}; check the disk, then start again", own_,
                             error_text(error_number)));
}

Result<void> FileClaims::refuse_inputs_of(const std::string& path) {
  const std::string folder = folder_of(path);
  if (folder == seen_) return {};
  std::error_code unknown;
  if (std::filesystem::equivalent(folder, folder_, unknown)) {
    return config_error(
        fmt::format("{}: holds the file {}, too; name a folder that holds only the "
                    "claims",
                    folder_.string(), path));
  }
  seen_ = folder;
  return {};
}

int FileClaims::link_to(const std::string& name) {
  return link(own_.c_str(), name.c_str()) == 0 ? 0 : errno;
}

Result<std::string> FileClaims::claim(const std::string& path) {
  if (auto refused = refuse_inputs_of(path); !refused) return refused.error();
  const std::string name = folder_ / name_of(path);
  for (int i = 0; i < kTries; ++i) {
    const int error_number = link_to(name);
    if (error_number == 0) {
      changed_ = true;
      return producer_;
    }
    if (error_number == EEXIST) {
      Result<std::string> found = owner(name);
      if (!found || !found->empty()) return found;
    } else if (error_number == EMLINK) {  // a file can have only so many names
      if (auto written = write_own(); !written) return written.error();
    } else {
      return not_usable(folder_, "make a claim", error_number);
    }
  }
  return unavailable(fmt::format("{}: claimed and given back {} times meanwhile", name, kTries));
}

// A name that leads nowhere is taken, and nobody will give it back.
Result<std::string> FileClaims::gone(const std::string& claim) {
  struct stat facts {};
  if (lstat(claim.c_str(), &facts) != 0 || !S_ISLNK(facts.st_mode)) return std::string();
  return config_error(fmt::format(
      "{}: expected a claim, found a symbolic link that leads nowhere; remove it", claim));
}

Result<std::string> FileClaims::owner(const std::string& claim) {
  const FileDescriptor file(::open(claim.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open() && errno == ENOENT) return gone(claim);
  char bytes[kLongestClaim];
  const ssize_t size = file.open() ? pread(file.number(), bytes, sizeof bytes, 0) : -1;
  if (size < 0) return file_error(claim, "read", errno, "let this user read it");
  const std::string_view text(bytes, static_cast<std::size_t>(size));
  std::string producer;
  std::uint64_t epoch = 0;
  if (!read_claim(text, producer, epoch)) {
    return corrupt(fmt::format(
        "{}: expected 'claim 1 PRODUCER EPOCH', found '{}'; remove it if no producer has read that "
        "file, or put the right one back",
        claim, text.substr(0, std::min(text.find('\n'), kShown))));
  }
  if (producer != producer_) return producer;
  changed_ = true;  // an earlier run may have ended before it synced
  if (epoch == epoch_) return producer;
  if (epoch > epoch_) {
    return corrupt(fmt::format(
        "{}: is of epoch {:016x} of {}, which began after this one, {:016x}; put the newer state "
        "folder back",
        claim, epoch, producer_, epoch_));
  }
  if (auto taken = take_over(claim); !taken) return taken.error();
  return producer_;
}

// The state was thrown away, and everything of this producer is read again. Nobody else may come in
// between, so that the claim is replaced, not removed and made.
Result<void> FileClaims::take_over(const std::string& claim) {
  const std::string next = own_ + ".next";
  unlink(next.c_str());
  int error_number = link_to(next);
  if (error_number == EMLINK) {
    if (auto written = write_own(); !written) return written;
    error_number = link_to(next);
  }
  if (error_number == 0 && rename(next.c_str(), claim.c_str()) != 0) error_number = errno;
  if (error_number != 0) return not_usable(folder_, "take a claim over", error_number);
  return {};
}

Result<std::string> FileClaims::holder(const std::string& path) {
  return owner(folder_ / name_of(path));
}

Result<void> FileClaims::release(const std::string& path) {
  if (unlink((folder_ / name_of(path)).c_str()) == 0 || errno == ENOENT) return {};
  return not_usable(folder_, "remove a claim", errno);
}

Result<void> FileClaims::give_back(const std::string& path) {
  const Result<std::string> found = owner(folder_ / name_of(path));
  if (!found) return found.error();
  if (*found != producer_) return {};
  if (auto released = release(path); !released) return released;
  changed_ = true;
  return {};
}

Result<void> FileClaims::sync() {
  if (!changed_) return {};
  SystemDisk disk;
  if (auto synced = sync_folder(disk, folder_); !synced) return synced;
  changed_ = false;
  return {};
}

}  // namespace docmill

#include "shared/store/spool_segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include "shared/base/binary.h"
#include "shared/base/hash.h"
#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

constexpr std::uint32_t kMagic = 0x72736d64;  // "dmsr" on the disk
constexpr std::string_view kMagicBytes = "dmsr";
constexpr std::size_t kChunk = 64 << 10;
constexpr std::size_t kDiskBlock = 4096;
constexpr std::size_t kDigits = 16;

bool take_hex(std::string_view& text, std::uint64_t& number) {
  if (text.size() < kDigits) return false;
  const char* end = text.data() + kDigits;
  const auto [after, error] = std::from_chars(text.data(), end, number, 16);
  if (error != std::errc() || after != end) return false;
  text.remove_prefix(kDigits);
  return true;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

}  // namespace

std::string name_of(const SpoolSegment& segment) {
  const std::string begin =
      fmt::format("{}{:016x}-{:016x}", kSpoolVersion, segment.ordinal, segment.nonce);
  if (!segment.whole) return begin + ".open";
  return fmt::format("{}-{:016x}-{:016x}.whole", begin, segment.count, segment.bytes);
}

std::optional<SpoolSegment> parse_segment_name(std::string_view name) {
  SpoolSegment segment;
  std::string_view left = name;
  if (!take(left, kSpoolVersion) || !take_hex(left, segment.ordinal) || !take(left, "-") ||
      !take_hex(left, segment.nonce)) {
    return std::nullopt;
  }
  if (left == ".open") return segment;
  segment.whole = true;
  if (!take(left, "-") || !take_hex(left, segment.count) || !take(left, "-") ||
      !take_hex(left, segment.bytes) || left != ".whole") {
    return std::nullopt;
  }
  return segment;
}

void encode(const SpoolRecord& record, std::uint64_t nonce, std::string& out) {
  const std::size_t begin = out.size();
  out.resize(begin + kSpoolHeaderBytes);
  out += record.key;
  out += record.bytes;
  std::string header;
  BinaryWriter writer(header);
  writer.number(kMagic);
  writer.number(static_cast<std::uint32_t>(record.key.size()));
  writer.number(record.index);
  writer.number(record.group);
  writer.number(std::uint64_t{record.bytes.size()});
  writer.number(hash64(std::string_view(out).substr(begin + kSpoolHeaderBytes), nonce));
  writer.number(hash64(header, nonce));
  out.replace(begin, kSpoolHeaderBytes, header);
}

Result<SpoolReader> SpoolReader::open(Disk& disk, const std::filesystem::path& path,
                                      std::uint64_t nonce, std::uint64_t length) {
  DiskFile file(disk, disk.open(Disk::kHere, path.string(), O_RDONLY | O_NONBLOCK, 0));
  if (!file.open() && is_transient(errno)) return disk_error(path.string(), "open", errno);
  if (!file.open()) {
    return corrupt(fmt::format("{}: open: {}; put the file back, or start over with --fresh",
                               path.string(), error_text(errno)));
  }
  return SpoolReader(path.string(), std::move(file), nonce, length);
}

std::size_t SpoolReader::blank(std::uint64_t offset, std::size_t at) {
  const std::size_t size =
      std::min<std::size_t>(kDiskBlock - offset % kDiskBlock, buffer_.size() - at);
  std::fill_n(buffer_.begin() + static_cast<std::ptrdiff_t>(at), size, '\0');
  return size;
}

Result<std::string_view> SpoolReader::view(std::uint64_t offset, std::uint64_t size) {
  size = std::min(size, length_ - offset);
  if (offset < buffered_ || offset + size > buffered_ + buffer_.size()) {
    const std::uint64_t wanted = std::min(std::max<std::uint64_t>(size, kChunk), length_ - offset);
    buffer_.resize(wanted);
    buffered_ = offset;
    bool again = false;  // after an error that may have been a passing one
    for (std::size_t got = 0; got < wanted;) {
      const ssize_t count = file_.read(buffer_.data() + got, wanted - got, offset + got);
      if (count < 0 && errno == EINTR) continue;
      const int error_number = count < 0 ? errno : 0;
      const bool damaged = failure_of(error_number) == Failure::kDisk;
      if (damaged && !std::exchange(again, true)) continue;
      if (count < 0 && !damaged) {
        buffer_.clear();  // what it holds is not what buffered_ says
        return disk_error(path_, fmt::format("read at byte {}", offset + got), error_number);
      }
      if (count == 0) buffer_.resize(got);  // shorter than it should be
      if (count == 0) break;
      // A block that the disk has lost is damage like any other: no start would ever get past it.
      got += count > 0 ? static_cast<std::size_t>(count) : blank(offset + got, got);
      again = false;
    }
  }
  return std::string_view(buffer_).substr(
      std::min<std::uint64_t>(offset - buffered_, buffer_.size()), size);
}

Result<std::optional<SpoolReader::Header>> SpoolReader::header_at(std::uint64_t offset) {
  const Result<std::string_view> bytes = view(offset, kSpoolHeaderBytes);
  if (!bytes) return bytes.error();
  BinaryReader reader(*bytes);
  Header header;
  if (reader.number<std::uint32_t>() != kMagic) return std::optional<Header>();
  header.key_size = reader.number<std::uint32_t>();
  header.index = reader.number<std::uint32_t>();
  header.group = reader.number<std::uint32_t>();
  header.size = reader.number<std::uint64_t>();
  header.body_hash = reader.number<std::uint64_t>();
  const std::uint64_t header_hash = reader.number<std::uint64_t>();
  if (!reader.ok() || header_hash != hash64(bytes->substr(0, kSpoolHeaderBytes - 8), nonce_)) {
    return std::optional<Header>();
  }
  const std::uint64_t left = length_ - offset - kSpoolHeaderBytes;
  if (header.key_size > left || header.size > left - header.key_size) {
    return std::optional<Header>();
  }
  if (header.index < least_index_) return std::optional<Header>();
  return std::optional(header);
}

Result<std::uint64_t> SpoolReader::next_header(std::uint64_t offset) {
  while (offset + kSpoolHeaderBytes <= length_) {
    // What is there is searched to its end before more is read: documents may be full of the mark.
    const bool buffered =
        offset >= buffered_ && offset + kSpoolHeaderBytes <= buffered_ + buffer_.size();
    const Result<std::string_view> bytes =
        view(offset, buffered ? buffered_ + buffer_.size() - offset : kChunk);
    if (!bytes) return bytes.error();
    const std::size_t found = bytes->find(kMagicBytes);
    if (found == bytes->npos) {
      if (bytes->size() < kMagicBytes.size()) break;
      offset += bytes->size() - kMagicBytes.size() + 1;  // the last bytes may be half of it
      continue;
    }
    offset += found;
    const auto header = header_at(offset);
    if (!header) return header.error();
    if (*header) return offset;
    ++offset;
  }
  return length_;
}

Result<SpoolReader::Step> SpoolReader::next() {
  if (offset_ >= length_) return Step{State::kEnd, length_, 0, {}};
  const std::uint64_t begin = offset_;
  const auto header = header_at(begin);
  if (!header) return header.error();
  if (!*header) {
    const Result<std::uint64_t> next = next_header(begin + 1);
    if (!next) return next.error();
    offset_ = *next;
    return Step{State::kDamage, begin, offset_ - begin, {}};
  }
  const std::uint64_t size = kSpoolHeaderBytes + (*header)->key_size + (*header)->size;
  const Result<std::string_view> whole = view(begin, size);
  if (!whole) return whole.error();
  offset_ = begin + size;
  least_index_ = std::uint64_t{(*header)->index} + 1;
  const std::string_view body =
      whole->substr(std::min<std::uint64_t>(kSpoolHeaderBytes, whole->size()));
  if (whole->size() < size || hash64(body, nonce_) != (*header)->body_hash) {
    return Step{State::kDamage, begin, size, {}};
  }
  return Step{State::kRecord,
              begin,
              size,
              {(*header)->index, (*header)->group, body.substr(0, (*header)->key_size),
               body.substr((*header)->key_size)}};
}

}  // namespace docmill

#include "shared/store/sink_requests.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

#include "shared/store/append_file.h"
#include "shared/store/disk_reserve.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"
#include "shared/store/ledger_place.h"
#include "shared/store/ledger_store.h"
#include "shared/store/system_disk.h"

namespace docmill {
namespace {

// The name of the file; behind it the name of the sink. Its text is the present ledger, in hex.
constexpr std::string_view kForget = "forget-sink.";
constexpr std::string_view kAccept = "accept-sink.";

// For the command that waits for it; it may be lost.
constexpr std::string_view kDecision = "sink-decision";

std::string name_of(const SinkRequest& request) {
  return fmt::format("{}{}", request.verb == SinkVerb::kForget ? kForget : kAccept, request.sink);
}

Result<SinkRequest> read_request(const std::filesystem::path& path) {
  const std::string name = path.filename();
  const bool forget = name.starts_with(kForget);
  SinkRequest request{forget ? SinkVerb::kForget : SinkVerb::kAccept,
                      name.substr(forget ? kForget.size() : kAccept.size()), 0};
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), request.present, 16);
  if (!file || failed != std::errc() || end != text.data() + text.size() || text.empty()) {
    return corrupt(
        fmt::format("{}: expected the number of a ledger, found '{}'; remove the file and "
                    "run docmill sink again",
                    path.string(), text.substr(0, 40)));
  }
  return request;
}

Result<void> remove_request(const std::filesystem::path& folder, const SinkRequest& request) {
  const std::filesystem::path path = folder / name_of(request);
  std::error_code failed;
  std::filesystem::remove(path, failed);
  if (failed) {
    return file_error(path.string(), "remove", failed.value(),
                      "let this user write in the state folder");
  }
  SystemDisk disk;
  return sync_folder(disk, folder);
}

Result<void> write_request(Disk& disk, const std::filesystem::path& folder,
                           const SinkRequest& request) {
  const std::filesystem::path path = folder / name_of(request);
  const std::string begun = fmt::format("{}/new-{}", folder.string(), name_of(request));
  std::error_code failed;
  std::filesystem::remove(begun, failed);
  auto file = AppendFile::open(disk, begun, std::nullopt);
  if (!file) return file.error();
  file->append(fmt::format("{:016x}", request.present));
  if (auto synced = file->sync(); !synced) return synced;
  std::filesystem::rename(begun, path, failed);
  if (failed) {
    return file_error(path.string(), "rename", failed.value(),
                      "let this user write in the state folder");
  }
  return sync_folder(disk, folder);
}

// The producer is told of no commit meanwhile, so a whole ledger has all that it was told of.
SinkDecision accept_here(ProducerState& state, const std::filesystem::path& folder,
                         const std::string& sink, const StateFolder::LockWait& wait) {
  SystemDisk disk;
  const auto ledger = ledger_here(disk, folder.parent_path(), sink, wait);
  if (!ledger) return {Decided::kRefused, ledger.error().text, {}};
  return accept_sink(state, sink, *ledger);
}

}  // namespace

Result<std::optional<LedgerState>> ledger_here(Disk& disk, const std::filesystem::path& state,
                                               const std::string& sink,
                                               const StateFolder::LockWait& wait) {
  if (!LedgerPlace(disk, state / sink).exists()) return std::optional<LedgerState>();
  auto folder = StateFolder::open(disk, state, sink, wait);
  if (!folder) {
    const std::int64_t process = StateFolder::process_of(disk, state, sink);
    if (process == 0) return folder.error();
    return config_error(fmt::format(
        "{}: expected a sink that does not run, so that its ledger can be compared with "
        "what it acknowledged, got process {}; stop {} and run this again",
        (state / sink).string(), process, sink));
  }
  auto store = LedgerStore::open(*folder);
  if (!store) return store.error();
  auto ledger = store->state();
  if (!ledger) return ledger.error();
  return std::optional(std::move(*ledger));
}

Result<void> put_request(const std::filesystem::path& folder, const SinkRequest& request) {
  SystemDisk disk;
  // The documents of a lost sink may be what fills the disk.
  return DiskReserve(disk, folder).with_room([&] { return write_request(disk, folder, request); });
}

Result<std::vector<SinkRequest>> requests_in(const std::filesystem::path& folder) {
  std::vector<SinkRequest> requests;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kForget) && !name.starts_with(kAccept)) continue;
    auto request = read_request(entry.path());
    if (!request) return request.error();
    requests.push_back(std::move(*request));
  }
  return requests;
}

Result<std::vector<SinkDecision>> apply_requests(const std::filesystem::path& folder,
                                                 ProducerStore& store, ProducerState& state,
                                                 const std::vector<std::string>& active,
                                                 const StateFolder::LockWait& wait) {
  auto requests = requests_in(folder);
  if (!requests) return requests.error();
  std::vector<SinkDecision> decisions;
  for (const SinkRequest& request : *requests) {
    const SinkDecision decision = request.verb == SinkVerb::kForget
                                      ? forget_sink(state, request.sink, active, request.present)
                                      : accept_here(state, folder, request.sink, wait);
    if (decision.decided == Decided::kDone) {
      if (auto kept = store.replace_sinks(state, decision.lost); !kept) return kept.error();
    }
    std::ofstream(folder / kDecision, std::ios::binary | std::ios::trunc)
        << fmt::format("{} {}", static_cast<int>(decision.decided), decision.text);
    if (auto removed = remove_request(folder, request); !removed) return removed.error();
    decisions.push_back(decision);
  }
  return decisions;
}

std::optional<SinkDecision> last_decision(const std::filesystem::path& folder) {
  std::ifstream file(folder / kDecision, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.size() < 2 || text[0] < '0' || text[0] > '2') return std::nullopt;
  return SinkDecision{static_cast<Decided>(text[0] - '0'), text.substr(2), {}};
}

}  // namespace docmill

// FileClaims: which of the producers that share a path reads a file - the marks that they leave for
// one another in a folder that all of them see.
//
// A claim is a name in that folder, made of the file's path, and says "claim 1 PRODUCER EPOCH\n".
// It holds until the file has left its place, if it ever does: a path is read once, by whoever was
// first. Each producer writes one such file,
// syncs it, and makes links to it. So a claim appears with all of its content or not at all, also
// after a power cut; a file that is made with O_EXCL and written then would be empty for an
// instant, or for ever, and nobody could tell whose it is. link() fails where the name is taken, on
// network file systems too.
//
// One thread; a resource. Errors: kUnavailable, no room; kConfig, the folder cannot be used;
// kCorrupt, a claim that no producer of this pipeline can have made.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "shared/base/result.h"

namespace docmill {

class FileClaims {
 public:
  // The folder must be there: one that is made where a disk is not mounted would be seen by nobody
  // else. epoch: of the producer's state; claims of an earlier one of the same name are taken over.
  static Result<std::unique_ptr<FileClaims>> open(const std::filesystem::path& folder,
                                                  std::string producer, std::uint64_t epoch);
  ~FileClaims();
  FileClaims(const FileClaims&) = delete;
  FileClaims& operator=(const FileClaims&) = delete;

  // The name of the producer that reads the file of this path: this one's, if nobody had claimed
  // it. A new claim is durable after sync().
  Result<std::string> claim(const std::string& path);
  // The name of the producer that has claimed the file; empty: none.
  Result<std::string> holder(const std::string& path);
  // Gives back what claim() gave to this producer.
  Result<void> release(const std::string& path);
  // The same where it may have been given back before: a claim of somebody else stays.
  Result<void> give_back(const std::string& path);
  Result<void> sync();

  const std::string& producer() const { return producer_; }

  // The name of the claim of that path. Paths of up to 200 bytes, encoded, never share one.
  static std::string name_of(const std::string& path);

 private:
  FileClaims(std::filesystem::path folder, std::string producer, std::uint64_t epoch);

  Result<void> write_own();
  Result<void> refuse_inputs_of(const std::string& path);
  // Who has the claim that is there; empty: it is gone.
  Result<std::string> owner(const std::string& claim);
  // The same for a claim that cannot be opened because it is missing.
  static Result<std::string> gone(const std::string& claim);
  Result<void> take_over(const std::string& claim);
  // 0 or the error number.
  int link_to(const std::string& name);

  std::filesystem::path folder_;
  std::string producer_;
  std::uint64_t epoch_;
  std::string own_;   // what the claims are links to
  std::string seen_;  // the folder of inputs that was looked at last
  bool changed_ = false;
};

}  // namespace docmill

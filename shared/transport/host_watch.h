// HostWatch: the addresses that names stand for, looked up now and then.
//
// A lookup takes as long as the network likes, so a thread of its own does it; it is left alone at
// the end, and ends when its lookup does. Where no thread can be started, every name has an error,
// and the next call tries again. One thread asks; a resource.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/units.h"

namespace docmill {

class HostWatch {
 public:
  // As they stand in a tcp address: "10.0.0.7", "[fd00::7]".
  using Addresses = std::set<std::string>;
  using Lookup = std::function<Result<Addresses>(const std::string& host)>;

  // The system's: of a name with addresses of both kinds those of IPv4, since both lead to the same
  // machine. Unavailable, with the system's words, when there are none.
  static Result<Addresses> look_up(const std::string& host);
  // Whether it is a name, rather than an address or "*".
  static bool is_name(const std::string& host);

  HostWatch(std::set<std::string> hosts, Duration every, Lookup lookup);
  ~HostWatch();
  HostWatch(HostWatch&&) = default;
  HostWatch& operator=(HostWatch&&) = delete;

  // What was found of each name, when it has changed since the last call. Waits until something
  // has changed, at most so long.
  std::map<std::string, Result<Addresses>> take(Duration most = Duration::zero());

 private:
  struct Shared;
  static void run(const std::shared_ptr<Shared>& shared);
  void start();

  std::shared_ptr<Shared> shared_;
};

}  // namespace docmill

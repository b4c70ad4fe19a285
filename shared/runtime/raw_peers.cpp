#include "shared/runtime/raw_peers.h"

namespace docmill {

Result<std::optional<CurveClient>> raw_curve(const std::optional<RawCurve>& curve) {
  if (!curve) return std::optional<CurveClient>();
  auto own = read_secret_key(key_path(curve->keys, curve->name, kSecretEnding),
                             "make it with docmill keygen");
  if (!own) return own.error();
  auto server = read_public_key(key_path(curve->keys, curve->server, kPublicEnding),
                                "put the peer's public key there");
  if (!server) return server.error();
  return std::optional(CurveClient{std::move(*own), std::move(*server)});
}

std::vector<std::string> raw_addresses(const std::vector<std::string>& addresses,
                                       const std::string& name) {
  std::vector<std::string> expanded;
  for (std::filesystem::path address : addresses) {
    for (const char* role : {"producer", "transformer", "sink"}) {
      address = expand(address, role, name);
    }
    expanded.push_back(address.string());
  }
  return expanded;
}

}  // namespace docmill

// KeyPair: who a daemon is, to the others: a public key that they know and the secret one to it.
//
// Keys are 40 characters of Z85, as everywhere in ZeroMQ. Values; any thread.
#pragma once

#include <string>
#include <string_view>

namespace docmill {

struct KeyPair {
  std::string public_key;
  std::string secret_key;
};

// A new one, from the kernel's randomness.
KeyPair make_key_pair();
// 40 characters of Z85 that stand for 32 bytes.
bool is_key(std::string_view text);
// The public key to a secret one, for which is_key() holds.
std::string public_key_of(const std::string& secret_key);
// The Z85 of 32 bytes.
std::string key_text(std::string_view bytes);

}  // namespace docmill

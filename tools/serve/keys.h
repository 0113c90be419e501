// Who may use a server, and how much.
#ifndef TESSERA_TOOLS_SERVE_KEYS_H_
#define TESSERA_TOOLS_SERVE_KEYS_H_

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/serve/sha256.h"

namespace tessera::tools::serve {

// Somebody with a key.
class Holder {
 public:
  using Clock = std::chrono::steady_clock;

  Holder(std::string name, Digest digest, std::size_t characters_a_minute);

  const std::string& name() const { return name_; }
  const Digest& digest() const { return digest_; }

  // Takes characters from what a minute gives; 0 a minute: as many as wanted.
  // Whoever has any left may run into debt by one request. nullopt: they were
  // taken. Otherwise: when there are some again.
  std::optional<std::chrono::seconds> Spend(std::size_t characters,
                                            Clock::time_point now);

 private:
  std::string name_;
  Digest digest_;
  double a_minute_;
  double left_;
  Clock::time_point filled_ = Clock::now();
};

class Keys {
 public:
  Keys() = default;
  // Lines of
  //   SHA-256 of the key, in hexadecimal digits; a name for logs; maybe the
  //   characters that it may translate in a minute
  // with spaces between. Empty lines and those that begin with # say nothing.
  // Throws Error, naming the line.
  static Keys Read(const std::filesystem::path& file);
  static Keys Parse(const std::string& where, std::string_view text);

  bool empty() const { return holders_.empty(); }
  // Null if nobody has the key. Takes the same time for any.
  Holder* Find(std::string_view key);

 private:
  std::vector<Holder> holders_;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_KEYS_H_

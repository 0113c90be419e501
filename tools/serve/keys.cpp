// A token bucket each: a minute's characters at most, refilled as time goes by.
#include "tools/serve/keys.h"

#include <tessera/error.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "models/files/message.h"

namespace tessera::tools::serve {
namespace {

using models::Cat;

std::optional<Digest> ParseDigest(const std::string& text) {
  Digest digest;
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const char* const begin = text.data() + 2 * i;
    const auto [stop, error] = std::from_chars(begin, begin + 2, digest[i], 16);
    if (error != std::errc() || stop != begin + 2) return std::nullopt;
  }
  return digest;
}

}  // namespace

Holder::Holder(std::string name, Digest digest, std::size_t characters_a_minute)
    : name_(std::move(name)),
      digest_(digest),
      a_minute_(static_cast<double>(characters_a_minute)),
      left_(a_minute_) {}

std::optional<std::chrono::seconds> Holder::Spend(std::size_t characters,
                                                  Clock::time_point now) {
  if (a_minute_ == 0) return std::nullopt;
  const double minutes =
      std::chrono::duration<double, std::ratio<60>>(now - filled_).count();
  left_ = std::min(a_minute_, left_ + minutes * a_minute_);
  filled_ = now;
  if (left_ <= 0) {
    const double seconds = 60 * (1 - left_) / a_minute_;
    return std::chrono::seconds(static_cast<long long>(std::ceil(seconds)));
  }
  left_ -= static_cast<double>(characters);
  return std::nullopt;
}

Keys Keys::Read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  if (!stream) models::Refuse(file.string(), "to read keys", "no such file");
  Keys keys = Parse(file.string(), text);
  if (keys.empty()) models::Refuse(file.string(), "keys", "none");
  return keys;
}

Keys Keys::Parse(const std::string& where, std::string_view text) {
  Keys keys;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    std::istringstream words(line);
    std::string digest, name, rest;
    if (!(words >> digest) || digest.starts_with('#')) continue;
    std::size_t characters = 0;
    const auto parsed = ParseDigest(digest);
    const bool named = static_cast<bool>(words >> name);
    if (words >> rest) {
      const char* const end = rest.data() + rest.size();
      const auto [stop, error] = std::from_chars(rest.data(), end, characters);
      if (error != std::errc() || stop != end || characters == 0) {
        models::Refuse(Cat(where, ":", number), "characters a minute",
                       models::QuoteText(rest));
      }
    }
    if (!parsed || !named || words >> rest) {
      models::Refuse(Cat(where, ":", number),
                     "a SHA-256, a name, maybe characters a minute",
                     "something else");
    }
    keys.holders_.emplace_back(name, *parsed, characters);
  }
  return keys;
}

Holder* Keys::Find(std::string_view key) {
  const Digest digest = Sha256(key);
  Holder* found = nullptr;
  for (Holder& holder : holders_) {
    unsigned difference = 0;
    for (std::size_t i = 0; i < digest.size(); ++i) {
      difference |= static_cast<unsigned>(digest[i] ^ holder.digest()[i]);
    }
    if (difference == 0) found = &holder;
  }
  return found;
}

}  // namespace tessera::tools::serve

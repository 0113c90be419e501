// Truncation by the keys of tokenizer_config.json.
#include "engine/tokenizer/truncation.h"

#include <algorithm>
#include <string>

#include "engine/tokenizer/tokenizer.h"
#include "models/files/json.h"

namespace tessera::engine {

Truncation Truncation::Read(const models::ModelFolder& folder) {
  constexpr const char* kFile = "tokenizer_config.json";
  constexpr const char* kLength = "model_max_length";
  constexpr const char* kSide = "truncation_side";
  Truncation read;
  if (!folder.Has(kFile)) return read;
  const models::JsonObject& config = folder.Json(kFile);
  if (config.IsSet(kLength)) {
    // Tokenizers that know no limit write 1e30.
    const double longest = config.Number(kLength);
    if (!(longest >= 1)) config.Fail(kLength, "a number above 0");
    if (longest <= static_cast<double>(models::kMaxJsonInteger)) {
      read.longest = static_cast<std::size_t>(longest);
    }
  }
  if (config.IsSet(kSide)) {
    const std::string side = config.String(kSide);
    read.from_left = side == "left";
    if (!read.from_left && side != "right") {
      config.Fail(kSide, "\"left\" or \"right\"");
    }
  }
  return read;
}

std::size_t Truncation::Cut(EncodedText& text, std::size_t positions) const {
  const std::size_t fixed = text.opening + text.closing;
  const std::size_t limit = std::max(std::min(longest, positions), fixed);
  if (text.ids.size() <= limit) return 0;
  const std::size_t gone = text.ids.size() - limit;
  const auto first =
      from_left
          ? text.ids.begin() + static_cast<std::ptrdiff_t>(text.opening)
          : text.ids.end() - static_cast<std::ptrdiff_t>(text.closing + gone);
  text.ids.erase(first, first + static_cast<std::ptrdiff_t>(gone));
  return gone;
}

}  // namespace tessera::engine

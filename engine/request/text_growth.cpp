// Decoded prefixes, without what the next token may still change.
#include "engine/request/text_growth.h"

#include <algorithm>
#include <utility>

namespace tessera::engine {
namespace {

// A character that is not whole yet is decoded as U+FFFD.
std::string_view WithoutBrokenEnd(std::string_view text) {
  constexpr std::string_view kBroken = "\xEF\xBF\xBD";
  while (text.ends_with(kBroken)) text.remove_suffix(kBroken.size());
  return text;
}

std::string_view WithoutLastWord(std::string_view text) {
  const std::size_t space = text.find_last_of(' ');
  return text.substr(0, space == std::string_view::npos ? 0 : space);
}

}  // namespace

void TextGrowth::Extend(std::span<const std::int32_t> ids) {
  if (open_) {
    const auto end = std::ranges::find(ids, *open_) - ids.begin();
    ids = ids.first(static_cast<std::size_t>(end));
  }
  if (ids.size() <= told_ids_) return;
  const std::string decoded = tokenizer_.Decode(ids);
  std::string_view text = WithoutBrokenEnd(decoded);
  if (tokenizer_.moves_spaces()) text = WithoutLastWord(text);
  // A character that is not whole may take the place of what stood before it.
  Tell(ids, text.starts_with(told_) ? text : std::string_view(told_));
}

void TextGrowth::Finish(std::span<const std::int32_t> ids,
                        std::string_view text) {
  if (ids.size() > told_ids_ || text != told_) Tell(ids, text);
}

void TextGrowth::Tell(std::span<const std::int32_t> ids,
                      std::string_view text) {
  sink_({.text = text.substr(told_.size()), .ids = ids.subspan(told_ids_)});
  told_ = text;
  told_ids_ = ids.size();
}

}  // namespace tessera::engine

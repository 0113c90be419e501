// Looking up languages, and what to say of those that are not there.
#include "engine/tokenizer/languages.h"

#include <algorithm>

#include "engine/tokenizer/text.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

// Where codes stand apart: equal letters at the beginning count.
std::size_t CommonLetters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  std::size_t common = 0;
  while (common < std::min(a.size(), b.size()) &&
         lower(a[common]) == lower(b[common])) {
    ++common;
  }
  return common;
}

// Up to eight codes, those with the most letters in common first.
std::string Near(std::string_view code, std::vector<std::string> codes) {
  constexpr std::size_t kMost = 8;
  std::ranges::stable_sort(
      codes, std::ranges::greater(),
      [&](const std::string& other) { return CommonLetters(code, other); });
  std::string list;
  for (std::size_t i = 0; i < std::min(kMost, codes.size()); ++i) {
    list += (i == 0 ? "" : ", ") + codes[i];
  }
  return codes.size() > kMost ? list + ", ..." : list;
}

}  // namespace

std::int32_t LanguageTable::Id(std::string_view side,
                               const std::string& code) const {
  const auto found = ids_.find(code);
  if (found != ids_.end()) return found->second;
  const std::string want = ids_.empty() ? "none, as the model has no languages"
                                        : "one of the model's " +
                                              std::to_string(ids_.size()) +
                                              ": " + Near(code, Codes());
  throw TextError(ErrorKind::kBadLanguage,
                  std::string(side) + " language: want " + want + "; found " +
                      (code.empty() ? "none" : models::QuoteText(code)));
}

std::vector<std::string> LanguageTable::Codes() const {
  std::vector<std::string> codes;
  for (const auto& [code, id] : ids_) codes.push_back(code);
  return codes;
}

}  // namespace tessera::engine

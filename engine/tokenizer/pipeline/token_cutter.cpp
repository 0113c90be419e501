// TokenCutter: look-ups by first byte and length.
#include "engine/tokenizer/pipeline/token_cutter.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "engine/tokenizer/pipeline/segment.h"

namespace tessera::engine {
namespace {

unsigned char FirstByte(std::string_view text) {
  return static_cast<unsigned char>(text[0]);
}

bool IsWord(char32_t code) {
  const auto character = static_cast<UChar32>(code);
  const auto category = U_GET_GC_MASK(character);
  return (category & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0 ||
         u_isUAlphabetic(character) ||
         u_hasBinaryProperty(character, UCHAR_JOIN_CONTROL);
}

bool IsSpace(char32_t code) {
  return u_isUWhiteSpace(static_cast<UChar32>(code));
}

// Where the last character begins.
std::size_t LastBegin(std::string_view text) {
  std::size_t at = text.size() - 1;
  while ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

// Whether a character with a property stands before, or behind, a place.
template <class Is>
bool StandsBefore(std::string_view text, std::size_t place, const Is& is) {
  if (place == 0) return false;
  CharacterWalk walk(text.substr(LastBegin(text.substr(0, place))));
  return walk.Next() && is(walk.code());
}
template <class Is>
bool StandsBehind(std::string_view text, std::size_t place, const Is& is) {
  CharacterWalk walk(text.substr(place));
  return walk.Next() && is(walk.code());
}

}  // namespace

TokenCutter::TokenCutter(std::vector<AddedToken> tokens)
    : tokens_(std::move(tokens)) {
  for (const AddedToken& token : tokens_) {
    if (token.content.empty()) continue;
    by_content_[token.content] = &token;
    lengths_[FirstByte(token.content)].push_back(token.content.size());
  }
  for (std::vector<std::size_t>& lengths : lengths_) {
    std::ranges::sort(lengths, std::greater<>());
    lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  }
}

const AddedToken* TokenCutter::Longest(std::string_view text) const {
  for (const std::size_t length : lengths_[FirstByte(text)]) {
    if (length > text.size()) continue;
    const auto found = by_content_.find(text.substr(0, length));
    if (found != by_content_.end()) return found->second;
  }
  return nullptr;
}

std::vector<TokenCutter::Part> TokenCutter::Split(std::string_view text) const {
  std::vector<Part> parts;
  std::size_t done = 0;
  const auto add = [&](std::size_t end, const AddedToken* token) {
    if (done < end) parts.push_back({text.substr(done, end - done), token});
    done = std::max(done, end);
  };
  for (std::size_t at = 0; at < text.size();) {
    const AddedToken* const token = Longest(text.substr(at));
    if (token == nullptr) {
      ++at;
      continue;
    }
    std::size_t begin = at, end = at + token->content.size();
    at = end;
    const bool inside_word =
        token->single_word &&
        (StandsBefore(text, begin, IsWord) || StandsBehind(text, end, IsWord));
    if (!token->in_texts || inside_word) continue;
    while (token->lstrip && begin > done &&
           StandsBefore(text, begin, IsSpace)) {
      begin = LastBegin(text.substr(0, begin));
    }
    while (token->rstrip && StandsBehind(text, end, IsSpace)) {
      CharacterWalk walk(text.substr(end));
      walk.Next();
      end += walk.range().end;
    }
    add(begin, nullptr);
    add(end, token);
  }
  add(text.size(), nullptr);
  return parts;
}

}  // namespace tessera::engine

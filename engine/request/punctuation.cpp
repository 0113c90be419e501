// Moses' substitutions, one after another.
#include "engine/request/punctuation.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/tokenizer/text.h"

namespace tessera::engine {
namespace {

using Rule = std::pair<std::string_view, std::string_view>;

constexpr std::string_view kNoBreak = "\u00A0";

void ReplaceAll(std::string_view from, std::string_view to, std::string& text) {
  std::string replaced;
  std::size_t begin = 0;
  for (std::size_t at = 0; (at = text.find(from, begin)) != std::string::npos;
       begin = at + from.size()) {
    replaced.append(text, begin, at - begin).append(to);
  }
  if (begin > 0) text = replaced.append(text, begin);
}

template <std::size_t kSize>
void Replace(const Rule (&rules)[kSize], std::string& text) {
  for (const auto& [from, to] : rules) ReplaceAll(from, to, text);
}

void JoinSpaces(std::string& text) {
  const auto both = [](char a, char b) { return a == ' ' && b == ' '; };
  text.erase(std::unique(text.begin(), text.end(), both), text.end());
}

bool EndsWithDigit(std::string_view text) {
  return !text.empty() && u_isdigit(LastCharacter(text));
}

// "5 %" as "5%".
void JoinPercent(std::string& text) {
  std::size_t at = 0;
  while ((at = text.find(" %", at)) != std::string::npos) {
    if (EndsWithDigit(std::string_view(text).substr(0, at))) text.erase(at, 1);
    ++at;
  }
}

// No-break spaces between two digits; of "1 2 3" the first, because a digit is
// read once.
void ReplaceBetweenDigits(std::string_view to, std::string& text) {
  const std::string_view all = text;
  std::string replaced;
  std::size_t copied = 0, read = 0, at = 0;
  while ((at = all.find(kNoBreak, at)) != std::string::npos) {
    const std::string_view before = all.substr(read, at - read);
    const std::size_t next = at + kNoBreak.size();
    const std::string_view after = all.substr(next);
    const UChar32 digit = after.empty() ? 0 : FirstCharacter(after);
    if (EndsWithDigit(before) && u_isdigit(digit)) {
      replaced.append(all, copied, at - copied).append(to);
      copied = next;
      at = read = next + static_cast<std::size_t>(U8_LENGTH(digit));
    } else {
      at = next;
    }
  }
  if (copied > 0) text = replaced.append(all, copied);
}

// "\"..," as "..,\"".
void PutQuotesBehind(std::string& text) {
  for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos;) {
    const std::size_t end =
        std::min(text.find_first_not_of(",.", at + 1), text.size());
    std::rotate(text.begin() + static_cast<std::ptrdiff_t>(at),
                text.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                text.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
  }
}

// "..\"" as "\"..", unless the text or a tag follows.
void PutQuotesBefore(std::string& text) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r";
  for (std::size_t at = 0; (at = text.find('.', at)) != std::string::npos;) {
    const std::size_t quote = text.find_first_not_of('.', at);
    if (quote == std::string::npos) return;
    const std::size_t next = quote + 1;
    if (text[quote] != '"' || next == text.size() || text[next] == '<') {
      at = quote;
      continue;
    }
    text.erase(quote, 1).insert(at, 1, '"');
    const std::size_t word = text.find_first_not_of(kSpaces, next);
    at = word == std::string::npos ? text.size()
         : text[word] == '<'       ? word
                                   : word + 1;
  }
}

constexpr Rule kBrackets[] = {{"\r", ""}, {"(", " ("}, {")", ") "}};
constexpr Rule kMarksBehindBrackets[] = {
    {") .", ")."}, {") !", ")!"}, {") :", "):"}, {") ?", ")?"},
    {") ;", ");"}, {") ,", "),"}, {"( ", "("},   {" )", ")"}};
constexpr Rule kColonsAndPenn[] = {
    {" :", ":"}, {" ;", ";"}, {"`", "'"}, {"''", " \" "}};
constexpr Rule kQuotesAndDashes[] = {
    {"„", "\""}, {"“", "\""}, {"”", "\""}, {"–", "-"}, {"—", " - "}};
constexpr Rule kApostrophes[] = {{"´", "'"}, {"‘", "'"},   {"‚", "'"},
                                 {"’", "'"}, {"''", "\""}, {"…", "..."}};
constexpr Rule kFrenchQuotes[] = {
    {"\u00A0«\u00A0", "\""}, {"«\u00A0", "\""}, {"«", "\""},
    {"\u00A0»\u00A0", "\""}, {"\u00A0»", "\""}, {"»", "\""}};
constexpr Rule kPseudoSpaces[] = {
    {"\u00A0%", "%"},    {"nº\u00A0", "nº "}, {"\u00A0:", ":"},
    {"\u00A0ºC", " ºC"}, {"\u00A0cm", " cm"}, {"\u00A0?", "?"},
    {"\u00A0!", "!"},    {"\u00A0;", ";"},    {",\u00A0", ", "}};
constexpr Rule kCommaBehindQuote[] = {{",\"", "\","}};

}  // namespace

std::string NormalizePunctuation(std::string_view text,
                                 std::string_view language) {
  std::string normal(text);
  Replace(kBrackets, normal);
  JoinSpaces(normal);
  Replace(kMarksBehindBrackets, normal);
  JoinPercent(normal);
  Replace(kColonsAndPenn, normal);
  Replace(kQuotesAndDashes, normal);
  JoinSpaces(normal);
  Replace(kApostrophes, normal);
  Replace(kFrenchQuotes, normal);
  Replace(kPseudoSpaces, normal);
  JoinSpaces(normal);
  const auto is = [&](auto... codes) { return ((language == codes) || ...); };
  if (is("en")) PutQuotesBehind(normal);
  if (is("de", "es", "fr")) {
    Replace(kCommaBehindQuote, normal);
    PutQuotesBefore(normal);
  }
  ReplaceBetweenDigits(is("de", "es", "fr", "cs", "cz") ? "," : ".", normal);
  return std::string(StripSpace(normal));
}

}  // namespace tessera::engine

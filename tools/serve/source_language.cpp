// A detector's codes are BCP 47's, a model's those of its makers.
#include "tools/serve/source_language.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "tools/serve/http.h"
#include "tools/serve/language_detector.h"

namespace tessera::tools::serve {
namespace {

// Enough for a detector.
constexpr std::size_t kMaxBytes = 4096;

// Others for the same language: CLD2 has the older codes, LibreTranslate "zt",
// NLLB "eng_Latn".
std::vector<std::string> Spellings(const std::string& code) {
  std::vector<std::string> all = {code};
  const auto alias = [&](const char* one, const char* other) {
    if (code == one) all.emplace_back(other);
  };
  alias("iw", "he");
  alias("jw", "jv");
  alias("no", "nb");
  alias("zh-hant", "zt");
  all.push_back(code.substr(0, code.find('-')));
  UErrorCode error = U_ZERO_ERROR;
  icu::Locale locale(code.c_str());
  locale.addLikelySubtags(error);
  const std::string three = locale.getISO3Language();
  if (U_FAILURE(error) || three.empty()) return all;
  all.push_back(three);
  all.push_back(three + "_" + Lower(locale.getScript()));
  return all;
}

// The code as the models have it; empty if none of them does.
std::string KnownCode(const Service& service, const std::string& code) {
  for (const std::string& spelling : Spellings(code)) {
    if (service.targets.contains(spelling)) return spelling;
  }
  return {};
}

void AddWords(const std::string& text, std::optional<MarkupKind> markup,
              std::string& words) {
  if (!markup) {
    words += text;
    return;
  }
  MarkupTokenizer tokenizer(text, *markup);
  while (const auto token = tokenizer.Next()) {
    if (words.size() > kMaxBytes) return;
    if (token->kind == MarkupToken::Kind::kText) words += token->bytes;
  }
}

bool HasWords(const std::string& text) {
  const auto characters = icu::UnicodeString::fromUTF8(text);
  for (std::int32_t at = 0; at < characters.length();
       at = characters.moveIndex32(at, 1)) {
    if (u_isalnum(characters.char32At(at))) return true;
  }
  return false;
}

}  // namespace

std::vector<SourceLanguage> DetectSources(const Service& service,
                                          const std::vector<std::string>& texts,
                                          std::optional<MarkupKind> markup) {
  std::string words;
  for (const std::string& text : texts) {
    AddWords(text, markup, words);
    if (words.size() > kMaxBytes) break;
    words += '\n';
  }
  std::vector<SourceLanguage> sources;
  for (const DetectedLanguage& found : DetectLanguages(words)) {
    std::string code = KnownCode(service, found.code);
    if (code.empty()) continue;
    const auto same = std::ranges::find(sources, code, &SourceLanguage::code);
    if (same != sources.end()) continue;
    sources.push_back({std::move(code), found.confidence, found.sure});
  }
  return sources;
}

SourceLanguage AssumedSource(const Service& service) {
  std::string common = CommonSource(service);
  if (common.empty() && CanDetectLanguages()) common = "en";
  return {.code = std::move(common)};
}

std::optional<SourceChoice> ChooseSource(
    const Service& service, const std::vector<std::string>& texts,
    const std::vector<SourceLanguage>& detected, const std::string& target) {
  if (std::ranges::none_of(texts, HasWords)) {
    SourceLanguage assumed = AssumedSource(service);
    if (assumed.code.empty()) assumed.code = "en";
    return SourceChoice{std::move(assumed)};
  }
  for (const SourceLanguage& source : detected) {
    if (source.code == target && source.sure) return SourceChoice{source};
    Route route = FindRoute(service, source.code, target);
    if (!route.empty()) return SourceChoice{source, std::move(route)};
  }
  Route route = FindRoute(service, "", target);
  if (!route.empty()) {
    SourceLanguage only = {.code = route.front().source};
    return SourceChoice{std::move(only), std::move(route)};
  }
  SourceLanguage assumed = AssumedSource(service);
  route = FindRoute(service, assumed.code, target);
  if (route.empty()) return std::nullopt;
  return SourceChoice{std::move(assumed), std::move(route)};
}

}  // namespace tessera::tools::serve

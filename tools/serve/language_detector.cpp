// By CLD2, whose tables are a part of its library.
#include "tools/serve/language_detector.h"

#include <cstdio>  // which the next one lacks
//
#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include <algorithm>
#include <cstddef>

#include "tools/serve/http.h"

namespace tessera::tools::serve {
namespace {

constexpr std::size_t kMaxBytes = 4096;

// Up to the last character that is whole.
std::string_view Begin(std::string_view text) {
  if (text.size() <= kMaxBytes) return text;
  std::size_t size = kMaxBytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
    --size;
  }
  return text.substr(0, size);
}

std::vector<DetectedLanguage> Detect(std::string_view text, bool guess) {
  constexpr std::size_t kMost = 3;
  CLD2::Language languages[kMost];
  int percents[kMost];
  double scores[kMost];
  int bytes = 0, valid_bytes = 0;
  bool is_reliable = false;
  const CLD2::CLDHints no_hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING,
                                   CLD2::UNKNOWN_LANGUAGE};
  constexpr bool kPlainText = true;
  CLD2::ExtDetectLanguageSummaryCheckUTF8(
      text.data(), static_cast<int>(text.size()), kPlainText, &no_hints,
      guess ? CLD2::kCLDFlagBestEffort : 0, languages, percents, scores,
      nullptr, &bytes, &is_reliable, &valid_bytes);
  if (static_cast<std::size_t>(valid_bytes) < text.size()) return {};
  std::vector<DetectedLanguage> found;
  for (std::size_t i = 0; i < kMost; ++i) {
    if (languages[i] == CLD2::UNKNOWN_LANGUAGE) continue;
    found.push_back({.code = Lower(CLD2::LanguageCode(languages[i])),
                     .confidence = guess ? percents[i] / 2.0 : percents[i],
                     .sure = !guess && is_reliable});
  }
  return found;
}

}  // namespace

bool CanDetectLanguages() { return true; }

std::vector<DetectedLanguage> DetectLanguages(std::string_view text) {
  text = Begin(text);
  std::vector<DetectedLanguage> found = Detect(text, false);
  return found.empty() ? Detect(text, true) : found;
}

}  // namespace tessera::tools::serve

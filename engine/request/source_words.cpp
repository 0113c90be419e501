// Parts of a text through its tokenizer, and ICU's boundaries of words.
#include "engine/request/source_words.h"

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <algorithm>
#include <memory>
#include <string>

#include "engine/tokenizer/text.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

// The beginnings of a longer part are not tried: the time grows with the square
// of its bytes.
constexpr std::size_t kMaxPartBytes = 256;

void Require(UErrorCode status) {
  if (U_SUCCESS(status)) return;
  models::Refuse("ICU", "its rules of words", u_errorName(status));
}

// Reading the rules takes a millisecond, so that each thread does it once.
icu::BreakIterator& Boundaries() {
  thread_local const std::unique_ptr<icu::BreakIterator> boundaries = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
    Require(status);
    return made;
  }();
  return *boundaries;
}

bool BeginsCharacter(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

bool BeginsWith(const std::vector<std::int32_t>& ids,
                const std::vector<std::int32_t>& beginning) {
  return beginning.size() <= ids.size() &&
         std::equal(beginning.begin(), beginning.end(), ids.begin());
}

}  // namespace

SourceWords::SourceWords(const Tokenizer& tokenizer, const Languages& languages,
                         std::string_view text, std::size_t truncated)
    : tokenizer_(tokenizer), languages_(languages), text_(text) {
  const EncodedText encoded = tokenizer.EncodeFor(languages, text);
  opening_ = encoded.opening;
  ids_.assign(
      encoded.ids.begin() + static_cast<std::ptrdiff_t>(encoded.opening),
      encoded.ids.end() - static_cast<std::ptrdiff_t>(encoded.closing));
  const bool from_left = tokenizer.truncation().from_left;
  first_ = from_left ? truncated : 0;
  end_ = ids_.size() - (from_left ? 0 : truncated);
  // Byte-level pairs have the space in front of a word in its token;
  // SentencePiece may keep two where a word that stands alone gets one.
  if (!Cut(true) && !Cut(false)) parts_.clear();
}

std::vector<std::int32_t> SourceWords::TextIds(std::string_view text) const {
  const EncodedText encoded = tokenizer_.EncodeFor(languages_, text);
  if (encoded.empty) return {};
  return {encoded.ids.begin() + static_cast<std::ptrdiff_t>(encoded.opening),
          encoded.ids.end() - static_cast<std::ptrdiff_t>(encoded.closing)};
}

// Whether the ids of the parts, with the space in front of them or without, are
// those of the text.
bool SourceWords::Cut(bool with_space) {
  parts_.clear();
  std::size_t before = 0, ids = 0;
  for (const std::string_view word : SplitSpace(text_)) {
    const auto begin = static_cast<std::size_t>(word.data() - text_.data());
    Part part = {.range = {with_space ? before : begin, begin + word.size()},
                 .ids = {}};
    before = part.range.end;
    part.ids = TextIds(
        text_.substr(part.range.begin, part.range.end - part.range.begin));
    if (ids + part.ids.size() > ids_.size() ||
        !std::equal(part.ids.begin(), part.ids.end(),
                    ids_.begin() + static_cast<std::ptrdiff_t>(ids))) {
      return false;
    }
    ids += part.ids.size();
    parts_.push_back(std::move(part));
  }
  return ids == ids_.size();
}

// The bytes of a token, without white space in front; none if not known. A
// beginning of its part with n tokens, the part's first, ends token n - 1 and
// begins token n.
SourceWords::Range SourceWords::RangeOf(std::size_t token) const {
  for (const Part& part : parts_) {
    if (token >= part.ids.size()) {
      token -= part.ids.size();
      continue;
    }
    Range range = part.range;
    const std::string_view bytes =
        text_.substr(range.begin, range.end - range.begin);
    std::size_t tokens = 0;  // of the beginning that ends the token
    for (std::size_t size = 1;
         size < bytes.size() && bytes.size() <= kMaxPartBytes; ++size) {
      if (!BeginsCharacter(bytes[size])) continue;
      const std::vector<std::int32_t> ids = TextIds(bytes.substr(0, size));
      if (!BeginsWith(part.ids, ids)) continue;
      if (ids.size() <= token && tokens == 0) {
        range.begin = part.range.begin + size;
      }
      if (ids.size() > token && (tokens == 0 || tokens == ids.size())) {
        tokens = ids.size();
        range.end = part.range.begin + size;
      }
    }
    if (tokens == 0 || tokens == part.ids.size()) range.end = part.range.end;
    const std::string_view found =
        StripSpaceBegin(text_.substr(range.begin, range.end - range.begin));
    range.begin = range.end - found.size();
    return range;
  }
  return {0, 0};
}

// With the rest of the words (Unicode Standard Annex 29) that it is part of.
SourceWords::Range SourceWords::Widened(Range range) const {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UText, decltype(&utext_close)> bytes(
      utext_openUTF8(nullptr, text_.data(),
                     static_cast<std::int64_t>(text_.size()), &status),
      utext_close);
  Require(status);
  icu::BreakIterator& boundaries = Boundaries();
  boundaries.setText(bytes.get(), status);
  Require(status);
  const auto begin = static_cast<std::int32_t>(range.begin);
  const auto end = static_cast<std::int32_t>(range.end);
  if (boundaries.isBoundary(begin) == 0) {
    range.begin = static_cast<std::size_t>(boundaries.preceding(begin));
  }
  if (boundaries.isBoundary(end) == 0) {
    range.end = static_cast<std::size_t>(boundaries.following(end));
  }
  return range;
}

std::vector<UnknownWord> SourceWords::Unknown() const {
  std::vector<UnknownWord> unknown;
  Range last = {0, 0};
  for (std::size_t token = first_; token < end_; ++token) {
    if (ids_[token] != tokenizer_.source_unknown()) continue;
    const Range range = RangeOf(token);
    if (range == last || range.begin == range.end) continue;
    last = range;
    unknown.push_back({.text = std::string(
                           text_.substr(range.begin, range.end - range.begin)),
                       .begin = range.begin,
                       .end = range.end});
  }
  return unknown;
}

std::string_view SourceWords::Attended(std::span<const float> weights) const {
  const std::size_t tokens = end_ - first_;
  if (tokens == 0 || weights.size() < opening_ + tokens) return {};
  const auto own = weights.subspan(opening_, tokens);
  const std::size_t token =
      first_ +
      static_cast<std::size_t>(std::ranges::max_element(own) - own.begin());
  Range range = RangeOf(token);
  if (range.begin == range.end) return {};
  if (ids_[token] != tokenizer_.source_unknown()) range = Widened(range);
  return text_.substr(range.begin, range.end - range.begin);
}

}  // namespace tessera::engine

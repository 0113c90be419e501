// ICU's boundaries, and what is known of abbreviations.
#include "engine/request/sentences.h"

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/request/abbreviations.h"
#include "engine/tokenizer/text.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

void Require(UErrorCode status) {
  if (U_SUCCESS(status)) return;
  models::Refuse("ICU", "its rules of sentences", u_errorName(status));
}

// Reading the rules takes a millisecond, so that each thread does it once.
icu::BreakIterator& Boundaries() {
  thread_local const std::unique_ptr<icu::BreakIterator> boundaries = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createSentenceInstance(icu::Locale::getRoot(),
                                                   status));
    Require(status);
    return made;
  }();
  return *boundaries;
}

// A boundary of ICU, which takes opening brackets for closing ones: where one
// stands right before it ("。「"), it belongs to what follows.
std::size_t BeforeOpening(std::string_view text, std::size_t begin,
                          std::size_t end) {
  if (end == text.size()) return end;
  while (end > begin) {
    const UChar32 last = LastCharacter(text.substr(begin, end - begin));
    if ((U_GET_GC_MASK(last) & (U_GC_PS_MASK | U_GC_PI_MASK)) == 0) break;
    end -= static_cast<std::size_t>(U8_LENGTH(last));
  }
  return end;
}

// The text cut at every boundary of ICU.
std::vector<std::string_view> Pieces(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UText, decltype(&utext_close)> bytes(
      utext_openUTF8(nullptr, text.data(),
                     static_cast<std::int64_t>(text.size()), &status),
      utext_close);
  Require(status);
  icu::BreakIterator& boundaries = Boundaries();
  boundaries.setText(bytes.get(), status);
  Require(status);
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  for (boundaries.first();;) {
    const std::int32_t next = boundaries.next();
    if (next == icu::BreakIterator::DONE) return pieces;
    const std::size_t end =
        BeforeOpening(text, begin, static_cast<std::size_t>(next));
    if (end == begin) continue;
    pieces.push_back(text.substr(begin, end - begin));
    begin = end;
  }
}

struct Content {
  bool letters = false;
  bool digits = false;
};

Content ContentOf(std::string_view text) {
  Content content;
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size && !content.letters;) {
    UChar32 character = 0;
    U8_NEXT_UNSAFE(text.data(), at, character);
    const auto category = U_GET_GC_MASK(character);
    content.letters = (category & U_GC_L_MASK) != 0;
    content.digits = content.digits || (category & U_GC_N_MASK) != 0;
  }
  return content;
}

// Characters at which ICU ends a paragraph, and with it a sentence.
bool EndsLine(std::string_view piece) {
  constexpr std::string_view kEnds[] = {"\n", "\r", "\xC2\x85", "\xE2\x80\xA8",
                                        "\xE2\x80\xA9"};
  return std::ranges::any_of(
      kEnds, [&](std::string_view end) { return piece.ends_with(end); });
}

bool IsQuotedBefore(std::string_view sentence, std::string_view next) {
  UErrorCode status = U_ZERO_ERROR;
  return (sentence.ends_with("\u300D") || sentence.ends_with("\u300F")) &&
         uscript_getScript(FirstCharacter(next), &status) == USCRIPT_HIRAGANA;
}

// Whether `sentence`, which ICU ends here, goes on with `next`, ICU's next
// piece, neither of them empty.
bool GoesOn(std::string_view sentence, Content content, std::string_view next,
            Content next_content) {
  if (!content.letters) return true;
  if (!next_content.letters && !next_content.digits) return true;
  return IsQuotedBefore(sentence, next) || EndsAbbreviated(sentence, next);
}

// Characters of scripts that are written without spaces are wide, and so is
// their punctuation.
bool IsWide(UChar32 character) {
  const int width = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH;
}

}  // namespace

std::vector<std::string_view> SplitSentences(std::string_view text) {
  std::vector<std::string_view> sentences;
  const std::vector<std::string_view> pieces = Pieces(text);
  const char* begin = text.data();
  Content content;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::string_view piece = pieces[i];
    const Content of_piece = ContentOf(piece);
    content.letters = content.letters || of_piece.letters;
    content.digits = content.digits || of_piece.digits;
    const char* const end = piece.data() + piece.size();
    if (i + 1 < pieces.size() && !EndsLine(piece)) {
      const std::string_view next = StripSpace(pieces[i + 1]);
      const std::string_view sentence = StripSpace(piece);
      if (next.empty() || sentence.empty() ||
          GoesOn(sentence, content, next, ContentOf(next))) {
        continue;
      }
    }
    const auto sentence = StripSpace({begin, end});
    if (!sentence.empty()) sentences.push_back(sentence);
    begin = end;
    content = {};
  }
  return sentences;
}

bool NeedsSpace(std::string_view before, std::string_view after) {
  if (before.empty() || after.empty()) return false;
  const UChar32 last = LastCharacter(before), first = FirstCharacter(after);
  return !u_isUWhiteSpace(last) && !u_isUWhiteSpace(first) && !IsWide(last) &&
         !IsWide(first);
}

std::string JoinSentences(std::string_view text,
                          const std::vector<std::string_view>& sentences,
                          std::vector<std::string>& become) {
  std::string joined;
  const char* at = text.data();
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (i > 0 && at == sentences[i].data() && NeedsSpace(joined, become[i])) {
      become[i].insert(0, 1, ' ');
    }
    joined.append(at, sentences[i].data()).append(become[i]);
    at = sentences[i].data() + sentences[i].size();
  }
  return joined.append(at, text.data() + text.size());
}

}  // namespace tessera::engine

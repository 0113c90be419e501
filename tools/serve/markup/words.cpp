// Tokenizers tell pieces, not offsets: those are found by reading along.
#include "tools/serve/markup/words.h"

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace tessera::tools::serve {
namespace {

// How far behind the last piece the next one is looked for.
constexpr std::size_t kWindow = 64;

// What a piece has of the text.
std::string_view Spelling(std::string_view piece) {
  for (std::string_view front : {"\u2581", "\u0120", "##"}) {
    if (piece.starts_with(front)) piece.remove_prefix(front.size());
  }
  for (std::string_view back : {"</w>", "@@"}) {
    if (piece.ends_with(back)) piece.remove_suffix(back.size());
  }
  return piece;
}

std::size_t SkipSpace(std::string_view text, std::size_t at) {
  for (bool skipped = true; skipped;) {
    skipped = false;
    for (std::string_view space :
         {" ", "\n", "\t", "\r", "\u00A0", "\u202F", "\u3000"}) {
      if (!text.substr(at).starts_with(space)) continue;
      at += space.size();
      skipped = true;
    }
  }
  return at;
}

bool IsSpace(std::string_view text) {
  return SkipSpace(text, 0) == text.size();
}

// Bounds of words in bytes, the text's ends included.
std::vector<std::size_t> WordBounds(std::string_view text) {
  std::vector<std::size_t> bounds = {0};
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> words(
      icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), error));
  UText* const bytes = utext_openUTF8(
      nullptr, text.data(), static_cast<std::int64_t>(text.size()), &error);
  if (U_SUCCESS(error)) {
    words->setText(bytes, error);
    words->first();
    for (std::int32_t at = words->next(); at != icu::BreakIterator::DONE;
         at = words->next()) {
      bounds.push_back(static_cast<std::size_t>(at));
    }
  }
  utext_close(bytes);
  if (bounds.back() != text.size()) bounds.push_back(text.size());
  return bounds;
}

// The place that most pieces of a word look at; of two the first.
std::optional<std::size_t> MostVoted(const std::vector<std::size_t>& votes) {
  std::map<std::size_t, std::size_t> counts;
  for (const std::size_t vote : votes) ++counts[vote];
  std::optional<std::size_t> best;
  for (const std::size_t vote : votes) {
    if (!best || counts[vote] > counts[*best]) best = vote;
  }
  return best;
}

}  // namespace

std::vector<std::size_t> PieceOffsets(std::string_view text,
                                      const std::vector<std::string>& pieces) {
  std::vector<std::size_t> offsets;
  std::size_t at = 0;
  for (const std::string& piece : pieces) {
    const std::string_view spelling = Spelling(piece);
    at = SkipSpace(text, at);
    if (!spelling.empty() && text.substr(at).starts_with(spelling)) {
      offsets.push_back(at);
      at += spelling.size();
      continue;
    }
    // A single letter would be found anywhere.
    const std::size_t found = spelling.size() < 2
                                  ? std::string_view::npos
                                  : text.substr(at, kWindow).find(spelling);
    if (found != std::string_view::npos) at += found;
    offsets.push_back(at);
    if (found != std::string_view::npos) at += spelling.size();
  }
  return offsets;
}

std::vector<OutputWord> OutputWords(std::string_view source,
                                    const Translation& translation) {
  const Hypothesis& output = translation.hypotheses.front();
  const std::vector<std::size_t> from =
      PieceOffsets(source, translation.source_pieces);
  const std::vector<std::size_t> to = PieceOffsets(output.text, output.pieces);
  const std::string_view text = output.text;
  std::vector<OutputWord> words;
  const std::vector<std::size_t> bounds = WordBounds(text);
  std::size_t piece = 0;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    const std::size_t begin = bounds[i], end = bounds[i + 1];
    if (IsSpace(text.substr(begin, end - begin))) continue;
    std::vector<std::size_t> votes;
    while (piece < to.size() && to[piece] < begin) ++piece;
    for (; piece < to.size() && to[piece] < end; ++piece) {
      if (piece >= output.alignment.size()) break;
      const std::int32_t aligned = output.alignment[piece];
      if (aligned < 0) continue;
      const auto number = static_cast<std::size_t>(aligned);
      if (number < from.size()) votes.push_back(from[number]);
    }
    words.push_back({begin, end, MostVoted(votes)});
  }
  return words;
}

}  // namespace tessera::tools::serve

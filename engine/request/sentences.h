// The sentences of a text.
#ifndef TESSERA_ENGINE_REQUEST_SENTENCES_H_
#define TESSERA_ENGINE_REQUEST_SENTENCES_H_

#include <string>
#include <string_view>
#include <vector>

namespace tessera::engine {

// The sentences of a text, in order, without the white space round them: what
// lies between them in the text is white space or nothing.
//
// A sentence ends where ICU says so (Unicode Standard Annex 29, sentences, of
// no language), at the latest where the line ends, with these exceptions:
//   - "Dr. Smith", "No. 5", "J. Smith", "U.S. Army", "z. B. Eis": an
//     abbreviation ends none. "I" is no initial, unless it opens the sentence.
//   - "1. Introduction": what has no letter yet is not a sentence, and what has
//     neither letter nor digit ("...", an emoji) belongs to the one before it.
//   - 「行こう。」と言った: a closing bracket before hiragana ends none.
// Where it cannot be told ("at 5 p.m. Tom left") sentences stay together.
//
// Requires well-formed UTF-8 of less than 2 GiB. Time grows with the length of
// the text: about 1 us for a sentence of 40 letters.
std::vector<std::string_view> SplitSentences(std::string_view text);

// Whether a space is missing between two texts that stand side by side: where
// neither side has white space or belongs to a script that is written without.
bool NeedsSpace(std::string_view before, std::string_view after);

// Puts a text together again: `text` with each of its sentences, views into it,
// replaced by what it has become. Where two sentences have nothing between them
// ("行こう。早く。") and what they have become needs a space, it is put before
// the second one, in `become`.
std::string JoinSentences(std::string_view text,
                          const std::vector<std::string_view>& sentences,
                          std::vector<std::string>& become);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_SENTENCES_H_

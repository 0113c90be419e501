// Which words of a text its tokens come from.
#ifndef TESSERA_ENGINE_REQUEST_SOURCE_WORDS_H_
#define TESSERA_ENGINE_REQUEST_SOURCE_WORDS_H_

#include <tessera/translation.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace tessera::engine {

// Found with any tokenizer by having it encode parts of the text: what stands
// between white space, whose ids one after another must be those of the text,
// and in a part of interest its beginnings, whose ids must be the first of it.
// Where they are not, of a tokenizer that looks across words, less is known: a
// larger part, or nothing.
//
// Cost: encodes the text twice, and a part of n characters n times where it is
// asked for. For texts with something to tell, which are few.
class SourceWords {
 public:
  // Of a text from which Truncation::Cut took `truncated` tokens. Tokenizer and
  // text must outlive it. Throws what EncodeFor throws.
  SourceWords(const Tokenizer& tokenizer, const Languages& languages,
              std::string_view text, std::size_t truncated);

  // What the tokens that are unknown stand for, in their order.
  std::vector<UnknownWord> Unknown() const;

  // What an unknown token of an output becomes that looks at the source's
  // tokens so much, f32 [S]: of the text's token that it looks at most the
  // word, or if that is unknown what it stands for. Empty if that is not known.
  std::string_view Attended(std::span<const float> weights) const;

 private:
  struct Range {
    std::size_t begin, end;  // bytes of the text
    bool operator==(const Range&) const = default;
  };
  struct Part {
    Range range;
    std::vector<std::int32_t> ids;
  };

  std::vector<std::int32_t> TextIds(std::string_view text) const;
  bool Cut(bool with_space);
  Range RangeOf(std::size_t token) const;
  Range Widened(Range range) const;

  const Tokenizer& tokenizer_;
  const Languages languages_;
  const std::string_view text_;
  std::vector<std::int32_t> ids_;  // of the text, without what stands round it
  std::vector<Part> parts_;        // none if it could not be cut
  std::size_t opening_ = 0;        // ids in front of them
  std::size_t first_ = 0, end_ = 0;  // of ids_: those that were read
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_SOURCE_WORDS_H_

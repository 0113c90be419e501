// The component "pre_tokenizer" of tokenizer.json.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_PRE_TOKENIZER_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_PRE_TOKENIZER_H_

#include <functional>
#include <vector>

#include "engine/tokenizer/pipeline/node.h"
#include "engine/tokenizer/pipeline/segment.h"

namespace tessera::engine {

// Cuts segments into words, none of them empty. Any number of threads may use
// one.
using PreTokenizer = std::function<std::vector<Segment>(std::vector<Segment>)>;

// Null is one that cuts nothing. Of Hugging Face's: Sequence, Metaspace,
// ByteLevel, WhitespaceSplit, Whitespace, Split, Digits, Punctuation. Throws
// Error for another, with the names of these.
PreTokenizer ReadPreTokenizer(const Node& node);

// ByteLevel with another add_prefix_space than it has itself: Transformers
// takes that of tokenizer_config.json where ByteLevel is not in a Sequence.
PreTokenizer ReadByteLevel(const Node& node, bool add_prefix_space);

// "Metaspace" as pre-tokenizer and decoder have it.
struct Metaspace {
  enum class Prepend : std::uint8_t { kAlways, kFirst, kNever };

  static Metaspace Read(const Node& node);

  std::string mark;  // one character in place of spaces
  Prepend prepend = Prepend::kAlways;
  bool split = true;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_PRE_TOKENIZER_H_

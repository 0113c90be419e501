// What becomes of a source that is longer than its model reads.
#ifndef TESSERA_ENGINE_TOKENIZER_TRUNCATION_H_
#define TESSERA_ENGINE_TOKENIZER_TRUNCATION_H_

#include <cstddef>
#include <limits>

#include "models/files/model_folder.h"

namespace tessera::engine {

struct EncodedText;

// How Hugging Face's truncation=True cuts a source.
struct Truncation {
  // Tokens that are left at most, the control tokens round a text among them.
  std::size_t longest = std::numeric_limits<std::size_t>::max();
  bool from_left = false;  // what stands first goes, not what stands last

  // "model_max_length" and "truncation_side" of tokenizer_config.json. Throws
  // Error for a length that is no number above 0, and for a side that is none.
  static Truncation Read(const models::ModelFolder& folder);

  // Takes out tokens of the text until no more than `longest`, or `positions`,
  // are left; never control tokens and languages round it. Returns how many
  // went.
  std::size_t Cut(EncodedText& text, std::size_t positions) const;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_TRUNCATION_H_

// Cuts texts at added tokens, as tokenizer.json has it.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_TOKEN_CUTTER_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_TOKEN_CUTTER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/tokenizer/added_token.h"

namespace tessera::engine {

// Finds the tokens of a list in texts: from the left, the longest that begins
// at a place. One that stands against its rule, or is not `in_texts`, hides
// what begins inside of it and is text. (Hugging Face's Python tokenizers go
// other ways: added_tokens.h.)
class TokenCutter {
 public:
  // A stretch of text, or a token with the white space that it takes.
  struct Part {
    std::string_view text;
    const AddedToken* token = nullptr;
  };

  TokenCutter() = default;
  // The last of several with one content counts.
  explicit TokenCutter(std::vector<AddedToken> tokens);
  TokenCutter(TokenCutter&&) = default;
  TokenCutter& operator=(TokenCutter&&) = default;

  // The parts of a text, in order; together they are the text. None is empty.
  // Requires well-formed UTF-8. Cost: a look-up for each length that tokens
  // with the first byte of a place have, at each place.
  std::vector<Part> Split(std::string_view text) const;

 private:
  const AddedToken* Longest(std::string_view text) const;

  std::vector<AddedToken> tokens_;
  std::unordered_map<std::string_view, const AddedToken*> by_content_;
  std::array<std::vector<std::size_t>, 256> lengths_;  // long ones first
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_TOKEN_CUTTER_H_

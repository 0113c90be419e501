// A token that a folder has beside its vocabulary.
#ifndef TESSERA_ENGINE_TOKENIZER_ADDED_TOKEN_H_
#define TESSERA_ENGINE_TOKENIZER_ADDED_TOKEN_H_

#include <cstdint>
#include <string>

namespace tessera::engine {

// By the keys of Hugging Face's files: added_tokens of tokenizer.json,
// added_tokens_decoder of tokenizer_config.json.
struct AddedToken {
  std::string content = {};
  std::int32_t id = 0;
  bool lstrip = false;       // white space in front of it in a text goes
  bool rstrip = false;       // and that behind it
  bool single_word = false;  // text unless it stands alone, as a word
  bool normalized = false;   // it is looked for in the normalised text
  bool special = false;      // no part of an output's text
  bool in_texts = true;  // an id where a text has it; control tokens are not
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_ADDED_TOKEN_H_

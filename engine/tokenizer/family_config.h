// tokenizer_config.json of the family tessera_transformer.
#ifndef TESSERA_ENGINE_TOKENIZER_FAMILY_CONFIG_H_
#define TESSERA_ENGINE_TOKENIZER_FAMILY_CONFIG_H_

#include <string>
#include <string_view>

#include "models/files/model_folder.h"

namespace tessera::engine {

// Its keys are those of models/README.md.
struct FamilyTokenizerConfig {
  // The control tokens: entries of the vocabularies.
  std::string pad;
  std::string unknown;
  std::string begin;
  std::string end;

  bool source_eos = true;   // sources end with `end`
  bool lower_case = false;  // of words
  bool latin_only = false;  // of words

  // Throws Error for an absent control token, an unk_token that is one of the
  // others too, and any key that is not one of tokenizer_class's.
  static FamilyTokenizerConfig Read(const models::ModelFolder& folder);

  bool IsControl(std::string_view entry) const {
    return entry == pad || entry == unknown || entry == begin || entry == end;
  }
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_FAMILY_CONFIG_H_

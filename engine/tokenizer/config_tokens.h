// What tokenizer_config.json says of single tokens.
#ifndef TESSERA_ENGINE_TOKENIZER_CONFIG_TOKENS_H_
#define TESSERA_ENGINE_TOKENIZER_CONFIG_TOKENS_H_

#include <optional>
#include <string>
#include <vector>

#include "engine/tokenizer/added_token.h"
#include "models/files/model_folder.h"

namespace tessera::engine {

// The token of a role ("eos_token"): NAME, or {"content": NAME, ...}; nothing
// if the file is absent or does not say. Throws Error.
std::optional<std::string> ReadRole(const models::ModelFolder& folder,
                                    const char* key);

// Those of all roles: bos_token, eos_token, unk_token, sep_token, pad_token,
// cls_token, mask_token.
std::vector<std::string> ReadRoles(const models::ModelFolder& folder);

// added_tokens_decoder: {"ID": {"content": NAME, "lstrip": false, ...}, ...},
// by id; a token may be its name alone. Throws Error.
std::vector<AddedToken> ReadAddedTokensDecoder(
    const models::ModelFolder& folder);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_CONFIG_TOKENS_H_

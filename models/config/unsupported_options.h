// The catalogue of generation options: which exist, which values leave a
// result unchanged, which of them the engine supports.
#ifndef TESSERA_MODELS_CONFIG_UNSUPPORTED_OPTIONS_H_
#define TESSERA_MODELS_CONFIG_UNSUPPORTED_OPTIONS_H_

#include <cstdint>
#include <optional>

#include "models/files/json.h"

namespace tessera::models {

// Throws tessera::Error if file sets an option to a value that would change
// results and is not supported yet.
void RefuseUnsupportedOptions(const JsonObject& file);

// Whether config.json sets one of the options that Transformers 4.57 looks for
// in it to something other than its default (forced_eos_token_id has one by
// class).
bool SetsGenerationOptions(const JsonObject& config,
                           std::optional<std::int32_t> forced_eos_default);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_CONFIG_UNSUPPORTED_OPTIONS_H_

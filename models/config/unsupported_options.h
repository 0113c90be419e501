// The catalogue of generation options: which exist, which values leave a
// result unchanged, which of them the engine supports.
#ifndef TESSERA_MODELS_CONFIG_UNSUPPORTED_OPTIONS_H_
#define TESSERA_MODELS_CONFIG_UNSUPPORTED_OPTIONS_H_

#include "models/config/generation_config.h"
#include "models/files/json.h"

namespace tessera::models {

// Throws tessera::Error if a file of the folder sets an option to a value that
// would change results and is not supported yet, or warns of each such option
// if that is the folder's policy.
void CheckUnsupportedOptions(const ModelFolder& folder, const JsonObject& file);

// Whether config.json sets one of the options that Transformers 4.57 looks for
// in it to something other than its default, which is that of the class where
// `context` has one.
bool SetsGenerationOptions(const JsonObject& config,
                           const GenerationContext& context);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_CONFIG_UNSUPPORTED_OPTIONS_H_

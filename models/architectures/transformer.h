// The family of Transformers with switches: vanilla, Kyubyong's, JayParks', the
// Weighted Transformer.
#ifndef TESSERA_MODELS_ARCHITECTURES_TRANSFORMER_H_
#define TESSERA_MODELS_ARCHITECTURES_TRANSFORMER_H_

#include <memory>

#include "models/model.h"

namespace tessera::models {

// Loads a folder whose config.json says `"model_type": "tessera_transformer"`,
// as models/README.md describes it. Throws Error.
std::unique_ptr<Model> LoadTransformer(const ModelFolder& folder);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_ARCHITECTURES_TRANSFORMER_H_

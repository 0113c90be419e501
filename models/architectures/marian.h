// Marian (OPUS-MT) models.
#ifndef TESSERA_MODELS_ARCHITECTURES_MARIAN_H_
#define TESSERA_MODELS_ARCHITECTURES_MARIAN_H_

#include <memory>

#include "models/model.h"

namespace tessera::models {

// Loads a folder whose config.json says `"model_type": "marian"`. Throws Error.
std::unique_ptr<Model> LoadMarian(const ModelFolder& folder);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_ARCHITECTURES_MARIAN_H_

// What a Translator loads from a model folder.
#ifndef TESSERA_ENGINE_LOADED_MODEL_H_
#define TESSERA_ENGINE_LOADED_MODEL_H_

#include <filesystem>
#include <memory>

#include "engine/tokenizer/tokenizer.h"
#include "kernels/views.h"
#include "models/model.h"

namespace tessera::engine {

struct LoadedModel {
  std::unique_ptr<models::Model> model;
  std::unique_ptr<Tokenizer> tokenizer;
};

// Throws Error, also if model and tokenizer do not fit each other.
LoadedModel Load(const std::filesystem::path& folder,
                 kernels::ElementType weights);

// Throws Error unless every id of the tokenizer has an embedding and the end it
// knows of, if any, is one of the model's.
void CheckFit(const LoadedModel& loaded);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_LOADED_MODEL_H_

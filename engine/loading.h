// What a Translator loads from a model folder.
#ifndef TESSERA_ENGINE_LOADING_H_
#define TESSERA_ENGINE_LOADING_H_

#include <filesystem>
#include <memory>

#include "engine/tokenizer/tokenizer.h"
#include "models/model.h"

namespace tessera {

struct ModelFolder {
  std::unique_ptr<models::Model> model;
  std::unique_ptr<Tokenizer> tokenizer;
};

// Throws Error, also if model and tokenizer do not fit each other.
ModelFolder Load(const std::filesystem::path& folder);

// Throws Error unless every id of the tokenizer has an embedding and the end it
// knows of, if any, is one of the model's.
void CheckFit(const ModelFolder& loaded);

}  // namespace tessera

#endif  // TESSERA_ENGINE_LOADING_H_

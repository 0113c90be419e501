// Loading of a model folder.
#include "engine/loading.h"

#include <tessera/error.h>

#include <string>

#include "kernels/isa.h"

namespace tessera {
namespace {

void CheckSize(const std::string& which, std::size_t tokenizer,
               std::size_t model) {
  if (tokenizer <= model) return;
  throw Error(which + " vocabulary: want at most " + std::to_string(model) +
              " tokens, as many as the model has embeddings, found " +
              std::to_string(tokenizer));
}

}  // namespace

ModelFolder Load(const std::filesystem::path& folder) {
  kernels::CheckIsaRequest();
  ModelFolder loaded;
  loaded.tokenizer = LoadTokenizer(folder);
  loaded.model = models::LoadModel(folder);
  CheckFit(loaded);
  return loaded;
}

void CheckFit(const ModelFolder& loaded) {
  const models::ModelInfo& model = loaded.model->info();
  CheckSize("source", loaded.tokenizer->source_size(), model.source_vocabulary);
  CheckSize("target", loaded.tokenizer->target_size(), model.target_vocabulary);
}

}  // namespace tessera

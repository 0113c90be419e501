// Loading of a model folder.
#include "engine/loaded_model.h"

#include <tessera/error.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/isa.h"
#include "models/files/model_folder.h"

namespace tessera::engine {
namespace {

void CheckSize(const std::string& which, std::size_t tokenizer,
               std::size_t model) {
  if (tokenizer <= model) return;
  throw Error(which + " vocabulary: want at most " + std::to_string(model) +
              " tokens, as many as the model has embeddings, found " +
              std::to_string(tokenizer));
}

void CheckEnd(std::optional<std::int32_t> tokenizer,
              const std::vector<std::int32_t>& model) {
  if (!tokenizer || std::ranges::count(model, *tokenizer) > 0) return;
  std::string ids;
  for (const std::int32_t id : model) {
    ids += (ids.empty() ? "" : " or ") + std::to_string(id);
  }
  throw Error("eos_token: want the id " + ids +
              ", the eos_token_id of outputs, found " +
              std::to_string(*tokenizer));
}

}  // namespace

LoadedModel Load(const std::filesystem::path& folder,
                 kernels::ElementType weights) {
  kernels::CheckIsaRequest();
  LoadedModel loaded;
  const models::ModelFolder opened(folder);
  loaded.tokenizer = LoadTokenizer(opened);
  loaded.model = models::LoadModel(opened, weights);
  CheckFit(loaded);
  return loaded;
}

void CheckFit(const LoadedModel& loaded) {
  const models::ModelInfo& model = loaded.model->info();
  CheckSize("source", loaded.tokenizer->source_size(), model.source_vocabulary);
  CheckSize("target", loaded.tokenizer->target_size(), model.target_vocabulary);
  CheckEnd(loaded.tokenizer->target_end(), model.generation.eos_token_ids);
}

}  // namespace tessera::engine

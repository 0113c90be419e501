// Chooses the architecture of a folder.
#include <tessera/error.h>

#include "models/architectures/marian.h"
#include "models/architectures/transformer.h"
#include "models/config/marian_config.h"
#include "models/files/json_parser.h"
#include "models/model.h"

namespace tessera::models {
namespace {

struct Architecture {
  const char* model_type;
  std::unique_ptr<Model> (*load)(const ModelFolder&);
};

constexpr Architecture kArchitectures[] = {
    {"marian", LoadMarian},
    {"tessera_transformer", LoadTransformer},
};

}  // namespace

std::unique_ptr<Model> LoadModel(const ModelFolder& folder) {
  const std::string type = ReadModelType(folder);
  std::string known;
  for (const Architecture& architecture : kArchitectures) {
    if (type == architecture.model_type) return architecture.load(folder);
    known += (known.empty() ? "" : ", ") + std::string(architecture.model_type);
  }
  throw Error(folder.File("config.json").string() +
              ": key \"model_type\": want one of " + known + ", found " +
              QuoteText(type));
}

}  // namespace tessera::models

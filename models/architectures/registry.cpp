// Chooses the architecture of a folder; what all of them load alike.
#include <tessera/error.h>

#include "models/architectures/architectures.h"
#include "models/config/marian_config.h"
#include "models/files/json_parser.h"
#include "models/model.h"

namespace tessera::models {
namespace {

struct Architecture {
  const char* model_type;
  std::unique_ptr<Model> (*load)(const std::filesystem::path&);
};

constexpr Architecture kArchitectures[] = {
    {"marian", LoadMarian},
    {"tessera_transformer", LoadTransformer},
};

}  // namespace

void LoadTokens(const MatrixSource& source, const TokenTables& sizes,
                EncoderDecoderParts& parts) {
  const std::size_t width = sizes.width;
  // Folders whose tied matrices differ were saved by mistake; the stored output
  // projection is the one that was trained.
  const bool tied = source.SameMatrix("decoder.tokens", "output");
  const auto read = [&](const char* name, std::size_t vocabulary) {
    return source.Rows(name, vocabulary, width);
  };
  {
    const auto rows = read(tied ? "decoder.tokens" : "output", sizes.target);
    parts.output = source.Pack(kernels::Dense(rows.data(), sizes.target, width),
                               source.Bias("output", sizes.target));
  }
  if (!tied) {
    parts.target_tokens = {read("decoder.tokens", sizes.target), width};
  }
  if (!source.SameMatrix("decoder.tokens", "encoder.tokens")) {
    parts.source_tokens = {read("encoder.tokens", sizes.source), width};
  }
}

std::unique_ptr<Model> LoadModel(const std::filesystem::path& folder) {
  const std::string type = ReadModelType(folder);
  std::string known;
  for (const Architecture& architecture : kArchitectures) {
    if (type == architecture.model_type) return architecture.load(folder);
    known += (known.empty() ? "" : ", ") + std::string(architecture.model_type);
  }
  throw Error((folder / "config.json").string() +
              ": key \"model_type\": want one of " + known + ", found " +
              QuoteText(type));
}

}  // namespace tessera::models

// Chooses the architecture of a folder and reads its weights.
#include <tessera/error.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "models/architectures/architectures.h"
#include "models/config/config_values.h"
#include "models/encoder_decoder.h"
#include "models/files/foreign_folder.h"
#include "models/files/message.h"
#include "models/weights/checkpoint.h"
#include "models/weights/matrix_source.h"
#include "models/weights/packed_file.h"

namespace tessera::models {
namespace {

struct Loader {
  const char* model_type;
  Architecture (*read)(const ModelFolder&);
};

constexpr Loader kLoaders[] = {
    {"marian", ReadBart},
    {"bart", ReadBart},
    {"mbart", ReadBart},
    {"pegasus", ReadBart},
    {"m2m_100", ReadBart},
    {"blenderbot", ReadBart},
    {"blenderbot-small", ReadBart},
    {"t5", ReadT5},
    {"mt5", ReadT5},
    {"umt5", ReadT5},
    {"tessera_transformer", ReadTransformer},
};

// Throws Error for the folder of something else.
const Loader& FindLoader(const ModelFolder& folder) {
  RefuseForeignFolder(folder);
  const std::string type = ReadModelType(folder);
  std::string known;
  for (const Loader& loader : kLoaders) {
    if (type == loader.model_type) return loader;
    known += (known.empty() ? "" : ", ") + std::string(loader.model_type);
  }
  throw Error(folder.File("config.json").string() +
              ": key \"model_type\": want one of " + known + ", found " +
              QuoteText(type) + DescribeModelType(type));
}

// The token embeddings and the output projection, each different matrix once:
// which are the same, the names and the file say.
void LoadTokens(const MatrixSource& source, EncoderDecoderParts& parts) {
  const ModelInfo& info = parts.info;
  const bool tied = source.SameMatrix("decoder.tokens", "output");
  parts.output = source.Matrix({{.name = tied ? "decoder.tokens" : "output",
                                 .outputs = info.target_vocabulary,
                                 .bias_of = "output"}},
                               info.width);
  const auto table = [&](const char* name, std::size_t vocabulary) {
    return source.Matrix({{name, vocabulary}}, info.width);
  };
  if (!tied) {
    parts.target_tokens = table("decoder.tokens", info.target_vocabulary);
  }
  if (!source.SameMatrix("decoder.tokens", "encoder.tokens")) {
    parts.source_tokens = table("encoder.tokens", info.source_vocabulary);
  }
}

EncoderDecoderParts Assemble(const MatrixSource& source,
                             Architecture architecture) {
  const MatrixSource encoder = source.Within("encoder");
  const MatrixSource decoder = source.Within("decoder");
  const ModelInfo& sizes = architecture.info;
  EncoderDecoderParts parts = {
      .encoder = Encoder(encoder, architecture.encoder),
      .decoder = Decoder(decoder, architecture.decoder),
      .encoder_embedding = Embedding(encoder, architecture.encoder_embedding,
                                     sizes.max_source_tokens, sizes.width),
      .decoder_embedding = Embedding(decoder, architecture.decoder_embedding,
                                     sizes.max_target_tokens, sizes.width),
      .padding = architecture.padding,
      .info = std::move(architecture.info)};
  LoadTokens(source, parts);
  parts.info.memory_bytes = source.totals().packed_bytes;
  return parts;
}

std::unique_ptr<Model> Finish(EncoderDecoderParts parts,
                              kernels::ElementType weights, WeightFacts facts,
                              std::string packed_for) {
  ModelInfo& info = parts.info;
  info.parameters = facts.parameters;
  info.stored_types = std::move(facts.stored_types);
  info.unused_tensors = std::move(facts.unused_tensors);
  info.compute_type = kernels::Name(weights);
  parts.cache = parts.decoder.CacheType(weights);
  info.cache_type = kernels::Name(parts.cache);
  info.packed_for = std::move(packed_for);
  return std::make_unique<EncoderDecoder>(std::move(parts));
}

// Of matrices that should be one and differ, which are read.
std::vector<std::string> TiedWarnings(const MatrixSource::Totals& totals,
                                      const std::vector<std::string>& unused) {
  std::vector<std::string> warnings;
  for (const auto& [used, other] : totals.differing) {
    if (std::ranges::count(unused, other) > 0) {
      warnings.push_back(Cat(other, ": not used, as it differs from ", used,
                             ", which it is tied to (as in Transformers 4)"));
    } else if (used < other || !totals.differing.contains({other, used})) {
      warnings.push_back(Cat(other, ": differs from ", used,
                             ", which it is tied to; both are used (as in "
                             "Transformers 5, which wrote config.json)"));
    }
  }
  return warnings;
}

std::unique_ptr<Model> LoadPacked(const ModelFolder& folder,
                                  const PackedFile& packed,
                                  Architecture architecture,
                                  const WeightRequest& weights) {
  if (!weights.as_packed) packed.CheckType(weights.type);
  for (const auto& warning : packed.facts().warnings) folder.Warn(warning);
  return Finish(Assemble(MatrixSource(packed), std::move(architecture)),
                packed.type(), packed.facts(),
                std::string(kernels::Name(packed.level())));
}

std::unique_ptr<Model> LoadOriginal(const ModelFolder& folder,
                                    Architecture architecture,
                                    const WeightRequest& weights) {
  const Checkpoint checkpoint = Checkpoint::Open(folder);
  const MatrixSource source(checkpoint, std::move(architecture.names),
                            weights.type, weights.writer);
  EncoderDecoderParts parts = Assemble(source, std::move(architecture));
  WeightFacts facts = {.parameters = source.totals().parameters,
                       .unused_tensors = checkpoint.Unused()};
  facts.warnings = TiedWarnings(source.totals(), facts.unused_tensors);
  for (const std::string& warning : facts.warnings) folder.Warn(warning);
  for (const std::string& type : source.totals().types) {
    facts.stored_types += (facts.stored_types.empty() ? "" : ", ") + type;
  }
  if (weights.writer) weights.writer->Finish(facts);
  return Finish(std::move(parts), weights.type, std::move(facts), "");
}

}  // namespace

std::unique_ptr<Model> LoadEncoderDecoder(const ModelFolder& folder,
                                          Architecture architecture,
                                          const WeightRequest& weights) {
  const auto packed = PackedFile::Open(folder);
  if (!packed) {
    return LoadOriginal(folder, std::move(architecture), weights);
  }
  if (weights.writer) {
    Refuse(folder.File(kPackedFileName).string(), "weights that are not packed",
           "packed ones");
  }
  return LoadPacked(folder, *packed, std::move(architecture), weights);
}

std::unique_ptr<Model> LoadModel(const ModelFolder& folder,
                                 const WeightRequest& weights) {
  return LoadEncoderDecoder(folder, FindLoader(folder).read(folder), weights);
}

void CheckModelFolder(const ModelFolder& folder) { FindLoader(folder); }

}  // namespace tessera::models

// Chooses the architecture of a folder and reads its weights.
#include <tessera/error.h>

#include "models/architectures/architectures.h"
#include "models/config/config_values.h"
#include "models/encoder_decoder.h"
#include "models/files/message.h"
#include "models/weights/checkpoint.h"
#include "models/weights/matrix_source.h"

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

// The token embeddings and the output projection, each different matrix once:
// which are the same, the names and the file say.
void LoadTokens(const MatrixSource& source, EncoderDecoderParts& parts) {
  const ModelInfo& info = parts.info;
  // Folders whose tied matrices differ were saved by mistake; the stored output
  // projection is the one that was trained.
  const bool tied = source.SameMatrix("decoder.tokens", "output");
  const auto read = [&](const char* name, std::size_t vocabulary) {
    return source.Rows(name, vocabulary, info.width);
  };
  {
    const std::size_t outputs = info.target_vocabulary;
    const auto rows = read(tied ? "decoder.tokens" : "output", outputs);
    parts.output = source.Pack(kernels::Dense(rows.data(), outputs, info.width),
                               source.Bias("output", outputs));
  }
  if (!tied) {
    parts.target_tokens = {read("decoder.tokens", info.target_vocabulary),
                           info.width};
  }
  if (!source.SameMatrix("decoder.tokens", "encoder.tokens")) {
    parts.source_tokens = {read("encoder.tokens", info.source_vocabulary),
                           info.width};
  }
}

}  // namespace

std::unique_ptr<Model> LoadEncoderDecoder(const ModelFolder& folder,
                                          Architecture architecture,
                                          kernels::ElementType weights) {
  const Checkpoint checkpoint = Checkpoint::Open(folder);
  const MatrixSource source(checkpoint, std::move(architecture.names), weights);
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
      .info = architecture.info};
  ModelInfo& info = parts.info;
  LoadTokens(source, parts);
  info.parameters = source.totals().parameters;
  for (const std::string& type : source.totals().types) {
    info.stored_types += (info.stored_types.empty() ? "" : ", ") + type;
  }
  info.compute_type = kernels::Name(weights);
  info.memory_bytes = source.totals().packed_bytes;
  info.unused_tensors = checkpoint.Unused();
  return std::make_unique<EncoderDecoder>(std::move(parts));
}

std::unique_ptr<Model> LoadModel(const ModelFolder& folder,
                                 kernels::ElementType weights) {
  const std::string type = ReadModelType(folder);
  std::string known;
  for (const Loader& loader : kLoaders) {
    if (type == loader.model_type) {
      return LoadEncoderDecoder(folder, loader.read(folder), weights);
    }
    known += (known.empty() ? "" : ", ") + std::string(loader.model_type);
  }
  throw Error(folder.File("config.json").string() +
              ": key \"model_type\": want one of " + known + ", found " +
              QuoteText(type));
}

}  // namespace tessera::models

// Loads the family of Transformers with switches.
//
// Sources: Vaswani et al. 2017, arXiv:1706.03762; Ahmed et al. 2017,
// arXiv:1711.02132; the public systems Kyubyong/transformer and
// JayParks/transformer. models/README.md tells names and meanings.
#include "models/architectures/transformer.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "models/config/transformer_config.h"
#include "models/encoder_decoder.h"
#include "models/layers/linear.h"
#include "models/weights/checkpoint.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {
namespace {

using kernels::PackedMatrix;

// Token embeddings [V, D].
std::vector<float> ReadTokens(const TransformerConfig& c, WeightReader& reader,
                              const std::string& name, std::size_t vocabulary) {
  const std::size_t width = c.encoder.width;
  std::vector<float> rows = reader.Read(name, {vocabulary, width});
  if (c.zero_pad_embedding) {
    const auto pad = static_cast<std::size_t>(c.pad_token_id);
    std::fill_n(&rows[pad * width], width, 0.0f);
  }
  return rows;
}

PackedMatrix Pack(const std::vector<float>& rows, std::size_t width) {
  PackedMatrix matrix(rows.size() / width, width);
  matrix.SetRows(0, kernels::Dense(rows.data(), matrix.outputs(), width));
  return matrix;
}

// Each different table once: the output projection packed, which serves for
// look-ups too where it is tied.
void LoadEmbeddings(const TransformerConfig& c, WeightReader& reader,
                    EncoderDecoderParts& parts) {
  const std::size_t width = c.encoder.width;
  const LinearShape output = {.outputs = c.target_vocab_size,
                              .inputs = width,
                              .columns = c.encoder.columns};
  std::vector<float> target = ReadTokens(
      c, reader,
      c.share_embeddings ? "shared.weight" : "decoder.embed_tokens.weight",
      c.target_vocab_size);
  if (c.tie_output) {
    parts.output = Pack(target, width);
  } else {
    parts.target_tokens = {std::move(target), width};
    parts.output = Pack(ReadMatrix(reader, "lm_head", output), width);
  }
  if (c.output_bias) {
    parts.output.SetBias(0, reader.Read("lm_head.bias", {c.target_vocab_size}));
  }
  if (c.share_embeddings) return;
  parts.source_tokens = {
      ReadTokens(c, reader, "encoder.embed_tokens.weight", c.source_vocab_size),
      width};
}

std::vector<float> LoadPositions(const TransformerConfig& c,
                                 WeightReader& reader, const std::string& stack,
                                 std::size_t positions) {
  const std::size_t rows = positions + c.position_offset;
  switch (c.positions) {
    case Positions::kNone:
      return {};
    case Positions::kLearned:
      return reader.Read(stack + ".embed_positions.weight",
                         {rows, c.encoder.width});
    case Positions::kSinusoidHalf:
      return SinusoidPositions(Sinusoid::kHalves, rows, c.encoder.width);
    case Positions::kSinusoid:
      break;
  }
  return SinusoidPositions(Sinusoid::kInterleaved, rows, c.encoder.width);
}

ModelInfo Describe(const TransformerConfig& c, const WeightReader& reader,
                   GenerationConfig generation) {
  const AttentionForm& attention = c.encoder.attention;
  ModelInfo info = {
      .architecture = "tessera_transformer",
      .dimensions = {{"model width", std::to_string(c.encoder.width)},
                     {"layers (encoder + decoder)",
                      std::to_string(c.encoder.layers) + " + " +
                          std::to_string(c.decoder.layers)},
                     {"heads", std::to_string(attention.heads)},
                     {"head width (keys, values)",
                      std::to_string(attention.key_width) + ", " +
                          std::to_string(attention.value_width)},
                     {"feed-forward width",
                      std::to_string(c.encoder.hidden_width)},
                     {"positions (source, target)",
                      std::to_string(c.max_source_positions) + ", " +
                          std::to_string(c.max_target_positions)}},
      .source_vocabulary = c.source_vocab_size,
      .target_vocabulary = c.target_vocab_size,
      .max_source_tokens = c.max_source_positions,
      .max_target_tokens = c.max_target_positions,
      .width = c.encoder.width,
      .parameters = reader.parameters(),
      .stored_types = reader.stored_types(),
      .compute_type = "f32",
      .unused_tensors = reader.checkpoint().Unused(),
      .generation = std::move(generation),
  };
  info.dimensions.insert(info.dimensions.end(), c.switches.begin(),
                         c.switches.end());
  return info;
}

PaddingRule Padding(const TransformerConfig& c) {
  PaddingRule rule;
  if (c.pad_keys != PadKeys::kSeen) rule.hidden = c.pad_token_id;
  rule.fades = c.pad_keys == PadKeys::kFirstLayer;
  if (c.fill_source) rule.filler = c.pad_token_id;
  return rule;
}

}  // namespace

std::unique_ptr<Model> LoadTransformer(const ModelFolder& folder) {
  const TransformerConfig config = ReadTransformerConfig(folder);
  GenerationConfig generation =
      ReadGenerationConfig(folder, config.generation_context());
  const Checkpoint checkpoint = Checkpoint::Open(folder);
  WeightReader reader(checkpoint, "");
  EncoderDecoderParts parts = {
      .encoder = Encoder(reader, "encoder", config.encoder),
      .decoder = Decoder(reader, "decoder", config.decoder)};
  LoadEmbeddings(config, reader, parts);
  parts.embedding = {
      .scale = config.scale_embedding
                   ? std::sqrt(static_cast<float>(config.encoder.width))
                   : 1.0f,
      .position_offset = config.position_offset,
      .skip_zeros = config.positions_skip_zeros};
  parts.encoder_positions =
      LoadPositions(config, reader, "encoder", config.max_source_positions);
  parts.decoder_positions =
      LoadPositions(config, reader, "decoder", config.max_target_positions);
  parts.padding = Padding(config);
  parts.info = Describe(config, reader, std::move(generation));
  return std::make_unique<EncoderDecoder>(std::move(parts));
}

}  // namespace tessera::models

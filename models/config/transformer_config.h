// config.json of the family of Transformers with switches: models/README.md.
#ifndef TESSERA_MODELS_CONFIG_TRANSFORMER_CONFIG_H_
#define TESSERA_MODELS_CONFIG_TRANSFORMER_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/config/generation_config.h"
#include "models/files/model_folder.h"
#include "models/layers/embedding.h"
#include "models/layers/stack_shape.h"

namespace tessera::models {

// Where the keys of padding are hidden: everywhere, nowhere, or in the first
// layer's self-attention of each stack.
enum class PadKeys : std::uint8_t { kMasked, kSeen, kFirstLayer };

// How the file holds the projections of attention.
enum class HeadStorage : std::uint8_t { kFused, kPerHead, kTwoStep };

// What the file holds, and how, where that makes no difference to a model.
struct StorageForm {
  HeadStorage heads = HeadStorage::kFused;
  bool columns = false;  // matrices but embeddings are stored as [in, out]
  bool attention_bias = true;   // of queries, keys and values; else zeros
  bool projection_bias = true;  // of W^O
};

// The tables of models/README.md, defaults included.
struct TransformerConfig {
  StackShape encoder;
  StackShape decoder;  // as the encoder but for the number of layers
  StorageForm storage;
  std::size_t source_vocab_size = 0;
  std::size_t target_vocab_size = 0;
  std::size_t max_source_positions = 0;
  std::size_t max_target_positions = 0;
  std::int32_t pad_token_id = 0;

  Positions positions = Positions::kSinusoid;
  std::size_t position_offset = 0;
  bool positions_skip_zeros = false;
  bool scale_embedding = true;
  bool zero_pad_embedding = false;
  PadKeys pad_keys = PadKeys::kMasked;
  bool fill_source = false;
  bool share_embeddings = true;
  bool tie_output = true;
  bool output_bias = false;

  // The switches that config.json sets, for people: key and value.
  std::vector<std::pair<std::string, std::string>> switches;

  // For ReadGenerationConfig.
  GenerationContext generation_context() const;
};

// Throws tessera::Error, naming the key, for a key that is unknown, a value
// that is none of those listed, a size that is absent or out of range, and
// switches that contradict each other.
TransformerConfig ReadTransformerConfig(const ModelFolder& folder);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_CONFIG_TRANSFORMER_CONFIG_H_

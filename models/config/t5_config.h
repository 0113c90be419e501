// config.json of T5 and its relatives.
#ifndef TESSERA_MODELS_CONFIG_T5_CONFIG_H_
#define TESSERA_MODELS_CONFIG_T5_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/activation/activation.h"
#include "models/config/generation_config.h"
#include "models/files/model_folder.h"

namespace tessera::models {

// One of them, with the values of its class in Transformers 4.57.
struct T5Config {
  // Tokens of a text or an output at most. Biases by distance have no end of
  // their own; this bounds what a decoder's tables take.
  static constexpr std::size_t kMaxTokens = 16'384;

  // What model_type alone decides.
  std::string_view model_type;
  bool bias_of_each_layer = false;  // else of the first for all

  std::size_t vocab_size = 250112;  // V
  std::size_t d_model = 512;        // D
  std::size_t d_kv = 64;            // K = C of a head
  std::size_t d_ff = 1024;          // F
  std::size_t num_layers = 8;       // of the encoder
  std::size_t num_decoder_layers = 0;
  std::size_t num_heads = 6;  // H
  std::size_t buckets = 32;
  std::size_t max_distance = 128;
  float epsilon = 1e-6f;
  kernels::Activation activation = kernels::Activation::kGeluTanh;
  bool gated = true;
  bool tie_word_embeddings = true;
  bool scales_logits = true;  // by D^-0.5

  std::int32_t pad_token_id = 0;
  std::int32_t eos_token_id = 1;
  std::optional<std::int32_t> decoder_start_token_id = 0;

  // For ReadGenerationConfig.
  GenerationContext generation_context() const;
};

// Reads config.json as the class of its model_type does ("t5", "mt5", "umt5");
// "hidden_size", "head_dim", "num_hidden_layers" and "num_attention_heads" are
// other names of d_model, d_kv, num_layers and num_heads. Unknown keys are
// ignored. Logits have a scale where scale_decoder_outputs says so or, in files
// without it, where matrices are tied; but mT5 of Transformers 5 has none: this
// version writes that all are tied.
//
// Throws tessera::Error when model_type is another, a value has the wrong type
// or is out of range, two names of one value disagree, the padding is outside
// the vocabulary, feed_forward_proj is none of "ACT" and "gated-ACT" or
// contradicts what is_gated_act and dense_act_fn say, or the buckets leave no
// room for distances.
T5Config ReadT5Config(const ModelFolder& folder);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_CONFIG_T5_CONFIG_H_

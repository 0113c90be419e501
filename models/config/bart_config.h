// config.json of BART and its relatives: which of them it is, and its sizes.
#ifndef TESSERA_MODELS_CONFIG_BART_CONFIG_H_
#define TESSERA_MODELS_CONFIG_BART_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/activation/activation.h"
#include "models/config/generation_config.h"
#include "models/files/model_folder.h"
#include "models/layers/embedding.h"

namespace tessera::models {

// One of them. Its values are those of the class in Transformers 4.57, of which
// config.json may set the second and third group.
struct BartConfig {
  // What model_type alone decides.
  std::string_view model_type;
  bool pre_norm = false;
  EmbeddingNorm encoder_norm = EmbeddingNorm::kNone;
  EmbeddingNorm decoder_norm = EmbeddingNorm::kNone;
  Positions positions = Positions::kLearned;
  std::size_t position_offset = 0;
  bool counts_from_pad = false;  // positions begin behind the padding's id, as
                                 // a row; the padding has none, nor is counted
  bool output_bias = true;       // final_logits_bias
  bool may_separate = false;     // source and target may have vocabularies of
                                 // their own

  std::size_t vocab_size = 50265;     // V of the source
  std::size_t target_vocab_size = 0;  // V of the output; the same if shared
  std::size_t d_model = 1024;         // D
  std::size_t encoder_layers = 12;
  std::size_t decoder_layers = 12;
  std::size_t encoder_attention_heads = 16;  // H, divides d_model
  std::size_t decoder_attention_heads = 16;
  std::size_t encoder_ffn_dim = 4096;  // F
  std::size_t decoder_ffn_dim = 4096;
  std::size_t max_position_embeddings = 1024;
  kernels::Activation activation = kernels::Activation::kGeluErf;
  bool scale_embedding = false;  // token embeddings times sqrt(d_model)
  bool share_encoder_decoder_embeddings = true;
  bool tie_word_embeddings = true;  // output projection = target embeddings

  std::int32_t pad_token_id = 1;
  std::optional<std::int32_t> bos_token_id = 0;
  std::int32_t eos_token_id = 2;
  std::optional<std::int32_t> decoder_start_token_id = {};
  std::optional<std::int32_t> forced_bos_token_id = {};
  std::optional<std::int32_t> forced_eos_token_id = 2;
  std::size_t encoder_no_repeat_ngram_size = 0;

  // For ReadGenerationConfig.
  GenerationContext generation_context() const;
};

// Reads config.json as the class of its model_type does ("marian", "bart",
// "mbart", "pegasus", "m2m_100", "blenderbot", "blenderbot-small"),
// "hidden_size" and "num_attention_heads" being other names of d_model and
// encoder_attention_heads. Unknown keys are ignored.
//
// Throws tessera::Error when model_type is another, a value has the wrong type,
// a dimension is out of range (layers 1 to 1000, positions 1 to 1,000,000), the
// heads do not divide d_model, two names of one value disagree, the padding is
// outside a vocabulary, the activation is unknown, or a table of positions
// would be too large or too narrow to compute.
BartConfig ReadBartConfig(const ModelFolder& folder);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_CONFIG_BART_CONFIG_H_

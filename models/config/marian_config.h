// config.json of a Hugging Face folder: the architecture and its dimensions.
#ifndef TESSERA_MODELS_CONFIG_MARIAN_CONFIG_H_
#define TESSERA_MODELS_CONFIG_MARIAN_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "kernels/activation/activation.h"
#include "models/config/generation_config.h"
#include "models/files/model_folder.h"

namespace tessera::models {

// "model_type", which alone chooses the architecture.
std::string ReadModelType(const ModelFolder& folder);

// Marian (OPUS-MT). The values here are those of the class in Transformers,
// which hold for keys that config.json leaves out.
struct MarianConfig {
  std::size_t vocab_size = 58101;         // V of the source
  std::size_t target_vocab_size = 58101;  // V of the output; the same if shared
  std::size_t d_model = 1024;             // D
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
  std::int32_t pad_token_id = 58100;

  // For ReadGenerationConfig.
  GenerationContext generation_context() const;
};

// Reads config.json as Transformers' MarianConfig does, "hidden_size" and
// "num_attention_heads" being other names of d_model and
// encoder_attention_heads. Unknown keys are ignored.
//
// Throws tessera::Error when model_type is not "marian", a value has the wrong
// type, a dimension is out of range (layers 1 to 1000, positions 1 to
// 1,000,000), the heads do not divide d_model, two names of one value
// disagree, the padding is outside a vocabulary, or the activation is unknown.
MarianConfig ReadMarianConfig(const ModelFolder& folder);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_CONFIG_MARIAN_CONFIG_H_

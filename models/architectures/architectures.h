// The architectures that folders can have, and how they are loaded.
#ifndef TESSERA_MODELS_ARCHITECTURES_ARCHITECTURES_H_
#define TESSERA_MODELS_ARCHITECTURES_ARCHITECTURES_H_

#include <memory>

#include "models/files/model_folder.h"
#include "models/layers/embedding.h"
#include "models/layers/stack_shape.h"
#include "models/layers/visibility.h"
#include "models/model.h"
#include "models/weights/tensor_names.h"

namespace tessera::models {

// An encoder-decoder as data: what it computes, and how its file spells it.
struct Architecture {
  ModelInfo info = {};  // but for what is counted while loading
  TensorNames names = {};
  StackShape encoder = {};
  StackShape decoder = {};
  EmbeddingRule encoder_embedding = {};
  EmbeddingRule decoder_embedding = {};
  PaddingRule padding = {};
};

// What a folder says of its own, by config.json's "model_type". All throw
// Error.

// BART and its relatives: those of bart_config.h.
Architecture ReadBart(const ModelFolder& folder);

// T5 and its relatives: those of t5_config.h.
Architecture ReadT5(const ModelFolder& folder);

// "tessera_transformer", as models/README.md describes it: vanilla, Kyubyong's,
// JayParks', the Weighted Transformer.
Architecture ReadTransformer(const ModelFolder& folder);

// Reads the weights of a folder, tensor by tensor, or maps them packed.
std::unique_ptr<Model> LoadEncoderDecoder(const ModelFolder& folder,
                                          Architecture architecture,
                                          const WeightRequest& weights);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_ARCHITECTURES_ARCHITECTURES_H_

// Facts of a loaded model, for people and for checks.
#ifndef TESSERA_MODELS_MODEL_INFO_H_
#define TESSERA_MODELS_MODEL_INFO_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "models/config/generation_config.h"

namespace tessera::models {

// Facts of a loaded model, for people (`tessera inspect`) and for checks.
struct ModelInfo {
  std::string architecture;  // "marian"
  std::vector<std::pair<std::string, std::string>> dimensions;
  std::size_t source_vocabulary = 0;
  std::size_t target_vocabulary = 0;
  std::size_t max_source_tokens = 0;  // positions the encoder has
  std::size_t max_target_tokens = 0;  // positions the decoder has
  std::size_t width = 0;              // D
  std::size_t parameters = 0;
  std::string stored_types = {};  // "F16" or "BF16, F32"
  std::string compute_type = {};  // "f32"
  std::size_t memory_bytes = 0;
  std::vector<std::string> unused_tensors = {};
  GenerationConfig generation;  // how its folder wants outputs searched
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_MODEL_INFO_H_

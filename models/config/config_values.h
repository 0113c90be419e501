// What the readers of config.json have in common: ranges of sizes, activations.
#ifndef TESSERA_MODELS_CONFIG_CONFIG_VALUES_H_
#define TESSERA_MODELS_CONFIG_CONFIG_VALUES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernels/activation/activation.h"
#include "models/files/json.h"
#include "models/files/model_folder.h"

namespace tessera::models {

inline constexpr IntegerRange kWidths = {1, 65'536};
inline constexpr IntegerRange kFeedForwardWidths = {1, 1'048'576};
inline constexpr IntegerRange kLayers = {1, 1'000};
inline constexpr IntegerRange kPositions = {1, 1'000'000};
inline constexpr IntegerRange kVocabularies = {1, 16'777'216};

// No file size bounds a table that is computed: 64 MiB does.
inline constexpr std::size_t kMostPositionFloats = std::size_t{16} << 20;

// "model_type", which alone chooses the architecture.
std::string ReadModelType(const ModelFolder& folder);

// Whether version 5 of Transformers or a later one wrote config.json: it reads
// copies of tied matrices that differ for what they are, version 4 does not.
bool KeepsTiedCopies(const JsonObject& file);

// Reads an integer in range into value, which an absent key leaves alone.
void ReadSize(const JsonObject& file, std::string_view key, IntegerRange range,
              std::size_t& value);

// The same of a key with a second name: either will do, both must agree.
void ReadSize(const JsonObject& file, std::string_view key,
              std::string_view alias, IntegerRange range, std::size_t& value);

// Reads "pad_token_id", an id below `vocabulary`.
void ReadPadding(const JsonObject& file, std::size_t vocabulary,
                 std::int32_t& value);

// Refuses weights that the two stacks share.
void RefuseTiedStacks(const JsonObject& file);

// Refuses tables of positions [positions, width] beyond kMostPositionFloats.
void CheckPositionTable(const JsonObject& file, std::string_view key,
                        std::size_t positions, std::size_t width);

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

// One of several names; an absent key leaves `value` alone.
template <class T, std::size_t N>
void ReadChoice(const JsonObject& file, std::string_view key,
                const std::array<Choice<T>, N>& choices, T& value) {
  if (!file.Contains(key)) return;
  const std::string name = file.String(key);
  std::string known;
  for (const Choice<T>& choice : choices) {
    if (choice.name == name) {
      value = choice.value;
      return;
    }
    known += (known.empty() ? "" : ", ") + std::string(choice.name);
  }
  file.Fail(key, "one of " + known);
}

// Activation functions by the names of Transformers: all of version 4.57 but
// "prelu" and "xielu", which have weights of their own.
inline constexpr std::array<Choice<kernels::Activation>, 20> kActivations = {
    {{"relu", kernels::Activation::kRelu},
     {"gelu", kernels::Activation::kGeluErf},
     {"gelu_new", kernels::Activation::kGeluTanh},
     {"gelu_fast", kernels::Activation::kGeluTanh},
     {"gelu_pytorch_tanh", kernels::Activation::kGeluTanh},
     {"silu", kernels::Activation::kSilu},
     {"swish", kernels::Activation::kSilu},
     {"tanh", kernels::Activation::kTanh},
     {"gelu_python", kernels::Activation::kGeluErf},
     {"gelu_python_tanh", kernels::Activation::kGeluTanh},
     {"gelu_accurate", kernels::Activation::kGeluTanh},
     {"gelu_10", kernels::Activation::kGeluClipped},
     {"quick_gelu", kernels::Activation::kQuickGelu},
     {"mish", kernels::Activation::kMish},
     {"sigmoid", kernels::Activation::kSigmoid},
     {"laplace", kernels::Activation::kLaplace},
     {"leaky_relu", kernels::Activation::kLeakyRelu},
     {"linear", kernels::Activation::kIdentity},
     {"relu2", kernels::Activation::kReluSquared},
     {"relu6", kernels::Activation::kRelu6}}};

// "activation_function".
kernels::Activation ReadActivation(const JsonObject& file,
                                   kernels::Activation absent);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_CONFIG_CONFIG_VALUES_H_

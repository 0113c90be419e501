// Values that several architectures read alike.
#include "models/config/config_values.h"

#include <cstdint>
#include <string>

namespace tessera::models {

using kernels::Activation;

void ReadSize(const JsonObject& file, std::string_view key, IntegerRange range,
              std::size_t& value) {
  const auto absent = static_cast<std::int64_t>(value);
  value = static_cast<std::size_t>(file.IntegerOr(key, absent, range));
}

void CheckPositionTable(const JsonObject& file, std::string_view key,
                        std::size_t positions, std::size_t width) {
  const std::size_t most = kMostPositionFloats / width;
  if (positions <= most) return;
  file.Fail(key, "at most " + std::to_string(most) +
                     " positions, with their "
                     "offset, for this d_model");
}

Activation ReadActivation(const JsonObject& file, Activation absent) {
  constexpr std::array<Choice<Activation>, 8> kActivations = {
      {{"relu", Activation::kRelu},
       {"gelu", Activation::kGeluErf},
       {"gelu_new", Activation::kGeluTanh},
       {"gelu_fast", Activation::kGeluTanh},
       {"gelu_pytorch_tanh", Activation::kGeluTanh},
       {"silu", Activation::kSilu},
       {"swish", Activation::kSilu},
       {"tanh", Activation::kTanh}}};
  ReadChoice(file, "activation_function", kActivations, absent);
  return absent;
}

}  // namespace tessera::models

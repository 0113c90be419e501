// Values that several architectures read alike.
#include "models/config/config_values.h"

#include <charconv>
#include <cstdint>
#include <string>

namespace tessera::models {

using kernels::Activation;

std::string ReadModelType(const ModelFolder& folder) {
  return folder.Json("config.json").String("model_type");
}

bool KeepsTiedCopies(const JsonObject& file) {
  constexpr std::string_view kKey = "transformers_version";
  if (!file.IsString(kKey)) return false;
  const std::string version = file.String(kKey);
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  return major >= 5;
}

void ReadSize(const JsonObject& file, std::string_view key, IntegerRange range,
              std::size_t& value) {
  const auto absent = static_cast<std::int64_t>(value);
  value = static_cast<std::size_t>(file.IntegerOr(key, absent, range));
}

void ReadSize(const JsonObject& file, std::string_view key,
              std::string_view alias, IntegerRange range, std::size_t& value) {
  ReadSize(file, key, range, value);
  if (!file.Contains(alias)) return;
  const std::size_t own = value;
  ReadSize(file, alias, range, value);
  if (!file.Contains(key) || own == value) return;
  file.Fail(alias,
            "the " + std::to_string(own) + " of \"" + std::string(key) + "\"");
}

void ReadPadding(const JsonObject& file, std::size_t vocabulary,
                 std::int32_t& value) {
  const auto end = static_cast<std::int64_t>(vocabulary);
  const std::int64_t pad = file.IntegerOr("pad_token_id", value, {0, end - 1});
  if (pad >= end) {
    file.Fail("pad_token_id", "an id below " + std::to_string(end) +
                                  " (Transformers' default is " +
                                  std::to_string(pad) + ")");
  }
  value = static_cast<std::int32_t>(pad);
}

void RefuseTiedStacks(const JsonObject& file) {
  if (!file.BooleanOr("tie_encoder_decoder", false)) return;
  file.Fail("tie_encoder_decoder", "false (true is not supported)");
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
  ReadChoice(file, "activation_function", kActivations, absent);
  return absent;
}

}  // namespace tessera::models

// Strict reading of tokenizer_config.json.
#include "engine/tokenizer/family_config.h"

#include <algorithm>
#include <array>

namespace tessera::engine {
namespace {

constexpr std::array<std::string_view, 8> kKeys = {
    "tokenizer_class", "source_eos", "pad_token",  "unk_token",
    "bos_token",       "eos_token",  "lower_case", "latin_only"};

// Pieces have all keys but the last two.
void RefuseOtherKeys(const models::JsonObject& config) {
  const bool words = config.String("tokenizer_class") == "TesseraWords";
  const auto end = kKeys.end() - (words ? 0 : 2);
  for (const std::string& key : config.Keys()) {
    if (std::find(kKeys.begin(), end, key) != end) continue;
    config.Fail(key, std::string("no such key of ") +
                         (words ? "TesseraWords" : "TesseraPieces"));
  }
}

}  // namespace

FamilyTokenizerConfig FamilyTokenizerConfig::Read(
    const models::ModelFolder& folder) {
  const models::JsonObject& json = folder.Json("tokenizer_config.json");
  RefuseOtherKeys(json);
  const FamilyTokenizerConfig config = {
      .pad = json.String("pad_token"),
      .unknown = json.String("unk_token"),
      .begin = json.String("bos_token"),
      .end = json.String("eos_token"),
      .source_eos = json.BooleanOr("source_eos", true),
      .lower_case = json.BooleanOr("lower_case", false),
      .latin_only = json.BooleanOr("latin_only", false)};
  if (config.unknown == config.pad || config.unknown == config.begin ||
      config.unknown == config.end) {
    json.Fail("unk_token",
              "a token that is not pad_token, bos_token or "
              "eos_token too");
  }
  return config;
}

}  // namespace tessera::engine

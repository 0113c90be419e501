// Reading of tokens, named or described.
#include "engine/tokenizer/config_tokens.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "models/files/json.h"

namespace tessera::engine {
namespace {

constexpr const char* kConfig = "tokenizer_config.json";
// What is read of a folder stays below this.
constexpr std::int32_t kMostIds = 16'777'216;

AddedToken ReadToken(const models::JsonObject& object, const std::string& key) {
  if (object.IsString(key)) return {.content = object.String(key)};
  const models::JsonObject token =
      object.Object(key, object.where() + ": " + key);
  const bool special = token.BooleanOr("special", false);
  return {.content = token.String("content"),
          .lstrip = token.BooleanOr("lstrip", false),
          .rstrip = token.BooleanOr("rstrip", false),
          .single_word = token.BooleanOr("single_word", false),
          .normalized = token.BooleanOr("normalized", !special),
          .special = special};
}

std::int32_t ReadId(const models::JsonObject& object, const std::string& key) {
  std::int32_t id = -1;
  const char* const last = key.data() + key.size();
  const auto [end, error] = std::from_chars(key.data(), last, id);
  if (error != std::errc() || end != last || id < 0 || id >= kMostIds) {
    object.Fail(key, "ids as keys");
  }
  return id;
}

}  // namespace

std::optional<std::string> ReadRole(const models::ModelFolder& folder,
                                    const char* key) {
  if (!folder.Has(kConfig) || !folder.Json(kConfig).IsSet(key)) {
    return std::nullopt;
  }
  return ReadToken(folder.Json(kConfig), key).content;
}

std::vector<std::string> ReadRoles(const models::ModelFolder& folder) {
  std::vector<std::string> roles;
  for (const char* key : {"bos_token", "eos_token", "unk_token", "sep_token",
                          "pad_token", "cls_token", "mask_token"}) {
    if (auto token = ReadRole(folder, key)) roles.push_back(std::move(*token));
  }
  return roles;
}

std::vector<AddedToken> ReadAddedTokensDecoder(
    const models::ModelFolder& folder) {
  constexpr const char* kAdded = "added_tokens_decoder";
  std::vector<AddedToken> tokens;
  if (!folder.Has(kConfig) || !folder.Json(kConfig).IsSet(kAdded)) {
    return tokens;
  }
  const models::JsonObject& config = folder.Json(kConfig);
  const models::JsonObject added =
      config.Object(kAdded, config.where() + ": " + kAdded);
  for (const std::string& key : added.Keys()) {
    const std::int32_t id = ReadId(added, key);  // first: it checks the key
    tokens.push_back(ReadToken(added, key));
    tokens.back().id = id;
  }
  std::ranges::sort(tokens, {}, &AddedToken::id);
  return tokens;
}

}  // namespace tessera::engine

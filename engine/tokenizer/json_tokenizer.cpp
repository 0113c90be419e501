// JsonTokenizer: what tokenizer_config.json says, round a Pipeline.
#include "engine/tokenizer/json_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/tokenizer/config_tokens.h"
#include "engine/tokenizer/text.h"
#include "models/files/file.h"
#include "models/files/json.h"
#include "models/files/json_document.h"

namespace tessera::engine {
namespace {

constexpr const char* kConfig = "tokenizer_config.json";
constexpr std::string_view kMask = "<mask>";

// The largest published files (NLLB, mT5: 256,000 pieces) have 17 to 32 MB.
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{64} << 20;
constexpr models::JsonLimits kLimits = {
    .max_depth = 16, .max_keys = 3'000'000, .max_values = 8'000'000};

bool Says(const models::ModelFolder& folder, const char* key) {
  return folder.Has(kConfig) && folder.Json(kConfig).IsSet(key) &&
         folder.Json(kConfig).Boolean(key);
}

// The codes of languages are the special tokens without brackets.
bool IsLanguage(const AddedToken& token, const PieceScheme* scheme) {
  return scheme != nullptr && token.special && !token.content.starts_with('<');
}

bool IsControl(const AddedToken& token, const std::vector<std::string>& roles,
               const PieceScheme* scheme) {
  constexpr std::string_view kNames[] = {"<s>", "<pad>", "</s>", "<unk>",
                                         kMask};
  return std::ranges::find(roles, token.content) != roles.end() ||
         (token.special &&
          std::ranges::find(kNames, token.content) != std::end(kNames)) ||
         IsLanguage(token, scheme);
}

Pipeline ReadPipeline(const models::ModelFolder& folder,
                      const PieceScheme* scheme) {
  const std::vector<std::string> roles = ReadRoles(folder);
  const PipelineOptions options = {
      .add_prefix_space = Says(folder, "add_prefix_space"),
      .added = ReadAddedTokensDecoder(folder),
      .special = roles,
      .is_control = [&](const AddedToken& token) {
        return IsControl(token, roles, scheme);
      }};
  const std::string text =
      models::ReadWholeFile(folder.File(JsonTokenizer::kFile), kMaxFileBytes);
  return {models::ParseJson(JsonTokenizer::kFile, text, kLimits).root, options};
}

LanguageLayout ReadLanguages(const models::ModelFolder& folder,
                             const Pipeline& pipeline,
                             const PieceScheme* scheme) {
  if (scheme == nullptr) return {};
  LanguageTable table;
  for (const auto& [id, token] : pipeline.added()) {
    if (IsLanguage(token, scheme)) table.Add(token.content, id);
  }
  return LanguageLayout::Read(folder, *scheme, std::move(table));
}

}  // namespace

std::unique_ptr<Tokenizer> JsonTokenizer::Read(
    const models::ModelFolder& folder, const PieceScheme* scheme) {
  return std::unique_ptr<JsonTokenizer>(new JsonTokenizer(folder, scheme));
}

JsonTokenizer::JsonTokenizer(const models::ModelFolder& folder,
                             const PieceScheme* scheme)
    : pipeline_(ReadPipeline(folder, scheme)),
      languages_(ReadLanguages(folder, pipeline_, scheme)),
      size_(pipeline_.size()),
      clean_up_spaces_(Says(folder, "clean_up_tokenization_spaces")) {
  end_ = pipeline_.Find(ReadRole(folder, "eos_token").value_or("</s>"));
  unknown_ = pipeline_.Find(ReadRole(folder, "unk_token").value_or("<unk>"));
  if (scheme != nullptr && !end_) {
    throw Error(std::string(kFile) + ": want the token </s>, found none");
  }
  if (scheme != nullptr && languages_.table.empty()) {
    throw Error(std::string(kFile) +
                ": want tokens of languages, found none; they may be in a "
                "folder with sentencepiece.bpe.model");
  }
  // A mask is for training: published models may lack the embedding of one that
  // stands last (bart-large-cnn).
  if (pipeline_.Token(static_cast<std::int32_t>(size_) - 1) == kMask) --size_;
}

EncodedText JsonTokenizer::EncodeFor(const Languages& languages,
                                     std::string_view text) const {
  CheckText(text);
  EncodedText encoded;
  pipeline_.Encode(text, encoded.ids);
  encoded.empty = encoded.ids.empty();
  if (!languages_.table.empty()) {
    encoded.ids.push_back(*end_);
    languages_.Place(languages, encoded);
    return encoded;
  }
  if (!languages.source.empty())
    languages_.table.Id("source", languages.source);
  if (!languages.target.empty())
    languages_.table.Id("target", languages.target);
  const Frame& frame = pipeline_.frame();
  encoded.ids.insert(encoded.ids.begin(), frame.before.begin(),
                     frame.before.end());
  encoded.ids.insert(encoded.ids.end(), frame.behind.begin(),
                     frame.behind.end());
  encoded.opening = frame.before.size();
  encoded.closing = frame.behind.size();
  return encoded;
}

std::size_t JsonTokenizer::CountIds(std::string_view text) const {
  CheckText(text);
  std::vector<std::int32_t> ids;
  pipeline_.Encode(text, ids);
  if (!languages_.table.empty()) {
    return ids.size() + (languages_.defaults.source.empty() ? 1 : 2);
  }
  return ids.size() + pipeline_.frame().before.size() +
         pipeline_.frame().behind.size();
}

std::string JsonTokenizer::DecodeWith(
    std::span<const std::int32_t> ids,
    std::span<const std::string> words) const {
  std::string text = pipeline_.Decode(ids, words);
  if (clean_up_spaces_) CleanUpSpaces(text);
  return text;
}

std::string JsonTokenizer::Piece(std::int32_t id) const {
  const std::string_view token = pipeline_.Token(id);
  return token.empty() ? "<unk>" : std::string(token);
}

}  // namespace tessera::engine

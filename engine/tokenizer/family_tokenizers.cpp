// Strict reading of tokenizer_config.json, look-ups in both directions, and
// what the published code does to a text before and after them.
#include "engine/tokenizer/family_tokenizers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/tokenizer/text.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

constexpr std::string_view kSpaceMark = "▁";  // U+2581

constexpr std::array<std::string_view, 8> kKeys = {
    "tokenizer_class", "source_eos", "pad_token",  "unk_token",
    "bos_token",       "eos_token",  "lower_case", "latin_only"};

// Pieces have all keys but the last two.
void RefuseOtherKeys(const models::JsonObject& config) {
  const bool words = config.String("tokenizer_class") == "TesseraWords";
  const auto end = kKeys.end() - (words ? 0 : 2);
  for (const std::string& key : config.Keys()) {
    if (std::find(kKeys.begin(), end, key) != end) continue;
    config.Fail(key, models::Cat("no such key of ",
                                 words ? "TesseraWords" : "TesseraPieces"));
  }
}

void RequireControlTokens(const FamilyTokenizerConfig& config,
                          const Vocabulary& vocabulary) {
  for (const std::string* token :
       {&config.pad, &config.unknown, &config.begin, &config.end}) {
    const std::int32_t id = vocabulary.Id(*token);
    const std::string_view found = *vocabulary.Piece(id);
    if (found == *token) continue;
    models::Refuse(models::Cat(vocabulary.where(), ": id ", id),
                   models::Cat(models::QuoteText(*token), " alone"),
                   models::Cat(models::QuoteText(found), " too"));
  }
}

// Appends an entry with its marks as spaces.
void Append(std::string_view entry, std::string& text) {
  for (std::size_t mark = 0;
       (mark = entry.find(kSpaceMark)) != std::string_view::npos;
       entry.remove_prefix(mark + kSpaceMark.size())) {
    text.append(entry, 0, mark).append(" ");
  }
  text += entry;
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

FamilyTokenizer::FamilyTokenizer(FamilyTokenizerConfig config,
                                 Vocabulary source,
                                 std::optional<Vocabulary> target)
    : config_(std::move(config)),
      source_(std::move(source)),
      target_(std::move(target)) {
  RequireControlTokens(config_, source_);
  if (target_) RequireControlTokens(config_, *target_);
}

std::vector<std::int32_t> FamilyTokenizer::Ids(
    std::string_view text, const Vocabulary& vocabulary) const {
  const std::int32_t unknown = vocabulary.Id(config_.unknown);
  std::vector<std::int32_t> ids;
  for (const std::string& token : Tokens(text)) {
    ids.push_back(config_.IsControl(token)
                      ? unknown
                      : vocabulary.Find(token).value_or(unknown));
  }
  return ids;
}

EncodedText FamilyTokenizer::Encode(std::string_view text) const {
  EncodedText encoded = {.ids = Ids(text, source_)};
  encoded.empty = encoded.ids.empty();
  encoded.closing = config_.source_eos ? 1 : 0;
  if (config_.source_eos) encoded.ids.push_back(source_.Id(config_.end));
  return encoded;
}

std::vector<std::int32_t> FamilyTokenizer::EncodeTarget(
    const Languages&, std::string_view text) const {
  std::vector<std::int32_t> ids = Ids(text, target());
  ids.push_back(target().Id(config_.end));
  return ids;
}

std::vector<std::int32_t> FamilyTokenizer::EncodeWords(
    const Languages&, std::string_view text) const {
  return Ids(text, target());
}

std::vector<std::string_view> FamilyTokenizer::Entries(
    std::span<const std::int32_t> ids,
    std::span<const std::string> words) const {
  std::vector<std::string_view> entries;
  for (const std::int32_t id : ids) {
    if (IsWord(id, words)) {
      entries.push_back(WordOf(id, words));
      continue;
    }
    const std::optional<std::string_view> entry = target().Piece(id);
    if (entry == config_.end) break;  // first: it may be the padding as well
    if (!entry || entry == config_.pad || entry == config_.begin) continue;
    entries.push_back(*entry);
  }
  return entries;
}

std::string FamilyTokenizer::Piece(std::int32_t id) const {
  return std::string(target().Piece(id).value_or(config_.unknown));
}

std::string FamilyTokenizer::SourcePiece(std::int32_t id) const {
  return std::string(source_.Piece(id).value_or(config_.unknown));
}

std::unique_ptr<Tokenizer> WordsTokenizer::Read(
    const models::ModelFolder& folder) {
  return std::unique_ptr<WordsTokenizer>(new WordsTokenizer(folder));
}

WordsTokenizer::WordsTokenizer(const models::ModelFolder& folder)
    : FamilyTokenizer(FamilyTokenizerConfig::Read(folder),
                      Vocabulary::Read(folder.File("source_vocab.json")),
                      Vocabulary::Read(folder.File("target_vocab.json"))) {}

// Python's str.lower and str.split.
std::vector<std::string> WordsTokenizer::Tokens(std::string_view text) const {
  CheckText(text);
  std::string normal(text);
  if (config_.lower_case) normal = LowerCase(normal);
  if (config_.latin_only) normal = KeepLatin(normal);
  const std::vector<std::string_view> words = SplitSpace(normal);
  return {words.begin(), words.end()};
}

std::string WordsTokenizer::DecodeWith(
    std::span<const std::int32_t> ids,
    std::span<const std::string> words) const {
  std::string text;
  for (const std::string_view word : Entries(ids, words))
    text.append(word).append(" ");
  return std::string(StripSpace(text));
}

std::unique_ptr<Tokenizer> PiecesTokenizer::Read(
    const models::ModelFolder& folder) {
  return std::unique_ptr<PiecesTokenizer>(new PiecesTokenizer(folder));
}

PiecesTokenizer::PiecesTokenizer(const models::ModelFolder& folder)
    : FamilyTokenizer(FamilyTokenizerConfig::Read(folder),
                      Vocabulary::ReadLines(folder.File("bpe.vocab"))),
      model_(SentencePiece::Read(folder.File("bpe.model"))) {}

std::vector<std::string> PiecesTokenizer::Tokens(std::string_view text) const {
  CheckText(text);
  std::vector<std::string> tokens;
  for (const std::string& piece : model_.Encode(text)) {
    for (const std::string_view token : SplitSpace(piece)) {
      tokens.emplace_back(token);
    }
  }
  return tokens;
}

std::string PiecesTokenizer::DecodeWith(
    std::span<const std::int32_t> ids,
    std::span<const std::string> words) const {
  std::string text;
  for (const std::string_view entry : Entries(ids, words)) Append(entry, text);
  return std::string(StripSpace(text));
}

}  // namespace tessera::engine

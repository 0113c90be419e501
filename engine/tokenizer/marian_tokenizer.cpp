// MarianTokenizer: Hugging Face's slow tokenizer, step by step.
#include "engine/tokenizer/marian_tokenizer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/tokenizer/text.h"
#include "models/files/json.h"

namespace tessera::engine {
namespace {

constexpr std::string_view kEnd = "</s>";
constexpr std::string_view kUnknown = "<unk>";
constexpr std::string_view kPad = "<pad>";
constexpr std::string_view kSpaceMark = "▁";  // U+2581

bool IsSpecial(std::string_view piece) {
  return piece == kEnd || piece == kUnknown || piece == kPad;
}

// The length of the language code that opens the text; 0 if none does.
std::size_t CodeLength(std::string_view text) {
  if (!text.starts_with(">>")) return 0;
  const std::size_t close = text.find("<<");
  return close == std::string_view::npos ? 0 : close + 2;
}

LanguageTable FindLanguages(const Vocabulary& vocabulary) {
  LanguageTable languages;
  for (std::size_t i = 0; i < vocabulary.size(); ++i) {
    const auto id = static_cast<std::int32_t>(i);
    const std::string_view piece = vocabulary.Piece(id).value_or("");
    if (piece.size() > 4 && CodeLength(piece) == piece.size()) {
      languages.Add(std::string(piece.substr(2, piece.size() - 4)), id);
    }
  }
  return languages;
}

// Control tokens have fixed names here; a folder that renames one is refused
// rather than misread. Some write {"content": NAME, ...} for NAME.
void RequireName(const models::JsonObject& config, const char* key,
                 std::string_view name) {
  if (!config.IsSet(key)) return;
  const std::string found =
      config.IsString(key)
          ? config.String(key)
          : config.Object(key, config.where() + ": " + key).String("content");
  if (found != name) config.Fail(key, std::string("\"").append(name) + "\"");
}

}  // namespace

MarianTokenizer::Config MarianTokenizer::ReadConfig(
    const models::ModelFolder& folder) {
  constexpr const char* kFile = "tokenizer_config.json";
  if (!folder.Has(kFile)) return {};
  const models::JsonObject& config = folder.Json(kFile);
  RequireName(config, "eos_token", kEnd);
  RequireName(config, "unk_token", kUnknown);
  RequireName(config, "pad_token", kPad);
  const auto is_true = [&](const char* key) {
    return config.IsSet(key) && config.Boolean(key);
  };
  return {.separate_vocabularies = is_true("separate_vocabs"),
          .clean_up_spaces = is_true("clean_up_tokenization_spaces")};
}

std::unique_ptr<Tokenizer> MarianTokenizer::Read(
    const models::ModelFolder& folder) {
  return std::unique_ptr<MarianTokenizer>(
      new MarianTokenizer(folder, ReadConfig(folder)));
}

MarianTokenizer::MarianTokenizer(const models::ModelFolder& folder,
                                 const Config& config)
    : clean_up_spaces_(config.clean_up_spaces),
      models_(SentencePiece::ReadPair(folder.File("source.spm"),
                                      folder.File("target.spm"))),
      source_(Vocabulary::Read(folder.File("vocab.json"))),
      separate_target_(config.separate_vocabularies
                           ? std::optional(Vocabulary::Read(
                                 folder.File("target_vocab.json")))
                           : std::nullopt),
      languages_(FindLanguages(source_)),
      end_(source_.Id(kEnd)) {
  source_.Id(kUnknown);  // there must be one
}

std::vector<std::int32_t> MarianTokenizer::TextIds(
    std::string_view text, const SentencePiece& model,
    const Vocabulary& vocabulary) const {
  CheckText(text);
  const std::int32_t unknown = vocabulary.Id(kUnknown);
  // A run of unknown characters is one piece, which may spell "</s>".
  const auto id = [&](std::string_view piece) {
    return IsSpecial(piece) ? unknown
                            : vocabulary.Find(piece).value_or(unknown);
  };
  std::vector<std::int32_t> ids;
  const std::size_t code = CodeLength(text);
  if (code != 0) ids.push_back(id(text.substr(0, code)));
  for (const std::string& piece : model.Encode(text.substr(code))) {
    ids.push_back(id(piece));
  }
  return ids;
}

EncodedText MarianTokenizer::Encode(std::string_view text) const {
  EncodedText encoded = {.ids = TextIds(text, models_.source, source_)};
  encoded.empty = encoded.ids.empty();
  encoded.ids.push_back(end_);
  return encoded;
}

EncodedText MarianTokenizer::EncodeFor(const Languages& languages,
                                       std::string_view text) const {
  if (!languages.source.empty()) {
    LanguageTable().Id("source", languages.source);
  }
  EncodedText encoded = Encode(text);
  if (languages.target.empty()) return encoded;
  encoded.ids.insert(encoded.ids.begin(),
                     languages_.Id("target", languages.target));
  return encoded;
}

std::vector<std::int32_t> MarianTokenizer::EncodeTarget(
    const Languages&, std::string_view text) const {
  std::vector<std::int32_t> ids = TextIds(text, models_.target, target());
  ids.push_back(target().Id(kEnd));
  return ids;
}

std::string MarianTokenizer::Decode(std::span<const std::int32_t> ids) const {
  std::vector<std::string> pieces;
  for (const std::int32_t id : ids) {
    const std::optional<std::string_view> piece = target().Piece(id);
    if (piece && !IsSpecial(*piece)) pieces.emplace_back(*piece);
  }
  std::string text = models_.target.Decode(pieces);
  ReplaceAll(text, kSpaceMark, " ");
  text = std::string(StripSpace(text));
  if (clean_up_spaces_) CleanUpSpaces(text);
  return text;
}

std::string MarianTokenizer::Piece(std::int32_t id) const {
  return std::string(target().Piece(id).value_or(kUnknown));
}

std::string MarianTokenizer::SourcePiece(std::int32_t id) const {
  return std::string(source_.Piece(id).value_or(kUnknown));
}

}  // namespace tessera::engine

// MarianTokenizer: Hugging Face's slow tokenizer, step by step.
#include "engine/tokenizer/marian_tokenizer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/tokenizer/text.h"
#include "models/files/json.h"

namespace tessera::engine {
namespace {

constexpr std::string_view kSpaceMark = "▁";  // U+2581

// Up to the end of what looks like a language code; 0 if the text opens with
// none.
std::size_t LikeCode(std::string_view text) {
  if (!text.starts_with(">>")) return 0;
  const std::size_t close = text.find("<<");
  return close == std::string_view::npos ? 0 : close + 2;
}

}  // namespace

MarianTokenizer::Config MarianTokenizer::ReadConfig(
    const models::ModelFolder& folder) {
  constexpr const char* kFile = "tokenizer_config.json";
  const SpecialTokens special = SpecialTokens::Read(folder);
  Config read = {.end = special.Name("eos_token", "</s>"),
                 .unknown = special.Name("unk_token", "<unk>"),
                 .pad = special.Name("pad_token", "<pad>")};
  if (!folder.Has(kFile)) return read;
  const models::JsonObject& config = folder.Json(kFile);
  const auto is_true = [&](const char* key) {
    return config.IsSet(key) && config.Boolean(key);
  };
  read.separate_vocabularies = is_true("separate_vocabs");
  read.clean_up_spaces = is_true("clean_up_tokenization_spaces");
  return read;
}

std::unique_ptr<Tokenizer> MarianTokenizer::Read(
    const models::ModelFolder& folder) {
  return std::unique_ptr<MarianTokenizer>(
      new MarianTokenizer(folder, ReadConfig(folder)));
}

MarianTokenizer::MarianTokenizer(const models::ModelFolder& folder,
                                 const Config& config)
    : config_(config),
      models_(SentencePiece::ReadPair(folder.File("source.spm"),
                                      folder.File("target.spm"))),
      source_(Vocabulary::Read(folder.File("vocab.json"))),
      separate_target_(config.separate_vocabularies
                           ? std::optional(Vocabulary::Read(
                                 folder.File("target_vocab.json")))
                           : std::nullopt) {
  added_.Read(folder,
              AddedTokens::Base::Of(source_, [&](const std::string& name) {
                return config_.IsControl(name);
              }));
  source_.Id(config_.unknown);
  source_.Id(config_.pad);
  end_ = ControlId(source_, config_.end);
  unknown_ = {.source = ControlId(source_, config_.unknown),
              .target = ControlId(target(), config_.unknown)};
  for (const std::string& name : {config_.end, config_.unknown, config_.pad}) {
    if (const auto control = target().Find(name)) controls_.push_back(*control);
  }
  FindLanguages();
}

void MarianTokenizer::FindLanguages() {
  const auto add = [&](std::int32_t id, std::string_view piece) {
    if (piece.size() <= 4 || LikeCode(piece) != piece.size()) return;
    languages_.Add(std::string(piece.substr(2, piece.size() - 4)), id);
  };
  for (std::size_t i = 0; i < source_.size(); ++i) {
    const auto id = static_cast<std::int32_t>(i);
    add(id, source_.Piece(id).value_or(""));
  }
  for (const auto& [id, token] : added_.by_id()) add(id, token.content);
}

std::int32_t MarianTokenizer::ControlId(const Vocabulary& vocabulary,
                                        const std::string& name) const {
  const auto added = added_.Id(name);
  return added ? *added : vocabulary.Id(name);
}

void MarianTokenizer::EncodePlain(std::string_view text, const Side& side,
                                  std::vector<std::int32_t>& ids) const {
  const Vocabulary& vocabulary = *side.vocabulary;
  const auto add = [&](std::string_view piece) {
    // A run of unknown characters is one piece, which may spell "</s>".
    if (config_.IsControl(piece)) return ids.push_back(side.unknown);
    const auto added = added_.Id(piece);
    ids.push_back(added ? *added
                        : vocabulary.Find(piece).value_or(side.unknown));
  };
  const std::string_view code = text.substr(0, LikeCode(text));
  if (!code.empty() && vocabulary.Find(code) && !config_.IsControl(code)) {
    add(code);
    text.remove_prefix(code.size());
  }
  for (const std::string& piece : side.model->Encode(text)) add(piece);
}

std::vector<std::int32_t> MarianTokenizer::TextIds(
    std::string_view text, const SentencePiece& model,
    const Vocabulary& vocabulary) const {
  CheckText(text);
  const Side side = {.model = &model,
                     .vocabulary = &vocabulary,
                     .unknown = ControlId(vocabulary, config_.unknown)};
  std::vector<std::int32_t> ids;
  for (const AddedTokens::Part& part : added_.Cut(text)) {
    if (part.id) {
      ids.push_back(*part.id);
    } else {
      EncodePlain(part.text, side, ids);
    }
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
  encoded.opening = 1;
  encoded.ids.insert(encoded.ids.begin(),
                     languages_.Id("target", languages.target));
  return encoded;
}

std::vector<std::int32_t> MarianTokenizer::EncodeTarget(
    const Languages&, std::string_view text) const {
  std::vector<std::int32_t> ids = TextIds(text, models_.target, target());
  ids.push_back(ControlId(target(), config_.end));
  return ids;
}

std::vector<std::int32_t> MarianTokenizer::EncodeWords(
    const Languages&, std::string_view text) const {
  return TextIds(text, models_.target, target());
}

std::string MarianTokenizer::DecodeWith(
    std::span<const std::int32_t> ids,
    std::span<const std::string> words) const {
  const auto is_control = [&](std::int32_t id) {
    return !IsWord(id, words) &&
           (!target().Piece(id) || std::ranges::count(controls_, id) > 0);
  };
  const auto join = [&](std::span<const std::int32_t> run) {
    std::vector<std::string> pieces;
    for (const std::int32_t id : run) {
      pieces.emplace_back(IsWord(id, words) ? WordOf(id, words)
                                            : *target().Piece(id));
    }
    std::string text = models_.target.Decode(pieces);
    ReplaceAll(text, kSpaceMark, " ");
    return std::string(StripSpace(text));
  };
  std::string text = added_.Decode(ids, is_control, join);
  if (config_.clean_up_spaces) CleanUpSpaces(text);
  return text;
}

std::string MarianTokenizer::Piece(std::int32_t id) const {
  if (const AddedToken* token = added_.Find(id)) return token->content;
  return std::string(target().Piece(id).value_or(config_.unknown));
}

std::string MarianTokenizer::SourcePiece(std::int32_t id) const {
  if (const AddedToken* token = added_.Find(id)) return token->content;
  return std::string(source_.Piece(id).value_or(config_.unknown));
}

}  // namespace tessera::engine

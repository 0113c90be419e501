// PieceIdsTokenizer: numbering, layout and languages.
#include "engine/tokenizer/piece_ids_tokenizer.h"

#include <tessera/error.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/tokenizer/language_codes.h"
#include "engine/tokenizer/text.h"
#include "models/files/json.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;

constexpr const char* kConfig = "tokenizer_config.json";
constexpr std::string_view kSpaceMark = "▁";  // U+2581
constexpr std::int32_t kPegasusOffset = 103;
// What is read of a folder stays below this.
constexpr std::int64_t kMostIds = 16'777'216;

bool UsesSpiece(PieceIds ids) {
  return ids == PieceIds::kOwn || ids == PieceIds::kPegasus;
}

std::optional<Vocabulary> ReadVocabulary(const models::ModelFolder& folder,
                                         const PieceScheme& scheme) {
  if (scheme.ids != PieceIds::kVocabulary) return std::nullopt;
  return Vocabulary::Read(folder.File("vocab.json"));
}

// M2M100's class has another list for the models of WMT 2021.
std::vector<std::string> ClassLanguages(const models::ModelFolder& folder,
                                        const PieceScheme& scheme) {
  constexpr const char* kKey = "language_codes";
  if (scheme.languages == nullptr) return {};
  if (scheme.ids != PieceIds::kVocabulary || !folder.Has(kConfig) ||
      !folder.Json(kConfig).IsSet(kKey)) {
    return scheme.languages();
  }
  const models::JsonObject& config = folder.Json(kConfig);
  const std::string list = config.String(kKey);
  if (list == "wmt21") return Wmt21Languages();
  if (list != "m2m100") config.Fail(kKey, "\"m2m100\" or \"wmt21\"");
  return scheme.languages();
}

// A token as files spell it: NAME, or {"content": NAME, ...}.
std::string TokenName(const models::JsonObject& object,
                      const std::string& key) {
  if (object.IsString(key)) return object.String(key);
  return object.Object(key, object.where() + ": " + key).String("content");
}

// The end of `text` without the white space behind it, and so on.
std::string_view StripEnd(std::string_view text) {
  const std::string_view bare = StripSpace(text);
  return bare.empty()
             ? bare
             : text.substr(0, static_cast<std::size_t>(
                                  bare.data() + bare.size() - text.data()));
}
std::string_view StripBegin(std::string_view text) {
  const std::string_view bare = StripSpace(text);
  return bare.empty()
             ? bare
             : text.substr(static_cast<std::size_t>(bare.data() - text.data()));
}

// "__fr__" of M2M100 is the language fr; other classes' tokens are the codes.
std::string CodeOf(std::string_view token, const PieceScheme& scheme) {
  if (scheme.ids != PieceIds::kVocabulary) return std::string(token);
  return std::string(token.substr(2, token.size() - 4));
}
std::string TokenOf(const std::string& code, const PieceScheme& scheme) {
  return scheme.ids == PieceIds::kVocabulary ? "__" + code + "__" : code;
}

bool LooksLikeLanguage(std::string_view token, const PieceScheme& scheme) {
  if (scheme.layout == SourceLayout::kEnd) return false;
  if (scheme.ids != PieceIds::kVocabulary) return !token.starts_with("<");
  return token.size() > 4 && token.starts_with("__") && token.ends_with("__");
}

// Appends a piece with its marks as spaces.
void AppendSpaced(std::string_view piece, std::string& text) {
  for (std::size_t mark = 0;
       (mark = piece.find(kSpaceMark)) != std::string_view::npos;
       piece.remove_prefix(mark + kSpaceMark.size())) {
    text.append(piece, 0, mark).append(" ");
  }
  text += piece;
}

bool Sets(const models::ModelFolder& folder, const char* key) {
  for (const char* file : {"generation_config.json", "config.json"}) {
    if (folder.Has(file) && folder.Json(file).IsSet(key)) return true;
  }
  return false;
}

}  // namespace

std::unique_ptr<Tokenizer> PieceIdsTokenizer::Read(
    const models::ModelFolder& folder, const PieceScheme& scheme) {
  return std::unique_ptr<PieceIdsTokenizer>(
      new PieceIdsTokenizer(folder, scheme));
}

PieceIdsTokenizer::PieceIdsTokenizer(const models::ModelFolder& folder,
                                     const PieceScheme& scheme)
    : scheme_(scheme),
      model_(SentencePiece::Read(folder.File(UsesSpiece(scheme.ids)
                                                 ? "spiece.model"
                                                 : "sentencepiece.bpe.model"))),
      vocabulary_(ReadVocabulary(folder, scheme)) {
  AddControls();
  size_ = vocabulary_ ? vocabulary_->size()
                      : static_cast<std::size_t>(IdOf(model_.size() - 1)) + 1;
  AddExtraIds(folder);
  AddLanguages(folder);
  ReadDefaults(folder);
}

void PieceIdsTokenizer::AddControl(std::string name, std::int32_t id) {
  size_ = std::max(size_, static_cast<std::size_t>(id) + 1);
  controls_[id] = std::move(name);
}

void PieceIdsTokenizer::AddControls() {
  if (vocabulary_) {
    for (const char* name : {"<s>", "<pad>", "</s>", "<unk>"}) {
      AddControl(name, vocabulary_->Id(name));
    }
    end_ = vocabulary_->Id("</s>");
    unknown_ = vocabulary_->Id("<unk>");
  } else if (scheme_.ids == PieceIds::kFairseq) {
    std::int32_t id = 0;
    for (const char* name : {"<s>", "<pad>", "</s>", "<unk>"}) {
      AddControl(name, id++);
    }
    end_ = 2;
    unknown_ = 3;
  } else {
    unknown_ = IdOf(model_.unknown());
    end_ = scheme_.ids == PieceIds::kPegasus ? 1 : model_.Id("</s>");
    AddControl("<unk>", unknown_);
    AddControl("<pad>",
               scheme_.ids == PieceIds::kPegasus ? 0 : model_.Id("<pad>"));
    AddControl("</s>", end_);
  }
  if (scheme_.ids != PieceIds::kPegasus) return;
  AddControl("<mask_1>", 2);
  AddControl("<mask_2>", 3);
  for (std::int32_t i = 2; i < kPegasusOffset; ++i) {
    AddControl("<unk_" + std::to_string(i) + ">", i + 2);
  }
}

void PieceIdsTokenizer::AddExtraIds(const models::ModelFolder& folder) {
  if (!scheme_.extra_ids) return;
  std::int64_t count = 100;
  if (folder.Has(kConfig)) {
    count = folder.Json(kConfig).IntegerOr("extra_ids", count, {0, 100'000});
  }
  for (std::int32_t i = 0; i < count; ++i) {
    const std::string name = "<extra_id_" + std::to_string(i) + ">";
    const auto id = static_cast<std::int32_t>(model_.size() - 1 + count - i);
    extra_ids_[name] = id;
    AddControl(name, id);
  }
}

void PieceIdsTokenizer::AddLanguages(const models::ModelFolder& folder) {
  auto id = static_cast<std::int32_t>(size_);
  for (const std::string& code : ClassLanguages(folder, scheme_)) {
    languages_.Add(code, id);
    AddControl(TokenOf(code, scheme_), id++);
  }
  constexpr const char* kAdded = "added_tokens_decoder";
  if (!folder.Has(kConfig) || !folder.Json(kConfig).IsSet(kAdded)) return;
  const models::JsonObject& config = folder.Json(kConfig);
  const models::JsonObject added =
      config.Object(kAdded, config.where() + ": " + kAdded);
  for (const std::string& key : added.Keys()) {
    std::int32_t number = -1;
    const auto [end, error] =
        std::from_chars(key.data(), key.data() + key.size(), number);
    if (error != std::errc() || end != key.data() + key.size() || number < 0 ||
        number >= kMostIds) {
      added.Fail(key, "ids as keys");
    }
    const std::string token = TokenName(added, key);
    // A mask is for training: models may have no embedding of it.
    if (token == "<mask>") continue;
    if (extra_ids_.contains(token)) extra_ids_[token] = number;
    if (LooksLikeLanguage(token, scheme_)) {
      languages_.Add(CodeOf(token, scheme_), number);
    }
    AddControl(token, number);
  }
}

void PieceIdsTokenizer::ReadDefaults(const models::ModelFolder& folder) {
  defaults_.source = scheme_.default_source;
  if (folder.Has(kConfig)) {
    const models::JsonObject& config = folder.Json(kConfig);
    if (config.IsSet("src_lang")) defaults_.source = config.String("src_lang");
    if (config.IsSet("tgt_lang")) defaults_.target = config.String("tgt_lang");
    if (scheme_.may_be_last && config.IsSet("legacy_behaviour") &&
        config.Boolean("legacy_behaviour")) {
      scheme_.layout = SourceLayout::kLanguageLast;
    }
  }
  needs_target_ = !languages_.empty() &&
                  !Sets(folder, scheme_.target_starts ? "decoder_start_token_id"
                                                      : "forced_bos_token_id");
}

std::int32_t PieceIdsTokenizer::IdOf(std::int32_t piece) const {
  if (scheme_.ids == PieceIds::kPegasus) return piece + kPegasusOffset;
  if (scheme_.ids == PieceIds::kFairseq) {
    return piece == model_.unknown() ? 3 : piece + 1;
  }
  return piece;
}

void PieceIdsTokenizer::EncodePlain(std::string_view text, Ids& ids) const {
  if (!vocabulary_) {
    for (const std::int32_t piece : model_.EncodeIds(text)) {
      ids.push_back(IdOf(piece));
    }
    return;
  }
  for (const std::string& piece : model_.Encode(text)) {
    const std::int32_t id = vocabulary_->Find(piece).value_or(unknown_);
    // A run of unknown characters is one piece, which may spell "</s>".
    ids.push_back(controls_.contains(id) ? unknown_ : id);
  }
}

void PieceIdsTokenizer::EncodeText(std::string_view text, Ids& ids) const {
  constexpr std::string_view kOpen = "<extra_id_";
  std::size_t search = 0;
  while (!extra_ids_.empty()) {
    const std::size_t open = text.find(kOpen, search);
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('>', open);
    if (close == std::string_view::npos) break;
    const auto found = extra_ids_.find(text.substr(open, close + 1 - open));
    if (found == extra_ids_.end()) {
      search = open + 1;
      continue;
    }
    EncodePlain(StripEnd(text.substr(0, open)), ids);
    ids.push_back(found->second);
    text = StripBegin(text.substr(close + 1));
    search = 0;
  }
  EncodePlain(text, ids);
}

EncodedText PieceIdsTokenizer::EncodeFor(const Languages& languages,
                                         std::string_view text) const {
  CheckText(text);
  EncodedText encoded;
  EncodeText(text, encoded.ids);
  encoded.empty = encoded.ids.empty();
  encoded.ids.push_back(end_);
  const auto choose = [&](const std::string& own, const std::string& folder) {
    return own.empty() ? folder : own;
  };
  const std::string source = choose(languages.source, defaults_.source);
  const std::string target = choose(languages.target, defaults_.target);
  if (!source.empty()) {
    const std::int32_t id = languages_.Id("source", source);
    encoded.ids.insert(scheme_.layout == SourceLayout::kLanguageFirst
                           ? encoded.ids.begin()
                           : encoded.ids.end(),
                       id);
  }
  if (target.empty() && !needs_target_) return encoded;
  const std::int32_t id = languages_.Id("target", target);
  if (scheme_.target_starts) {
    encoded.prompt = {id};
  } else {
    encoded.forced_first = id;
  }
  return encoded;
}

std::size_t PieceIdsTokenizer::CountIds(std::string_view text) const {
  CheckText(text);
  std::vector<std::int32_t> ids;
  EncodeText(text, ids);
  return ids.size() + (defaults_.source.empty() ? 1 : 2);
}

std::optional<std::string> PieceIdsTokenizer::TextPiece(std::int32_t id) const {
  if (controls_.contains(id)) return std::nullopt;
  if (vocabulary_) {
    const auto piece = vocabulary_->Piece(id);
    if (!piece) return std::nullopt;
    return std::string(*piece);
  }
  if (scheme_.ids == PieceIds::kPegasus) id -= kPegasusOffset;
  if (scheme_.ids == PieceIds::kFairseq) id -= 1;
  if (id < 0 || id >= model_.size()) return std::nullopt;
  return model_.Piece(id);
}

std::string PieceIdsTokenizer::Decode(std::span<const std::int32_t> ids) const {
  std::vector<std::string> pieces;
  for (const std::int32_t id : ids) {
    if (auto piece = TextPiece(id)) pieces.push_back(std::move(*piece));
  }
  std::string text;
  if (scheme_.joins_pieces) {
    for (const std::string& piece : pieces) AppendSpaced(piece, text);
  } else {
    text = model_.Decode(pieces);
  }
  return std::string(StripSpace(text));
}

std::string PieceIdsTokenizer::Piece(std::int32_t id) const {
  const auto control = controls_.find(id);
  if (control != controls_.end()) return control->second;
  return TextPiece(id).value_or("<unk>");
}

}  // namespace tessera::engine

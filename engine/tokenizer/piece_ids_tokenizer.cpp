// PieceIdsTokenizer: pieces between control tokens and languages.
#include "engine/tokenizer/piece_ids_tokenizer.h"

#include <utility>

#include "engine/tokenizer/text.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;

constexpr std::string_view kSpaceMark = "▁";  // U+2581

const char* ModelFile(PieceIds ids) {
  return ids == PieceIds::kOwn || ids == PieceIds::kPegasus
             ? "spiece.model"
             : "sentencepiece.bpe.model";
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

}  // namespace

std::unique_ptr<Tokenizer> PieceIdsTokenizer::Read(
    const models::ModelFolder& folder, const PieceScheme& scheme) {
  SentencePiece model = SentencePiece::Read(folder.File(ModelFile(scheme.ids)));
  PieceNumbers numbers = PieceNumbers::Read(folder, scheme, model);
  return std::unique_ptr<PieceIdsTokenizer>(
      new PieceIdsTokenizer(std::move(model), std::move(numbers)));
}

PieceIdsTokenizer::PieceIdsTokenizer(SentencePiece model, PieceNumbers numbers)
    : model_(std::move(model)), numbers_(std::move(numbers)) {}

void PieceIdsTokenizer::EncodePlain(std::string_view text, Ids& ids) const {
  const auto id_of = [&](const std::string& piece) {
    if (numbers_.vocabulary) {
      return numbers_.vocabulary->Find(piece).value_or(numbers_.unknown);
    }
    return numbers_.IdOf(model_.Id(piece));
  };
  if (!numbers_.vocabulary && numbers_.added.by_id().empty()) {
    for (const std::int32_t piece : model_.EncodeIds(text)) {
      ids.push_back(numbers_.IdOf(piece));
    }
    return;
  }
  for (const std::string& piece : model_.Encode(text)) {
    if (const auto added = numbers_.added.TextId(piece)) {
      ids.push_back(*added);
      continue;
    }
    const std::int32_t id = id_of(piece);
    // A run of unknown characters is one piece, which may spell "</s>".
    ids.push_back(numbers_.controls.contains(id) ? numbers_.unknown : id);
  }
}

void PieceIdsTokenizer::EncodeText(std::string_view text, Ids& ids) const {
  for (const AddedTokens::Part& part : numbers_.added.Cut(text)) {
    if (part.id) {
      ids.push_back(*part.id);
    } else {
      EncodePlain(part.text, ids);
    }
  }
}

EncodedText PieceIdsTokenizer::EncodeFor(const Languages& languages,
                                         std::string_view text) const {
  CheckText(text);
  EncodedText encoded;
  EncodeText(text, encoded.ids);
  encoded.empty = encoded.ids.empty();
  encoded.ids.push_back(numbers_.end);
  numbers_.languages.Place(languages, encoded);
  return encoded;
}

std::size_t PieceIdsTokenizer::CountIds(std::string_view text) const {
  CheckText(text);
  std::vector<std::int32_t> ids;
  EncodeText(text, ids);
  return ids.size() + (numbers_.languages.defaults.source.empty() ? 1 : 2);
}

std::optional<std::string> PieceIdsTokenizer::TextPiece(std::int32_t id) const {
  if (numbers_.controls.contains(id)) return std::nullopt;
  if (numbers_.vocabulary) {
    const auto piece = numbers_.vocabulary->Piece(id);
    if (!piece) return std::nullopt;
    return std::string(*piece);
  }
  const std::int32_t own = numbers_.PieceOf(id);
  if (own < 0 || own >= model_.size()) return std::nullopt;
  return model_.Piece(own);
}

std::string PieceIdsTokenizer::Join(std::span<const std::int32_t> ids,
                                    std::span<const std::string> words) const {
  std::vector<std::string> pieces;
  for (const std::int32_t id : ids) {
    pieces.push_back(IsWord(id, words) ? WordOf(id, words) : *TextPiece(id));
  }
  std::string text;
  if (numbers_.scheme.joins_pieces) {
    for (const std::string& piece : pieces) AppendSpaced(piece, text);
  } else {
    text = model_.Decode(pieces);
  }
  return std::string(StripSpace(text));
}

std::string PieceIdsTokenizer::DecodeWith(
    std::span<const std::int32_t> ids,
    std::span<const std::string> words) const {
  return numbers_.added.Decode(
      ids,
      [&](std::int32_t id) { return !IsWord(id, words) && !TextPiece(id); },
      [&](std::span<const std::int32_t> run) { return Join(run, words); });
}

std::string PieceIdsTokenizer::Piece(std::int32_t id) const {
  if (const AddedToken* added = numbers_.added.Find(id)) return added->content;
  const auto control = numbers_.controls.find(id);
  if (control != numbers_.controls.end()) return control->second;
  return TextPiece(id).value_or("<unk>");
}

}  // namespace tessera::engine

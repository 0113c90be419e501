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

// The text without the white space at its end, at its beginning.
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
  if (!numbers_.vocabulary) {
    for (const std::int32_t piece : model_.EncodeIds(text)) {
      ids.push_back(numbers_.IdOf(piece));
    }
    return;
  }
  for (const std::string& piece : model_.Encode(text)) {
    const std::int32_t id =
        numbers_.vocabulary->Find(piece).value_or(numbers_.unknown);
    // A run of unknown characters is one piece, which may spell "</s>".
    ids.push_back(numbers_.controls.contains(id) ? numbers_.unknown : id);
  }
}

void PieceIdsTokenizer::EncodeText(std::string_view text, Ids& ids) const {
  constexpr std::string_view kOpen = "<extra_id_";
  std::size_t search = 0;
  while (!numbers_.extra_ids.empty()) {
    const std::size_t open = text.find(kOpen, search);
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('>', open);
    if (close == std::string_view::npos) break;
    const auto found =
        numbers_.extra_ids.find(text.substr(open, close + 1 - open));
    if (found == numbers_.extra_ids.end()) {
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

std::string PieceIdsTokenizer::Decode(std::span<const std::int32_t> ids) const {
  std::vector<std::string> pieces;
  for (const std::int32_t id : ids) {
    if (auto piece = TextPiece(id)) pieces.push_back(std::move(*piece));
  }
  std::string text;
  if (numbers_.scheme.joins_pieces) {
    for (const std::string& piece : pieces) AppendSpaced(piece, text);
  } else {
    text = model_.Decode(pieces);
  }
  return std::string(StripSpace(text));
}

std::string PieceIdsTokenizer::Piece(std::int32_t id) const {
  const auto control = numbers_.controls.find(id);
  if (control != numbers_.controls.end()) return control->second;
  return TextPiece(id).value_or("<unk>");
}

}  // namespace tessera::engine

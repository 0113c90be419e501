// PiecesTokenizer: encode and postprocess of Kyubyong/transformer.
#include "engine/tokenizer/pieces_tokenizer.h"

#include <utility>

#include "engine/tokenizer/text.h"

namespace tessera::engine {
namespace {

constexpr std::string_view kSpaceMark = "▁";  // U+2581

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

std::unique_ptr<Tokenizer> PiecesTokenizer::Read(
    const models::ModelFolder& folder) {
  FamilyTokenizerConfig config = FamilyTokenizerConfig::Read(folder);
  return std::unique_ptr<PiecesTokenizer>(new PiecesTokenizer(
      SentencePiece::Read(folder.File("bpe.model")),
      TokenTable(std::move(config),
                 Vocabulary::ReadLines(folder.File("bpe.vocab")))));
}

PiecesTokenizer::PiecesTokenizer(SentencePiece model, TokenTable table)
    : model_(std::move(model)), table_(std::move(table)) {}

EncodedText PiecesTokenizer::Encode(std::string_view text) const {
  CheckText(text);
  const std::vector<std::string> pieces = model_.Encode(text);
  std::vector<std::string_view> tokens;
  tokens.reserve(pieces.size());
  for (const std::string& piece : pieces) {
    for (const std::string_view token : SplitSpace(piece)) {
      tokens.push_back(token);
    }
  }
  return table_.Encode(tokens);
}

std::string PiecesTokenizer::Decode(std::span<const std::int32_t> ids) const {
  std::string text;
  for (const std::string_view entry : table_.Decode(ids)) Append(entry, text);
  return std::string(StripSpace(text));
}

}  // namespace tessera::engine

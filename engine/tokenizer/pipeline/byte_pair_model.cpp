// Reading of models, and of words into characters before they are merged.
#include "engine/tokenizer/pipeline/byte_pair_model.h"

#include <utility>

#include "engine/tokenizer/pipeline/segment.h"

namespace tessera::engine {
namespace {

using Symbols = std::vector<PairMerges::Symbol>;

std::string ReadAffix(const Node& node) {
  return node.IsNull() ? std::string() : node.ShortString();
}

// "LEFT RIGHT", or the two in a list.
std::pair<std::string, std::string> ReadPair(const Node& node) {
  if (node.IsList()) {
    if (node.size() != 2) node.Fail("two pieces");
    return {node[std::size_t{0}].String(), node[std::size_t{1}].String()};
  }
  const std::string& text = node.String();
  const std::size_t space = text.find(' ');
  if (space == std::string::npos ||
      text.find(' ', space + 1) != std::string::npos) {
    node.Fail("two pieces");
  }
  return {text.substr(0, space), text.substr(space + 1)};
}

}  // namespace

BytePairModel::BytePairModel(const Node& node)
    : prefix_(ReadAffix(node["continuing_subword_prefix"])),
      suffix_(ReadAffix(node["end_of_word_suffix"])),
      fuse_unknown_(node["fuse_unk"].BooleanOr(false)),
      byte_fallback_(node["byte_fallback"].BooleanOr(false)),
      ignore_merges_(node["ignore_merges"].BooleanOr(false)) {
  const Node dropout = node["dropout"];
  if (!dropout.IsNull() && dropout.Number() != 0) {
    dropout.Fail("null or 0: merges are not left to chance");
  }
  ReadVocabulary(node["vocab"]);
  const Node unknown = node["unk_token"];
  if (!unknown.IsNull()) {
    unknown_ = table_.Find(unknown.String());
    if (!unknown_) unknown.Fail("a piece of \"vocab\"");
  }
  ReadMerges(node["merges"]);
}

void BytePairModel::ReadVocabulary(const Node& node) {
  node.ForEach([&](const std::string& piece, const Node& value) {
    const auto id =
        static_cast<std::int32_t>(value.Integer({0, PieceTable::kMaxSize - 1}));
    if (!table_.Piece(id).empty()) value.Fail("an id of one piece");
    table_.Add(piece, id);
  });
  if (table_.size() == 0) node.Fail("pieces with ids");
}

void BytePairModel::ReadMerges(const Node& node) {
  for (std::size_t i = 0; i < node.size(); ++i) {
    const Node entry = node[i];
    // A line of merges.txt that says what the file is.
    if (i == 0 && entry.IsString() && entry.String().starts_with("#version")) {
      continue;
    }
    const auto [left, right] = ReadPair(entry);
    if (right.size() < prefix_.size()) entry.Fail("a right piece with prefix");
    const auto first = table_.Find(left), second = table_.Find(right);
    const auto merged = table_.Find(left + right.substr(prefix_.size()));
    if (!first || !second || !merged) {
      entry.Fail("two pieces of \"vocab\" that make a third");
    }
    merges_.Add(static_cast<std::uint32_t>(*first),
                static_cast<std::uint32_t>(*second),
                static_cast<std::uint32_t>(*merged));
  }
}

bool BytePairModel::AppendBytes(std::string_view piece,
                                Symbols& symbols) const {
  Symbols bytes;
  for (const char c : piece) {
    const auto id = table_.Find(BytePiece(static_cast<unsigned char>(c)));
    if (!id) return false;
    bytes.push_back(static_cast<std::uint32_t>(*id));
  }
  symbols.insert(symbols.end(), bytes.begin(), bytes.end());
  return true;
}

Symbols BytePairModel::Characters(std::string_view word) const {
  Symbols symbols;
  bool unknown = false;  // one waits for what follows it
  const auto flush = [&] {
    if (std::exchange(unknown, false)) {
      symbols.push_back(static_cast<std::uint32_t>(*unknown_));
    }
  };
  for (CharacterWalk walk(word); walk.Next();) {
    std::string piece(walk.bytes());
    if (walk.range().begin > 0) piece.insert(0, prefix_);
    if (walk.range().end == word.size()) piece += suffix_;
    if (const auto id = table_.Find(piece)) {
      flush();
      symbols.push_back(static_cast<std::uint32_t>(*id));
      continue;
    }
    // As there: bytes go before an unknown token that still waits.
    if (byte_fallback_ && AppendBytes(piece, symbols)) continue;
    if (!unknown_) continue;
    if (!fuse_unknown_) flush();
    unknown = true;
  }
  flush();
  return symbols;
}

void BytePairModel::Encode(std::string_view word,
                           std::vector<std::int32_t>& ids) const {
  if (ignore_merges_) {
    if (const auto id = table_.Find(word)) {
      ids.push_back(*id);
      return;
    }
  }
  Symbols symbols = Characters(word);
  merges_.Apply(symbols);
  ids.insert(ids.end(), symbols.begin(), symbols.end());
}

}  // namespace tessera::engine

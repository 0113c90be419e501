// Tables of pieces, and the models by their names.
#include "engine/tokenizer/pipeline/piece_model.h"

#include <utility>

#include "engine/tokenizer/pipeline/byte_pair_model.h"
#include "engine/tokenizer/pipeline/component.h"
#include "engine/tokenizer/pipeline/unigram.h"

namespace tessera::engine {
namespace {

template <class Model>
std::unique_ptr<const PieceModel> Make(const Node& node) {
  return std::make_unique<const Model>(node);
}

constexpr Component<std::unique_ptr<const PieceModel>> kKnown[] = {
    {"Unigram", Make<Unigram>},
    {"BPE", Make<BytePairModel>},
};

}  // namespace

void PieceTable::Add(std::string piece, std::int32_t id) {
  const auto index = static_cast<std::size_t>(id);
  if (index >= pieces_.size()) pieces_.resize(index + 1);
  pieces_[index] = piece;
  ids_.insert_or_assign(std::move(piece), id);
}

std::optional<std::int32_t> PieceTable::Find(std::string_view piece) const {
  const auto found = ids_.find(piece);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::string_view PieceTable::Piece(std::int32_t id) const {
  const auto index = static_cast<std::size_t>(id);
  if (id < 0 || index >= pieces_.size()) return {};
  return pieces_[index];
}

std::string BytePiece(unsigned char byte) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  return {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
}

std::unique_ptr<const PieceModel> ReadPieceModel(const Node& node) {
  // Old files of byte-level BPE leave the type out.
  if (node["type"].IsNull() && !node["merges"].IsNull()) {
    return Make<BytePairModel>(node);
  }
  return ReadComponent<std::unique_ptr<const PieceModel>>(node, kKnown);
}

}  // namespace tessera::engine

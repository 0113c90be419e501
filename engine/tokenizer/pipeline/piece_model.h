// The component "model" of tokenizer.json: words into pieces with ids.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_PIECE_MODEL_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_PIECE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/tokenizer/pipeline/node.h"
#include "engine/tokenizer/seeded_hash.h"

namespace tessera::engine {

// Pieces by id and ids by piece.
class PieceTable {
 public:
  // Ids that a vocabulary may have, added tokens included.
  static constexpr std::int64_t kMaxSize = 1'000'000;

  // Of a piece that comes twice the last id counts.
  void Add(std::string piece, std::int32_t id);

  std::optional<std::int32_t> Find(std::string_view piece) const;
  // Empty for an id that has none.
  std::string_view Piece(std::int32_t id) const;
  std::size_t size() const { return pieces_.size(); }

 private:
  std::vector<std::string> pieces_;
  std::unordered_map<std::string, std::int32_t, SeededHash, std::equal_to<>>
      ids_;
};

// Immutable: any number of threads may use one.
class PieceModel {
 public:
  virtual ~PieceModel() = default;

  // Appends the ids of a word's pieces.
  virtual void Encode(std::string_view word,
                      std::vector<std::int32_t>& ids) const = 0;

  const PieceTable& table() const { return table_; }

 protected:
  PieceTable table_;
};

// "Unigram" and "BPE" of Hugging Face's. Throws Error for another, and for one
// with ids out of range, a merge of unknown pieces, an unknown piece that there
// is not.
std::unique_ptr<const PieceModel> ReadPieceModel(const Node& node);

// The piece of one byte, "<0x0A>".
std::string BytePiece(unsigned char byte);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_PIECE_MODEL_H_

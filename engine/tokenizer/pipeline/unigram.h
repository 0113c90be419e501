// Pieces of the greatest probability, by tokenizer.json's "Unigram".
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_UNIGRAM_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_UNIGRAM_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/tokenizer/pipeline/piece_model.h"

namespace tessera::engine {

// The segmentation of a word whose pieces have the largest sum of scores, in
// float64; of equal ones that which was found first. A character that no piece
// spells has the least score minus 10; a run of them is one unknown piece, or
// its bytes with byte_fallback.
//
// Source: Kudo 2018, arXiv:1804.10959.
class Unigram final : public PieceModel {
 public:
  explicit Unigram(const Node& node);

  void Encode(std::string_view word,
              std::vector<std::int32_t>& ids) const override;

 private:
  // The best way to the end of so many bytes.
  struct Best {
    double score = 0;
    std::int32_t id = 0;
    std::size_t begin = kNowhere;  // of its last piece
  };
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  std::vector<Best> Search(std::string_view word) const;
  template <class Take>
  void ForEachPrefix(std::string_view text, const Take& take) const;
  void AppendUnknown(std::string_view run,
                     std::vector<std::int32_t>& ids) const;

  std::vector<double> scores_;             // by id
  std::vector<std::int32_t> sorted_;       // ids, by the bytes of their pieces
  std::vector<std::uint32_t> first_byte_;  // [257] where those of a byte begin
  double unknown_score_ = 0;
  std::int32_t unknown_ = 0;
  bool byte_fallback_ = false;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_UNIGRAM_H_

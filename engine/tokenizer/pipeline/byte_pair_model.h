// Pieces by merging of neighbours, by tokenizer.json's "BPE".
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_BYTE_PAIR_MODEL_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_BYTE_PAIR_MODEL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/pair_merges.h"
#include "engine/tokenizer/pipeline/piece_model.h"

namespace tessera::engine {

// The characters of a word, with continuing_subword_prefix before all but the
// first and end_of_word_suffix behind the last, merged by PairMerges. A
// character that there is not is its bytes (byte_fallback), unk_token (a run of
// them one token with fuse_unk), or nothing. With ignore_merges a word that is
// a piece is that.
class BytePairModel final : public PieceModel {
 public:
  explicit BytePairModel(const Node& node);

  void Encode(std::string_view word,
              std::vector<std::int32_t>& ids) const override;

 private:
  void ReadVocabulary(const Node& node);
  void ReadMerges(const Node& node);
  std::vector<PairMerges::Symbol> Characters(std::string_view word) const;
  bool AppendBytes(std::string_view piece,
                   std::vector<PairMerges::Symbol>& symbols) const;

  PairMerges merges_;  // of ids
  std::optional<std::int32_t> unknown_;
  std::string prefix_;
  std::string suffix_;
  bool fuse_unknown_;
  bool byte_fallback_;
  bool ignore_merges_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_BYTE_PAIR_MODEL_H_

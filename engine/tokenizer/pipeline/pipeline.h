// A tokenizer as tokenizer.json describes it, from text to ids and back.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_PIPELINE_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_PIPELINE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/added_token.h"
#include "engine/tokenizer/pipeline/decoder.h"
#include "engine/tokenizer/pipeline/frame.h"
#include "engine/tokenizer/pipeline/normalizer.h"
#include "engine/tokenizer/pipeline/piece_model.h"
#include "engine/tokenizer/pipeline/pre_tokenizer.h"
#include "engine/tokenizer/pipeline/token_cutter.h"

namespace tessera::engine {

// What is said of a tokenizer outside of tokenizer.json.
struct PipelineOptions {
  // Of a ByteLevel that is the whole pre-tokenizer.
  bool add_prefix_space = false;
  // Tokens beside those of the file, whose flags also count for those in it.
  std::vector<AddedToken> added;
  // Names of tokens that are special if they are not listed.
  std::vector<std::string> special;
  // Tokens that texts cannot spell.
  std::function<bool(const AddedToken&)> is_control;
};

// Encode  added tokens are cut out of the text, the rest is normalised, those
//         marked "normalized" are cut out of that, the rest is cut into words
//         by the pre-tokenizer, these into pieces by the model.
// Decode  the pieces without special ones, through the decoder. An id of -1 - i
//         stands for words[i], which it may leave as they are.
//
// Immutable: any number of threads may use one.
class Pipeline {
 public:
  // Throws Error for components that it does not know, by name, and for ids
  // that contradict each other. "truncation" and "padding" do not count.
  Pipeline(const nlohmann::json& file, const PipelineOptions& options);

  void Encode(std::string_view text, std::vector<std::int32_t>& ids) const;
  std::string Decode(std::span<const std::int32_t> ids,
                     std::span<const std::string> words = {}) const;

  // The frame that the file puts round texts.
  const Frame& frame() const { return frame_; }

  std::optional<std::int32_t> Find(std::string_view token) const;
  // Empty for an id that has none.
  std::string_view Token(std::int32_t id) const;
  const std::map<std::int32_t, AddedToken>& added() const { return added_; }
  std::size_t size() const { return size_; }  // one more than the largest id

 private:
  void Add(const Node& where, AddedToken token);
  void AddAll(const Node& list, const PipelineOptions& options);
  void EncodeNormal(const Segment& segment,
                    std::vector<std::int32_t>& ids) const;

  Normalizer normalizer_;
  PreTokenizer pre_tokenizer_;
  std::unique_ptr<const PieceModel> model_;
  Frame frame_;
  Decoder decoder_;
  bool spells_bytes_ = false;  // pieces are characters of bytes
  std::map<std::int32_t, AddedToken> added_;
  std::map<std::string, std::int32_t, std::less<>> added_ids_;
  TokenCutter raw_;     // those looked for in texts
  TokenCutter normal_;  // and in normalised ones
  std::size_t size_ = 0;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_PIPELINE_H_

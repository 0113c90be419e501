// The interface of every encoder-decoder: what the engine asks of a model.
//
//   text ids -> Encode -> EncoderStates -> Admit -> DecodeState
//   StepRow per beam -> Step -> states -> Project -> Candidates -> search
//
// Shapes: B sentences, S source tokens, D model width, V target vocabulary.
#ifndef TESSERA_MODELS_MODEL_H_
#define TESSERA_MODELS_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/context.h"
#include "kernels/views.h"
#include "models/batch.h"
#include "models/config/generation_config.h"
#include "models/files/model_folder.h"
#include "models/output_list.h"

namespace tessera::models {

class PackedFileWriter;  // weights/packed_file.h

// Facts of a loaded model, for people (`tessera inspect`) and for checks.
struct ModelInfo {
  std::string architecture;  // "marian"
  std::vector<std::pair<std::string, std::string>> dimensions;
  std::size_t source_vocabulary = 0;
  std::size_t target_vocabulary = 0;
  std::size_t max_source_tokens = 0;  // positions the encoder has
  std::size_t max_target_tokens = 0;  // positions the decoder has
  std::size_t width = 0;              // D
  std::size_t decoder_layers = 0;
  std::size_t decoder_heads = 0;  // of each layer
  std::size_t parameters = 0;
  std::string stored_types = {};  // "F16" or "BF16, F32"
  std::string compute_type = {};  // "f32"
  std::string cache_type = {};    // of the decoder's keys and values: "bf16"
  std::string packed_for = {};    // "avx512vnni"; "": not packed
  std::size_t memory_bytes = 0;
  std::vector<std::string> unused_tensors = {};
  GenerationConfig generation;  // how its folder wants outputs searched
};

// What decoding keeps between steps: the cross-attention keys and values of the
// sentences in its slots, the self-attention cache of its rows, and work space.
// Used by one thread at a time. Made by Model::Open, for that model only.
class DecodeState {
 public:
  virtual ~DecodeState() = default;
};

// An encoder-decoder with its weights. Immutable: any number of threads may use
// one model, each with its own DecodeState and ExecContext.
class Model {
 public:
  virtual ~Model() = default;

  virtual const ModelInfo& info() const = 0;

  // Runs the encoder. Requires ids in [0, source_vocabulary) and sentences of 1
  // to max_source_tokens tokens.
  virtual EncoderStates Encode(const TokenBatch& batch,
                               kernels::ExecContext& context) const = 0;

  // Room for decoding up to `sentences` at once in up to `rows` rows.
  virtual std::unique_ptr<DecodeState> Open(std::size_t sentences,
                                            std::size_t rows) const = 0;

  // Puts sentence b of `encoded` into slot slots[b], replacing what was there.
  // A slot may be reused once no row of the next Step names the old sentence.
  virtual void Admit(const EncoderStates& encoded,
                     std::span<const std::int32_t> slots, DecodeState& state,
                     kernels::ExecContext& context) const = 0;

  // Reads one token or more in each row. The states are valid until the next
  // call with this DecodeState. Positions must be below max_target_tokens. Does
  // not allocate once shapes have been seen.
  virtual StepStates Step(std::span<const StepRow> rows, DecodeState& state,
                          kernels::ExecContext& context) const = 0;

  // These tokens as a list, for LogitEdits. Requires: rising, below V, one at
  // least. Throws std::bad_alloc.
  virtual OutputList Select(std::vector<std::int32_t> ids) const = 0;

  // The k best continuations of each row of `states`, valid until the next
  // call with this DecodeState. 1 <= k <= V.
  virtual Candidates Project(kernels::Rows<const float> states,
                             const LogitEdits& edits, std::size_t k,
                             DecodeState& state,
                             kernels::ExecContext& context) const = 0;

  // The attention weights of one sentence, of whose output the decoder reads
  // the start token and all but the last. Requires what Encode and Step
  // require.
  virtual AttentionMaps Explain(std::span<const std::int32_t> source,
                                std::span<const std::int32_t> read,
                                kernels::ExecContext& context) const = 0;

  // All logits of `states`: f32 [rows, V] into `logits`.
  virtual void Logits(kernels::Rows<const float> states,
                      kernels::Rows<float> logits,
                      kernels::ExecContext& context) const = 0;
};

// What becomes of matrices while a folder is loaded.
struct WeightRequest {
  kernels::ElementType type =
      kernels::ElementType::kF32;  // one of kernels::kWeightTypes
  bool as_packed = false;  // or the type that they are packed in, if they are
  PackedFileWriter* writer = nullptr;  // gets all that is packed
};

// Loads the model of a Hugging Face folder, by its config.json's model_type;
// its weights are those of model.tessera if it has that (packed_file.h). Throws
// tessera::Error for a folder, file or shape that does not fit.
std::unique_ptr<Model> LoadModel(const ModelFolder& folder,
                                 const WeightRequest& weights = {});

// Throws the error of LoadModel for a folder that holds no model of a family
// that it knows: before anything but config.json is read.
void CheckModelFolder(const ModelFolder& folder);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_MODEL_H_

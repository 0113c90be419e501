// The encoder-decoder that every architecture is loaded into.
#ifndef TESSERA_MODELS_ENCODER_DECODER_H_
#define TESSERA_MODELS_ENCODER_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "kernels/gemm/packed_matrix.h"
#include "models/layers/decoder.h"
#include "models/layers/embedding.h"
#include "models/layers/encoder.h"
#include "models/layers/visibility.h"
#include "models/model.h"

namespace tessera::models {

// What an architecture's loader puts together.
struct EncoderDecoderParts {
  Encoder encoder;
  Decoder decoder;
  Embedding encoder_embedding;
  Embedding decoder_embedding;
  kernels::PackedMatrix output = {};  // [V, D] with its bias
  // Of the weights' type, for look-ups only. nullopt: rows of `target_tokens`,
  // and of `output`.
  std::optional<kernels::PackedMatrix> source_tokens = {};
  std::optional<kernels::PackedMatrix> target_tokens = {};
  PaddingRule padding = {};
  kernels::ElementType cache = kernels::ElementType::kF32;  // keys and values
  ModelInfo info = {};
};

class EncoderDecoder final : public Model {
 public:
  explicit EncoderDecoder(EncoderDecoderParts parts)
      : parts_(std::move(parts)) {}

  const ModelInfo& info() const override { return parts_.info; }
  EncoderStates Encode(const TokenBatch& batch,
                       kernels::ExecContext& context) const override;
  std::unique_ptr<DecodeState> Open(std::size_t sentences,
                                    std::size_t rows) const override;
  void Admit(const EncoderStates& encoded, std::span<const std::int32_t> slots,
             DecodeState& state, kernels::ExecContext& context) const override;
  StepStates Step(std::span<const StepRow> rows, DecodeState& state,
                  kernels::ExecContext& context) const override;
  OutputList Select(std::vector<std::int32_t> ids) const override;
  Candidates Project(kernels::Rows<const float> states, const LogitEdits& edits,
                     std::size_t k, DecodeState& state,
                     kernels::ExecContext& context) const override;
  AttentionMaps Explain(std::span<const std::int32_t> source,
                        std::span<const std::int32_t> read,
                        kernels::ExecContext& context) const override;
  void Logits(kernels::Rows<const float> states, kernels::Rows<float> logits,
              kernels::ExecContext& context) const override;

 private:
  struct State;

  kernels::MatrixLayout SourceTable() const;
  kernels::MatrixLayout TargetTable() const;
  EncoderStates Encode(const TokenBatch& batch, kernels::ExecContext& context,
                       AttentionMaps* maps) const;
  kernels::Rows<float> Step(std::span<const StepRow> rows, State& state,
                            kernels::ExecContext& context,
                            StepMaps* maps) const;

  EncoderDecoderParts parts_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_ENCODER_DECODER_H_

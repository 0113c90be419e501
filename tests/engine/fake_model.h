// A model without weights: its logits are a hash of source and output so far.
#ifndef TESSERA_TESTS_ENGINE_FAKE_MODEL_H_
#define TESSERA_TESTS_ENGINE_FAKE_MODEL_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "models/model.h"

namespace tessera::engine {

// The logits as a function of what was read, to compute outputs by other means.
class HashedLogits {
 public:
  HashedLogits(std::uint64_t seed, std::size_t vocabulary)
      : seed_(seed), vocabulary_(vocabulary) {}

  // What a decoder has read: Read(Read(Start(source), token 1), token 2) ...
  using State = std::uint32_t;
  State Start(std::span<const std::int32_t> source) const;
  static State Read(State state, std::int32_t token);

  // f32 [V], in (-8, 0] with EOS (token 0) raised by eos_bias.
  void Fill(State state, std::span<float> logits) const;
  std::vector<float> Logits(State state) const;

  // Adds to f32 [S] the attention of the token that was read last: few large
  // weights that sum to 1.
  void AddAttention(State state, std::span<float> sums) const;

  std::size_t vocabulary() const { return vocabulary_; }
  float eos_bias = 0;

 private:
  std::uint64_t seed_;
  std::size_t vocabulary_;
};

// Checks the promises that callers of a model make, and throws where they do
// not keep them. Like a real one it allocates nothing in a step.
class FakeModel final : public models::Model {
 public:
  FakeModel(HashedLogits hash, models::ModelInfo info)
      : logits(hash), info_(std::move(info)) {}

  const models::ModelInfo& info() const override { return info_; }
  models::EncoderStates Encode(const models::TokenBatch& batch,
                               kernels::ExecContext& context) const override;
  std::unique_ptr<models::DecodeState> Open(std::size_t sentences,
                                            std::size_t rows) const override;
  void Admit(const models::EncoderStates& encoded,
             std::span<const std::int32_t> slots, models::DecodeState& state,
             kernels::ExecContext& context) const override;
  models::StepStates Step(std::span<const models::StepRow> rows,
                          models::DecodeState& state,
                          kernels::ExecContext& context) const override;
  // One layer of cross-attention with one head, and no other.
  models::AttentionMaps Explain(std::span<const std::int32_t> source,
                                std::span<const std::int32_t> read,
                                kernels::ExecContext& context) const override;
  models::OutputList Select(std::vector<std::int32_t> ids) const override {
    return {.ids = std::move(ids), .weights = {}};
  }
  models::Candidates Project(kernels::Rows<const float> states,
                             const models::LogitEdits& edits, std::size_t k,
                             models::DecodeState& state,
                             kernels::ExecContext& context) const override;
  void Logits(kernels::Rows<const float> states, kernels::Rows<float> logits,
              kernels::ExecContext& context) const override;

  HashedLogits logits;
  // Called at the start of each Encode and Step, with the context's threads;
  // may throw.
  std::function<void(std::size_t threads)> on_encode;
  std::function<void(std::size_t threads)> on_step;
  // Called with the rows of each Step.
  std::function<void(std::span<const models::StepRow> rows)> on_rows;

 private:
  models::ModelInfo info_;
};

// Facts of a model with `vocabulary` tokens on both sides, EOS 0, start token
// vocabulary - 1, that takes 64 source tokens and makes 63.
models::ModelInfo FakeInfo(std::size_t vocabulary);

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_FAKE_MODEL_H_

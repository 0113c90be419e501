// From decoder states to candidates: logits, edits, top-k, log-probabilities.
#ifndef TESSERA_MODELS_LAYERS_CANDIDATES_H_
#define TESSERA_MODELS_LAYERS_CANDIDATES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/aligned_buffer.h"
#include "kernels/context.h"
#include "kernels/gemm/packed_matrix.h"
#include "kernels/top_k/top_k.h"
#include "kernels/views.h"
#include "models/model.h"

namespace tessera::models {

// Work space of a projection; grows to the largest step seen.
struct ProjectionState {
  kernels::AlignedBuffer<float> log_probs;         // f32 [rows, k]
  kernels::AlignedBuffer<std::int32_t> tokens;     // i32 [rows, k]
  kernels::AlignedBuffer<float> log_sum_exp;       // f32 [rows]
  kernels::AlignedBuffer<float> base;              // f32 [rows]
  kernels::AlignedBuffer<kernels::TopKSeen> seen;  // [rows]
  std::vector<double> removed;    // [rows]: log of the mass taken by edits
  std::vector<float> taken;       // logits of the tokens that edits remove
  std::size_t adjusted_from = 0;  // of these, those to be adjusted
  std::size_t rows = 0;           // of this step

  const float* adjusted() const { return taken.data() + adjusted_from; }
};

// Logits of `states` by `output`, a [V, D] projection with its bias, a part of
// the vocabulary at a time; the k best tokens of each row after the edits, with
// their log-probabilities.
Candidates ProjectCandidates(kernels::Rows<const float> states,
                             const kernels::PackedMatrix& output,
                             const LogitEdits& edits, std::size_t k,
                             ProjectionState& state,
                             kernels::ExecContext& context);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_CANDIDATES_H_

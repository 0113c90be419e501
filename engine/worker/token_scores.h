// Log-probabilities of tokens that are given.
#ifndef TESSERA_ENGINE_WORKER_TOKEN_SCORES_H_
#define TESSERA_ENGINE_WORKER_TOKEN_SCORES_H_

#include <cstdint>
#include <span>
#include <vector>

#include "models/model.h"

namespace tessera::engine {

// The log-probability of ids[i] in the distribution of states[i], over all
// tokens but those `suppressed`, which have -inf. Logits are computed some rows
// at a time, 1 MiB of them. Throws Error for one that is not a number.
std::vector<float> TokenScores(const models::Model& model,
                               kernels::Rows<const float> states,
                               std::span<const std::int32_t> ids,
                               std::span<const std::int32_t> suppressed,
                               kernels::ExecContext& context);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_TOKEN_SCORES_H_

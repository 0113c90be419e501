// Whole rows of scores, for searches that look at more than the best.
#ifndef TESSERA_MODELS_ROW_SCORES_H_
#define TESSERA_MODELS_ROW_SCORES_H_

#include "kernels/views.h"
#include "models/batch.h"

namespace tessera::models {

// Makes of the logits of rows, f32 [rows, V], their scores after the edits:
// those that Project() finds the best of, each at the place of its token.
void EditRows(const LogitEdits& edits, kernels::Rows<float> logits) noexcept;

}  // namespace tessera::models

#endif  // TESSERA_MODELS_ROW_SCORES_H_

// Runs a model on token ids, for tests.
#ifndef TESSERA_TESTS_MODELS_RUN_MODEL_H_
#define TESSERA_TESTS_MODELS_RUN_MODEL_H_

#include <cstdint>
#include <vector>

#include "models/model.h"

namespace tessera::models {

using Ids = std::vector<std::int32_t>;

inline EncoderStates Encode(const Model& model, const std::vector<Ids>& sources,
                            kernels::ExecContext& context) {
  Ids ids, offsets{0};
  for (const Ids& source : sources) {
    ids.insert(ids.end(), source.begin(), source.end());
    offsets.push_back(static_cast<std::int32_t>(ids.size()));
  }
  return model.Encode({.ids = ids, .offsets = offsets}, context);
}

// Decoder states [T, D] of one sentence, its outputs given.
inline std::vector<float> TeacherForced(const Model& model, const Ids& source,
                                        const Ids& outputs,
                                        kernels::ExecContext& context) {
  const EncoderStates encoded = Encode(model, {source}, context);
  const auto state = model.Open(1, 1);
  const std::int32_t slot = 0;
  model.Admit(encoded, {&slot, 1}, *state, context);
  std::vector<float> states;
  std::int32_t token = model.info().generation.decoder_start_token_id;
  for (std::size_t t = 0; t < outputs.size(); ++t) {
    const StepRow row{0, t == 0 ? -1 : 0, {&token, 1}};
    const kernels::Rows<const float> x =
        model.Step({&row, 1}, *state, context).last;
    states.insert(states.end(), x[0], x[0] + x.cols);
    token = outputs[t];
  }
  return states;
}

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_RUN_MODEL_H_

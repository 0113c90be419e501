// Runs one search over a model, alone.
#ifndef TESSERA_TESTS_ENGINE_SEARCH_DRIVER_H_
#define TESSERA_TESTS_ENGINE_SEARCH_DRIVER_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/search/search.h"
#include "models/model.h"

namespace tessera::engine {

// How the search of `config` is called.
inline SearchOptions OptionsOf(const models::GenerationConfig& config) {
  return {.beam_size = config.num_beams,
          .length_penalty = config.length_penalty,
          .length_penalty_form = config.length_penalty_form,
          .early_stopping = config.early_stopping,
          .max_length = config.max_length};
}

inline std::vector<Hypothesis> RunSearch(
    const models::Model& model, const std::vector<std::int32_t>& source,
    const models::GenerationConfig& config, const RequestRules& own = {}) {
  const ModelRules rules(config);
  const SearchOptions options = OptionsOf(config);
  const auto search = MakeSearch(options, TokenRules(rules, own));
  kernels::ExecContext context;
  const std::int32_t slot = 0;
  const std::vector<std::int32_t> offsets = {
      0, static_cast<std::int32_t>(source.size())};
  const auto state = model.Open(1, options.beam_size);
  model.Admit(model.Encode({source, offsets}, context), {&slot, 1}, *state,
              context);
  bool goes_on = true;
  while (goes_on) {
    std::vector<models::StepRow> rows;
    for (const SearchRow& row : search->rows()) {
      rows.push_back({slot, row.parent, row.tokens, row.attention});
    }
    Edits edits;
    search->Edit(0, edits);
    edits.normalised.assign(rows.size(), NormalisationOf(options, rules));
    const auto states = model.Step(rows, *state, context).last;
    goes_on = search->Advance(model.Project(
        states, edits.view(),
        std::min(search->candidates(), model.info().target_vocabulary), *state,
        context));
  }
  return search->Finish();
}

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_SEARCH_DRIVER_H_

// The choice between the searches.
#include "engine/search/search.h"

#include <tessera/error.h>

#include <utility>

#include "engine/search/beam_search.h"
#include "engine/search/constrained_beams.h"
#include "engine/search/diverse_beams.h"
#include "engine/search/greedy_search.h"
#include "engine/search/sampling_search.h"

namespace tessera::engine {

models::Normalisation NormalisationOf(const SearchOptions& options,
                                      const ModelRules& rules) {
  if (options.beam_size == 1) return models::kAfterEdits;
  return rules.renormalize() ? models::kBeforeAndAfter : models::kBeforeEdits;
}

std::unique_ptr<Search> MakeSearch(const SearchOptions& options,
                                   TokenRules rules) {
  if (!options.required_words.empty()) {
    return std::make_unique<ConstrainedBeams>(options, std::move(rules));
  }
  if (options.beam_groups > 1) {
    return std::make_unique<DiverseBeams>(options, rules);
  }
  if (options.beam_size > 1) {
    return std::make_unique<BeamSearch>(options, std::move(rules));
  }
  if (options.sampling) {
    return std::make_unique<SamplingSearch>(options, std::move(rules));
  }
  return std::make_unique<GreedySearch>(options, std::move(rules));
}

void ThrowNoToken() {
  throw Error("search: want a token with a finite log-probability, found none");
}

}  // namespace tessera::engine

// The choice between the searches.
#include "engine/search/search.h"

#include <tessera/error.h>

#include <utility>

#include "engine/search/beam_search.h"
#include "engine/search/greedy_search.h"

namespace tessera::engine {

bool Renormalizes(const SearchOptions& options, const ModelRules& rules) {
  return options.beam_size == 1 || rules.renormalize();
}

std::unique_ptr<Search> MakeSearch(const SearchOptions& options,
                                   TokenRules rules) {
  if (options.beam_size == 1) {
    return std::make_unique<GreedySearch>(options, std::move(rules));
  }
  return std::make_unique<BeamSearch>(options, std::move(rules));
}

void ThrowNoToken() {
  throw Error("search: want a token with a finite log-probability, found none");
}

}  // namespace tessera::engine

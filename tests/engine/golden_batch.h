// Runs a list of sources through a model in one batch, for golden tests.
#ifndef TESSERA_TESTS_ENGINE_GOLDEN_BATCH_H_
#define TESSERA_TESTS_ENGINE_GOLDEN_BATCH_H_

#include <deque>
#include <vector>

#include "engine/worker/batch.h"
#include "tests/engine/ids_request.h"

namespace tessera::engine {

using Ids = std::vector<std::int32_t>;

// The results in the order of the sources; a few at a time, so that sentences
// leave and enter the batch. `threads` share each operation.
inline std::vector<Translation> TranslateIds(const models::Model& model,
                                             const std::vector<Ids>& sources,
                                             const SearchOptions& options,
                                             std::size_t threads = 1) {
  const ModelRules rules(model.info().generation);
  const Room capacity = {.sentences = 5, .rows = 5 * options.beam_size};
  Batch batch(model, rules, capacity);
  kernels::ExecContext context(threads);
  std::deque<IdsRequest> requests;
  for (const Ids& source : sources) requests.emplace_back(source, options);
  auto next = requests.begin();
  while (next != requests.end() || !batch.empty()) {
    std::vector<std::unique_ptr<Request>> entering;
    while (next != requests.end() && entering.size() < batch.room().sentences) {
      entering.push_back((next++)->Make());
    }
    batch.Admit(entering, context);
    if (!batch.empty()) batch.Step(context);
  }
  std::vector<Translation> results;
  for (const IdsRequest& request : requests) {
    results.push_back(request.result());
  }
  return results;
}

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_GOLDEN_BATCH_H_

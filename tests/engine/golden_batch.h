// Runs a list of sources through a model in one batch, for golden tests.
#ifndef TESSERA_TESTS_ENGINE_GOLDEN_BATCH_H_
#define TESSERA_TESTS_ENGINE_GOLDEN_BATCH_H_

#include <deque>
#include <vector>

#include "engine/worker/batch.h"
#include "tests/engine/ids_request.h"

namespace tessera::engine {

using Ids = std::vector<std::int32_t>;

// The results of requests in their order; a few at a time, so that sentences
// leave and enter the batch. `threads` share each operation.
inline std::vector<Translation> RunRequests(const models::Model& model,
                                            std::deque<IdsRequest>& requests,
                                            std::size_t threads = 1) {
  const ModelRules rules(model.info().generation);
  Batch batch(model, rules, {.sentences = 5, .rows = 5 * kMaxBeamSize});
  kernels::ExecContext context(threads);
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

inline std::vector<Translation> TranslateIds(const models::Model& model,
                                             const std::vector<Ids>& sources,
                                             const SearchOptions& options,
                                             std::size_t threads = 1) {
  std::deque<IdsRequest> requests;
  for (const Ids& source : sources) requests.emplace_back(source, options);
  return RunRequests(model, requests, threads);
}

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_GOLDEN_BATCH_H_

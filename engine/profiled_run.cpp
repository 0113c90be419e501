// A worker of its own, which somebody listens to.
#include "engine/profiled_run.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "engine/search/search_options.h"
#include "engine/translator_impl.h"
#include "engine/worker/request_queue.h"
#include "engine/worker/worker.h"

namespace tessera::engine {
namespace {

// Runs the worker until all texts are done; `run` gets counts of them.
void Translate(const Access::Impl& impl, std::span<const std::string> texts,
               const RequestOptions& options, Worker& worker,
               ProfiledRun& run) {
  Requests requests;
  for (const std::string& text : texts) {
    impl.AddRequests(text, options,
                     {.sink =
                          [&run](const Translation& result) {
                            ++run.sentences;
                            if (result.ok()) {
                              run.tokens +=
                                  result.hypotheses.front().ids.size();
                            } else if (run.failed++ == 0) {
                              run.error = result.error;
                            }
                          }},
                     requests);
  }
  RequestQueue queue(1);
  queue.Push(requests);
  queue.Close();
  worker.Run(queue);
}

}  // namespace

ProfiledRun RunProfiled(const Translator& translator,
                        std::span<const std::string> texts,
                        const TranslateOptions& options) {
  const Access::Impl& impl = Access::Of(translator);
  const RequestOptions resolved = impl.Resolve(options);
  Worker worker(
      0, impl.model(), impl.rules,
      BatchCapacity(impl.batch_size, Resolve({}, impl.model().info())));
  ProfiledRun warm_up, run;
  Translate(impl, texts.first(std::min(texts.size(), impl.batch_size)),
            resolved, worker, warm_up);
  worker.set_profile(&run.profile);
  run.begin = kernels::Profile::Clock::now();
  Translate(impl, texts, resolved, worker, run);
  run.end = kernels::Profile::Clock::now();
  return run;
}

}  // namespace tessera::engine

// Calls to worker threads.
#include "engine/runtime.h"

#include <tessera/error.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "engine/attention_report.h"
#include "engine/cpu_limit.h"
#include "engine/request/resolve_options.h"
#include "engine/request/text_request.h"
#include "engine/stream.h"

namespace tessera::engine {
namespace {

WorkerPool::Options PoolOptions(const LoadOptions& options,
                                const models::ModelInfo& model) {
  Check(options);
  const SearchOptions defaults = Resolve({}, model);
  return {.threads = options.threads == 0 ? UsableCpus() : options.threads,
          .capacity = BatchCapacity(options.batch_size, defaults)};
}

}  // namespace

Runtime::Runtime(LoadedModel loaded, const LoadOptions& options)
    : loaded_(std::move(loaded)),
      rules_(model().info().generation),
      batch_size_(options.batch_size),
      pool_(model(), rules_, PoolOptions(options, model().info())) {}

std::vector<Translation> Runtime::Translate(std::span<const std::string> texts,
                                            const TranslateOptions& options) {
  const SearchOptions search = Resolve(options, model().info());
  Call call;
  std::deque<TextSentence> sentences;
  std::vector<Sentence*> pushed;
  pushed.reserve(texts.size());
  for (const std::string& text : texts) {
    sentences.emplace_back(text, search, tokenizer(), call);
    pushed.push_back(&sentences.back());
  }
  std::vector<Translation> results(texts.size());
  pool_.Push(pushed);
  for (std::size_t i = 0; i < results.size(); ++i) {
    call.WaitFor(sentences[i]);
    results[i] = sentences[i].TakeResult();
  }
  return results;
}

void Runtime::TranslateStream(const Translator::Next& next,
                              const Translator::Done& done,
                              const TranslateOptions& options) {
  // The batches of all threads, as many sentences waiting for them, and twice
  // that for those that wait to be handed out behind a slow one.
  const std::size_t window = 4 * batch_size_ * threads();
  Stream stream({.search = Resolve(options, model().info()), .window = window},
                tokenizer(), pool_);
  stream.Run(next, done);
}

AttentionReport Runtime::Attend(const std::string& text,
                                const TranslateOptions& options) {
  Translation translation = std::move(Translate({&text, 1}, options).front());
  if (!translation.ok()) throw Error(translation.error);
  Hypothesis& best = translation.hypotheses.front();
  if (best.ids.empty()) {
    throw Error("text: want at least one token to look at, found none");
  }
  return engine::Explain(text, std::move(best), model(), tokenizer());
}

}  // namespace tessera::engine

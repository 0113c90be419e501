// A loaded model with its worker threads: what a Translator is made of.
#ifndef TESSERA_ENGINE_TRANSLATOR_IMPL_H_
#define TESSERA_ENGINE_TRANSLATOR_IMPL_H_

#include <tessera/attention_report.h>
#include <tessera/translator.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/request/request.h"
#include "engine/search/token_rules.h"
#include "engine/shortlist/shortlist.h"
#include "engine/tokenizer/pipeline/segment.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/worker/worker.h"
#include "kernels/memory_budget.h"
#include "models/model.h"

namespace tessera {
namespace engine {

struct LoadedModel {
  std::unique_ptr<models::Model> model;
  std::unique_ptr<Tokenizer> tokenizer;
  std::vector<std::string> warnings = {};
  std::shared_ptr<kernels::MemoryBudget> budget = {};  // of all that it takes
  std::unique_ptr<const Shortlist> shortlist = {};     // if one was asked for
};

// Throws Error, also if model and tokenizer do not fit each other.
LoadedModel Load(const std::filesystem::path& folder,
                 const LoadOptions& options);

// Throws Error unless the end that the tokenizer knows of, if any, is one of
// the model's. Warns of ids that have no embedding: a text that needs one
// fails.
void CheckFit(LoadedModel& loaded);

// How `model` reads `text` and writes `output`, which must come from it and
// have tokens. Throws Error.
AttentionReport Explain(const EncodedText& text, Hypothesis output,
                        const models::Model& model, const Tokenizer& tokenizer);

}  // namespace engine

struct [[gnu::visibility("hidden")]] Translator::Impl {
  // Throws Error for options out of range, of the caller or of the model's
  // generation_config.json.
  Impl(engine::LoadedModel folder, const LoadOptions& options);

  // What this thread allocates while it holds the value counts.
  [[nodiscard]] kernels::MemoryBudget::Scope UseBudget() const {
    return kernels::MemoryBudget::Scope(loaded.budget);
  }

  engine::RequestOptions Resolve(const TranslateOptions& options) const;

  // What one text, or one part of a text, asks of the workers.
  std::unique_ptr<engine::Request> MakeRequest(
      std::string text, const engine::RequestOptions& options,
      engine::Listener listener) const;

  // Adds what a text asks of the workers to `requests`: one request, or one for
  // each of its sentences. The listener is told of the text.
  void AddRequests(std::string text, const engine::RequestOptions& options,
                   engine::Listener listener, engine::Requests& requests) const;

  // The same of a text that is split, of which spans are to be kept.
  void AddSentences(std::string text, const std::vector<engine::Range>& spans,
                    const engine::RequestOptions& options,
                    engine::Listener listener, engine::Requests& requests)
      const;

  // The request of a part of a text, views of each other, in which spans of the
  // text are to be kept.
  std::unique_ptr<engine::Request> MakePart(
      std::string_view text, std::string_view part,
      const std::vector<engine::Range>& spans,
      const engine::RequestOptions& options, engine::Listener listener) const;

  const models::Model& model() const { return *loaded.model; }
  const engine::Tokenizer& tokenizer() const { return *loaded.tokenizer; }

  engine::LoadedModel loaded;
  ModelInfo info;
  engine::ModelRules rules;
  std::size_t batch_size;
  engine::WorkerPool pool;  // last: its threads use the rest
};

namespace engine {

// From outside the class to its inside and back.
struct Access {
  using Impl = Translator::Impl;
  static Impl& Of(const Translator& translator) { return translator.impl(); }
  static Translator Make(LoadedModel folder, const LoadOptions& options) {
    return Translator(std::make_unique<Impl>(std::move(folder), options));
  }
};

}  // namespace engine
}  // namespace tessera

#endif  // TESSERA_ENGINE_TRANSLATOR_IMPL_H_

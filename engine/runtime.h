// A loaded model with its worker threads: what a Translator is made of.
#ifndef TESSERA_ENGINE_RUNTIME_H_
#define TESSERA_ENGINE_RUNTIME_H_

#include <tessera/translator.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/loaded_model.h"
#include "engine/search/token_rules.h"
#include "engine/worker/worker_pool.h"

namespace tessera::engine {

// The methods are those of Translator, which explains them.
class Runtime {
 public:
  // Throws Error for options out of range, of the caller or of the model's
  // generation_config.json.
  Runtime(LoadedModel loaded, const LoadOptions& options);

  std::vector<Translation> Translate(std::span<const std::string> texts,
                                     const TranslateOptions& options);
  void TranslateStream(const Translator::Next& next,
                       const Translator::Done& done,
                       const TranslateOptions& options);
  AttentionReport Attend(const std::string& text,
                         const TranslateOptions& options);

  const models::Model& model() const { return *loaded_.model; }
  const Tokenizer& tokenizer() const { return *loaded_.tokenizer; }
  std::size_t threads() const { return pool_.threads(); }

 private:
  LoadedModel loaded_;
  TokenRules rules_;
  std::size_t batch_size_;
  WorkerPool pool_;  // last: its threads use the rest
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_RUNTIME_H_

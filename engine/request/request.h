// A sentence as a worker sees it: source tokens in, outputs out.
#ifndef TESSERA_ENGINE_REQUEST_REQUEST_H_
#define TESSERA_ENGINE_REQUEST_REQUEST_H_

#include <tessera/translation.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/search/search_options.h"

namespace tessera::engine {

// Owned by who asks for the translation, at least until Finish or Fail has
// returned; one of them is called, once, from a worker's thread.
class Sentence {
 public:
  explicit Sentence(const SearchOptions& options) : options_(options) {}
  virtual ~Sentence() = default;
  Sentence(const Sentence&) = delete;
  Sentence& operator=(const Sentence&) = delete;

  const SearchOptions& options() const { return options_; }

  // The source tokens with end-of-sentence, below the model's vocabulary size;
  // none if there is nothing to translate. Called once, from a worker's thread.
  // An exception becomes the message of Fail.
  virtual std::vector<std::int32_t> Encode() = 0;

  // Takes the outputs, best first: ids, log_probs and score. If it throws, Fail
  // is called after all.
  virtual void Finish(std::vector<Hypothesis> outputs) = 0;

  virtual void Fail(std::string error) noexcept = 0;

 private:
  SearchOptions options_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_REQUEST_H_

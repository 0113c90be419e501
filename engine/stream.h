// Lines in, translations out in the same order, with bounded memory.
#ifndef TESSERA_ENGINE_STREAM_H_
#define TESSERA_ENGINE_STREAM_H_

#include <tessera/translator.h>

#include <cstddef>
#include <deque>

#include "engine/request/text_request.h"
#include "engine/search/search_options.h"
#include "engine/worker/worker_pool.h"

namespace tessera::engine {

// One call of Translator::TranslateStream.
class Stream {
 public:
  struct Options {
    SearchOptions search;
    std::size_t window;  // sentences read ahead at most
  };

  Stream(const Options& options, const Tokenizer& tokenizer, WorkerPool& pool)
      : options_(options), tokenizer_(tokenizer), pool_(pool) {}
  // Waits for all sentences that are still on their way.
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Ends when `next` does. Exceptions of the two pass through.
  void Run(const Translator::Next& next, const Translator::Done& done);

 private:
  bool ReadOne(const Translator::Next& next);
  void HandOutOne(const Translator::Done& done);

  Options options_;
  const Tokenizer& tokenizer_;
  WorkerPool& pool_;
  Call call_;
  std::deque<TextSentence> window_;  // in the order of the lines
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_STREAM_H_

// A text on its way through the workers, and the call that waits for it.
#ifndef TESSERA_ENGINE_REQUEST_TEXT_REQUEST_H_
#define TESSERA_ENGINE_REQUEST_TEXT_REQUEST_H_

#include <tessera/translation.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/request/request.h"
#include "engine/tokenizer/tokenizer.h"

namespace tessera::engine {

class TextSentence;

// A caller's wait for its sentences, which workers finish in any order.
class Call {
 public:
  // Waits until the sentence is done.
  void WaitFor(const TextSentence& sentence);
  bool IsDone(const TextSentence& sentence);

  // Makes sentences that no worker has taken yet fail without work.
  void Cancel() { cancelled_ = true; }
  bool cancelled() const { return cancelled_; }

  // Called by workers: wakes the caller if it waits for this one. It may then
  // destroy sentence and call.
  void Done(TextSentence& sentence) noexcept;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  const TextSentence* awaited_ = nullptr;
  std::atomic<bool> cancelled_ = false;
};

// Tokenises and detokenises in the worker's thread. `call` and `tokenizer` must
// outlive it, and it must live until it is done.
class TextSentence final : public Sentence {
 public:
  TextSentence(std::string text, const SearchOptions& options,
               const Tokenizer& tokenizer, Call& call)
      : Sentence(options),
        text_(std::move(text)),
        tokenizer_(tokenizer),
        call_(call) {}

  std::vector<std::int32_t> Encode() override;
  void Finish(std::vector<Hypothesis> outputs) override;
  void Fail(std::string error) noexcept override;

  // For the caller, after Call::WaitFor.
  std::string TakeText() { return std::move(text_); }
  Translation TakeResult() { return std::move(result_); }

 private:
  friend class Call;

  std::string text_;
  const Tokenizer& tokenizer_;
  Call& call_;
  Translation result_;
  bool done_ = false;  // guarded by the call's mutex
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_TEXT_REQUEST_H_

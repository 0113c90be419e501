// Text to ids and back, round the work of a worker.
#include "engine/request/text_request.h"

#include <tessera/error.h>

namespace tessera::engine {

void Call::WaitFor(const TextSentence& sentence) {
  std::unique_lock lock(mutex_);
  awaited_ = &sentence;
  changed_.wait(lock, [&] { return sentence.done_; });
}

bool Call::IsDone(const TextSentence& sentence) {
  const std::lock_guard lock(mutex_);
  return sentence.done_;
}

// Notifies under the lock: once it is released the call may be gone.
void Call::Done(TextSentence& sentence) noexcept {
  const std::lock_guard lock(mutex_);
  sentence.done_ = true;
  if (awaited_ == &sentence) changed_.notify_one();
}

std::vector<std::int32_t> TextSentence::Encode() {
  if (call_.cancelled()) throw Error("cancelled");
  EncodedText encoded = tokenizer_.Encode(text_);
  if (encoded.empty) encoded.ids.clear();
  return std::move(encoded.ids);
}

void TextSentence::Finish(std::vector<Hypothesis> outputs) {
  for (Hypothesis& output : outputs) {
    output.text = tokenizer_.Decode(output.ids);
    output.pieces.reserve(output.ids.size());
    for (const std::int32_t id : output.ids) {
      output.pieces.push_back(tokenizer_.Piece(id));
    }
  }
  result_.hypotheses = std::move(outputs);
  call_.Done(*this);
}

void TextSentence::Fail(std::string error) noexcept {
  result_.error = std::move(error);
  call_.Done(*this);
}

}  // namespace tessera::engine

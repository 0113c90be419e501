// The window of a stream.
#include "engine/stream.h"

#include <utility>

namespace tessera::engine {

Stream::~Stream() {
  call_.Cancel();
  for (const TextSentence& sentence : window_) call_.WaitFor(sentence);
}

void Stream::Run(const Translator::Next& next, const Translator::Done& done) {
  while (ReadOne(next)) {
    if (window_.size() == options_.window) HandOutOne(done);
    while (!window_.empty() && call_.IsDone(window_.front())) HandOutOne(done);
  }
  while (!window_.empty()) HandOutOne(done);
}

bool Stream::ReadOne(const Translator::Next& next) {
  std::optional<std::string> text = next();
  if (!text) return false;
  Sentence* sentence = &window_.emplace_back(*std::move(text), options_.search,
                                             tokenizer_, call_);
  try {
    pool_.Push({&sentence, 1});
  } catch (...) {
    window_.pop_back();  // no worker will ever finish it
    throw;
  }
  return true;
}

void Stream::HandOutOne(const Translator::Done& done) {
  TextSentence& front = window_.front();
  call_.WaitFor(front);
  const std::string text = front.TakeText();
  Translation result = front.TakeResult();
  window_.pop_front();
  done(text, std::move(result));
}

}  // namespace tessera::engine

// Text to ids and back, round the work of a worker.
#include "engine/request/request.h"

#include <utility>

#include "engine/request/failure.h"

namespace tessera::engine {
namespace {

void AddTexts(const Tokenizer& tokenizer, std::vector<Hypothesis>& outputs) {
  for (Hypothesis& output : outputs) {
    output.text = tokenizer.Decode(output.ids);
    output.pieces.reserve(output.ids.size());
    for (const std::int32_t id : output.ids) {
      output.pieces.push_back(tokenizer.Piece(id));
    }
  }
}

}  // namespace

void Request::Encode() {
  if (tokenizer == nullptr) return;
  EncodedText encoded = tokenizer->EncodeFor(languages, text);
  if (encoded.empty) encoded.ids.clear();
  source = std::move(encoded.ids);
  rules = {.prompt = std::move(encoded.prompt),
           .forced_first = encoded.forced_first};
}

void Request::Finish(std::vector<Hypothesis> outputs) noexcept {
  try {
    if (tokenizer != nullptr) AddTexts(*tokenizer, outputs);
  } catch (...) {
    return Fail(std::current_exception());
  }
  sink({.hypotheses = std::move(outputs)});
}

void Request::Fail(const std::exception_ptr& error) noexcept {
  sink(FailureOf(error));
}

}  // namespace tessera::engine

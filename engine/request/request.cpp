// Text to ids and back, round the work of a worker; exceptions as results.
#include "engine/request/request.h"

#include <new>
#include <system_error>
#include <utility>

#include "engine/tokenizer/text.h"
#include "kernels/memory_budget.h"

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

Translation OutOfMemory() noexcept {
  // The message is short enough to need no memory.
  return {.error = "out of memory", .error_kind = ErrorKind::kResources};
}

Translation Failure(ErrorKind kind, const char* message) noexcept try {
  return {.error = message, .error_kind = kind};
} catch (const std::bad_alloc&) {
  return OutOfMemory();
}

// A failed translation with the message of an exception. Its kind: of a
// TextError the error's own; kResources for std::bad_alloc ("out of memory"),
// std::system_error and BudgetError; kInternal for all others.
Translation FailureOf(const std::exception_ptr& error) noexcept try {
  std::rethrow_exception(error);
} catch (const std::bad_alloc&) {
  return OutOfMemory();
} catch (const kernels::BudgetError& exception) {
  return Failure(ErrorKind::kResources, exception.what());
} catch (const TextError& exception) {
  return Failure(exception.kind(), exception.what());
} catch (const std::system_error& exception) {
  return Failure(ErrorKind::kResources, exception.what());
} catch (const std::exception& exception) {
  return Failure(ErrorKind::kInternal, exception.what());
} catch (...) {
  return Failure(ErrorKind::kInternal, "unknown error");
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

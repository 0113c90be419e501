// Text to ids and back, round the work of a worker; exceptions as results.
#include "engine/request/request.h"

#include <new>
#include <system_error>
#include <utility>

#include "engine/request/punctuation.h"
#include "engine/tokenizer/text.h"

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
// TextError the error's own; kResources for std::bad_alloc ("out of memory")
// and std::system_error; kInternal for all others.
Translation FailureOf(const std::exception_ptr& error) noexcept try {
  std::rethrow_exception(error);
} catch (const std::bad_alloc&) {
  return OutOfMemory();
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

void Request::CheckStopped() const {
  if (stop.stop_requested()) {
    throw TextError(ErrorKind::kCancelled, "cancelled");
  }
  if (deadline && std::chrono::steady_clock::now() > *deadline) {
    throw TextError(ErrorKind::kTimeLimit, "the time limit has passed");
  }
}

void Request::Encode(std::size_t positions) {
  if (tokenizer == nullptr) return;
  if (normalize) {
    CheckText(text);
    text = NormalizePunctuation(
        text, languages.source.empty() ? "en" : languages.source);
  }
  EncodedText encoded = tokenizer->EncodeFor(languages, text);
  if (encoded.empty && !scores()) encoded.ids.clear();
  if (truncate && !encoded.empty) {
    truncated = tokenizer->truncation().Cut(encoded, positions);
  }
  if (target_text) target = tokenizer->EncodeTarget(languages, *target_text);
  source = std::move(encoded.ids);
  rules = {.prompt = std::move(encoded.prompt),
           .forced_first = encoded.forced_first};
}

void Request::Finish(std::vector<Hypothesis> outputs,
                     std::span<const std::int32_t> aligned_source) noexcept {
  Translation translation;
  try {
    if (tokenizer != nullptr) {
      AddTexts(*tokenizer, outputs);
      if (growth) growth->Finish(outputs.front().ids, outputs.front().text);
      for (const std::int32_t id : aligned_source) {
        translation.source_pieces.push_back(tokenizer->SourcePiece(id));
      }
    }
    translation.hypotheses = std::move(outputs);
  } catch (...) {
    return Fail(std::current_exception());
  }
  translation.truncated_tokens = truncated;
  sink(std::move(translation));
}

void Request::Fail(const std::exception_ptr& error) noexcept {
  sink(FailureOf(error));
}

}  // namespace tessera::engine

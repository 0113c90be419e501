// Text to ids and back, round the work of a worker; exceptions as results.
#include "engine/request/request.h"

#include <new>
#include <span>
#include <system_error>
#include <utility>

#include "engine/tokenizer/text.h"
#include "kernels/memory_budget.h"
#include "models/files/message.h"

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

// With the tokens of the prefix, which are certain.
void AddPrefix(std::span<const std::int32_t> prefix,
               std::vector<Hypothesis>& outputs) {
  if (prefix.empty()) return;
  for (Hypothesis& output : outputs) {
    output.ids.insert(output.ids.begin(), prefix.begin(), prefix.end());
    output.log_probs.insert(output.log_probs.begin(), prefix.size(), 0.0f);
  }
}

// Vocabularies may have more entries than the model has embeddings.
void CheckIds(std::span<const std::int32_t> ids, std::size_t vocabulary,
              const auto& piece) {
  for (const std::int32_t id : ids) {
    if (static_cast<std::size_t>(id) < vocabulary) continue;
    throw TextError(
        ErrorKind::kInternal,
        models::Cat("token ", models::QuoteText(piece(id)),
                    ": want an id below ", vocabulary,
                    ", as many as the model has embeddings, found ", id));
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

void Request::Encode(std::size_t positions) {
  rules.prefix = options.prefix;
  if (tokenizer == nullptr) return;
  EncodedText encoded = tokenizer->EncodeFor(languages, text);
  if (encoded.empty) encoded.ids.clear();
  if (truncate && !encoded.empty) {
    truncated = tokenizer->truncation().Cut(encoded, positions);
  }
  const auto source_piece = [&](auto id) { return tokenizer->SourcePiece(id); };
  const auto piece = [&](auto id) { return tokenizer->Piece(id); };
  CheckIds(encoded.ids, source_vocabulary, source_piece);
  CheckIds(encoded.prompt, target_vocabulary, piece);
  if (encoded.forced_first) {
    CheckIds({&*encoded.forced_first, 1}, target_vocabulary, piece);
  }
  source = std::move(encoded.ids);
  rules.prompt = std::move(encoded.prompt);
  rules.forced_first = encoded.forced_first;
}

void Request::Finish(std::vector<Hypothesis> outputs) noexcept {
  try {
    if (!source.empty()) AddPrefix(rules.prefix, outputs);
    if (tokenizer != nullptr) AddTexts(*tokenizer, outputs);
  } catch (...) {
    return Fail(std::current_exception());
  }
  sink({.hypotheses = std::move(outputs), .truncated_tokens = truncated});
}

void Request::Fail(const std::exception_ptr& error) noexcept {
  sink(FailureOf(error));
}

}  // namespace tessera::engine

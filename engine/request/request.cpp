// Text to ids and back, round the work of a worker; exceptions as results.
#include "engine/request/request.h"

#include <algorithm>
#include <new>
#include <span>
#include <system_error>
#include <utility>

#include "engine/request/punctuation.h"
#include "engine/request/source_words.h"
#include "engine/tokenizer/text.h"
#include "kernels/memory_budget.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

bool Has(std::span<const std::int32_t> ids, std::optional<std::int32_t> id) {
  return id && std::ranges::count(ids, *id) > 0;
}

// The text of an output with words of its source for its unknown tokens.
std::string TextWithWords(const Tokenizer& tokenizer, const Hypothesis& output,
                          const SourceWords& source) {
  const std::size_t columns = output.attention.size() / output.ids.size();
  std::vector<std::int32_t> ids = output.ids;
  std::vector<std::string> words;
  for (std::size_t row = 0; row < ids.size(); ++row) {
    if (ids[row] != tokenizer.target_unknown()) continue;
    const std::string_view word = source.Attended(
        std::span(output.attention).subspan(row * columns, columns));
    if (word.empty()) continue;
    words.emplace_back(word);
    ids[row] = -static_cast<std::int32_t>(words.size());
  }
  return tokenizer.DecodeWith(ids, words);
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

void Request::CheckStopped() const {
  if (stop.stop_requested()) {
    throw TextError(ErrorKind::kCancelled, "cancelled");
  }
  if (deadline && std::chrono::steady_clock::now() > *deadline) {
    throw TextError(ErrorKind::kTimeLimit, "the time limit has passed");
  }
}

void Request::Encode(std::size_t positions) {
  if (!refused.empty()) throw TextError(ErrorKind::kBadText, refused);
  rules.prefix = options.prefix;
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
  const auto source_piece = [&](auto id) { return tokenizer->SourcePiece(id); };
  const auto piece = [&](auto id) { return tokenizer->Piece(id); };
  CheckIds(encoded.ids, source_vocabulary, source_piece);
  if (target_text) {
    target = tokenizer->EncodeTarget(languages, *target_text);
    CheckIds(target, target_vocabulary, piece);
  }
  CheckIds(encoded.prompt, target_vocabulary, piece);
  if (encoded.forced_first) {
    CheckIds({&*encoded.forced_first, 1}, target_vocabulary, piece);
  }
  source = std::move(encoded.ids);
  rules.prompt = std::move(encoded.prompt);
  rules.forced_first = encoded.forced_first;
}

std::optional<AlignmentChoice> Request::AttentionOf(
    const Hypothesis& output) const {
  if (alignment) return alignment;
  const bool lacks_words = tokenizer != nullptr && !scores() &&
                           Has(output.ids, tokenizer->target_unknown());
  return lacks_words ? replacing : std::nullopt;
}

// Texts and pieces of outputs, and what is unknown of the source.
void Request::AddTexts(std::vector<Hypothesis>& outputs,
                       std::vector<UnknownWord>& unknown) const {
  std::optional<SourceWords> words;
  const auto source_words = [&]() -> const SourceWords& {
    if (!words) words.emplace(*tokenizer, languages, text, truncated);
    return *words;
  };
  if (Has(source, tokenizer->source_unknown())) {
    unknown = source_words().Unknown();
  }
  for (Hypothesis& output : outputs) {
    const bool replaces = replacing && !output.attention.empty() &&
                          Has(output.ids, tokenizer->target_unknown());
    output.text = replaces ? TextWithWords(*tokenizer, output, source_words())
                           : tokenizer->Decode(output.ids);
    output.pieces.reserve(output.ids.size());
    for (const std::int32_t id : output.ids) {
      output.pieces.push_back(tokenizer->Piece(id));
    }
    if (alignment) continue;
    output.attention.clear();
    output.alignment.clear();
  }
}

void Request::Finish(std::vector<Hypothesis> outputs,
                     std::span<const std::int32_t> aligned_source) noexcept {
  Translation translation;
  try {
    if (tokenizer != nullptr) {
      AddTexts(outputs, translation.unknown);
      if (growth) growth->Finish(outputs.front().ids, outputs.front().text);
      if (!alignment) aligned_source = {};
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

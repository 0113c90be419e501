// One way after the other, until all spans are kept.
#include "engine/request/kept_text.h"

#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

#include "engine/request/document.h"
#include "engine/request/keep_patterns.h"
#include "engine/tokenizer/text.h"

namespace tessera::engine {
namespace {

using Sink = std::function<void(Translation)>;

// Of the search for required words: fewer lose more spans, more take longer and
// find hardly any others.
constexpr std::size_t kRequiredBeams = 8;

bool HasLetters(std::string_view text) {
  return std::ranges::any_of(Characters(text), [](const Character& one) {
    return one.kind == CharacterKind::kLetter;
  });
}

// What stands between spans, without the white space round it, where it has
// letters.
std::vector<std::string_view> PartsBetween(std::string_view text,
                                           std::span<const Range> spans) {
  std::vector<std::string_view> parts;
  std::size_t at = 0;
  const auto add = [&](std::size_t end) {
    const std::string_view part = StripSpace(text.substr(at, end - at));
    if (HasLetters(part)) parts.push_back(part);
  };
  for (const Range& span : spans) {
    add(span.begin);
    at = span.end;
  }
  add(text.size());
  return parts;
}

// The tokens of each span; none if the vocabulary cannot write all of them.
std::vector<std::vector<std::int32_t>> TokensOf(
    std::span<const std::string> spans, const Languages& languages,
    const Tokenizer& tokenizer) {
  std::vector<std::vector<std::int32_t>> words;
  std::size_t tokens = 0;
  for (const std::string& span : spans) {
    std::vector<std::int32_t> word = tokenizer.EncodeWords(languages, span);
    if (StripSpace(tokenizer.Decode(word)) != span) return {};
    tokens += word.size();
    words.push_back(std::move(word));
  }
  if (words.size() > kMaxRequiredWords || tokens > kMaxRequiredTokens) {
    return {};
  }
  return words;
}

// Nobody waits for another way.
bool IsGivenUp(ErrorKind kind) {
  return kind == ErrorKind::kCancelled || kind == ErrorKind::kTimeLimit ||
         kind == ErrorKind::kResources;
}

}  // namespace

std::unique_ptr<Request> KeptText::Ask(Asking asking, std::string text,
                                       std::vector<Range> spans,
                                       const RequestOptions& options,
                                       Listener listener) {
  const auto kept = std::make_shared<KeptText>(
      Private{}, std::move(asking), std::move(text), std::move(spans), options,
      std::move(listener));
  std::unique_ptr<Request> first = kept->asking_.make(
      kept->text_, kept->options_,
      {.sink = kept->SinkOf(Way::kFree), .stop = kept->listener_.stop});
  kept->deadline_ = first->deadline;
  return first;
}

KeptText::KeptText(Private, Asking asking, std::string text,
                   std::vector<Range> spans, const RequestOptions& options,
                   Listener listener)
    : asking_(std::move(asking)),
      text_(std::move(text)),
      spans_(std::move(spans)),
      kept_(TextsOf(text_, spans_)),
      options_(options),
      listener_(std::move(listener)) {}

Sink KeptText::SinkOf(Way way) {
  return [self = shared_from_this(), way](Translation result) {
    self->Take(way, std::move(result));
  };
}

// The time limit goes on.
std::unique_ptr<Request> KeptText::MakeRequest(std::string text,
                                               const RequestOptions& options,
                                               Sink sink) {
  std::unique_ptr<Request> request =
      asking_.make(std::move(text), options,
                   {.sink = std::move(sink), .stop = listener_.stop});
  request->deadline = deadline_;
  return request;
}

// Finishes with the result, or asks again.
void KeptText::Take(Way way, Translation result) noexcept try {
  const ErrorKind kind = result.error_kind;
  if (IsGivenUp(kind) || (way == Way::kFree && !result.ok())) {
    return Finish(std::move(result));
  }
  if (result.ok()) {
    std::erase_if(result.hypotheses, [this](const Hypothesis& output) {
      return !options_.keep->AreKept(kept_, output.text);
    });
    if (!result.hypotheses.empty()) return Finish(std::move(result));
  }
  if (way == Way::kFree && AskRequired()) return;
  if (way != Way::kParts && AskParts()) return;
  Finish(CopyOf(text_));
} catch (const std::bad_alloc&) {
  listener_.sink(
      {.error = "out of memory", .error_kind = ErrorKind::kResources});
}

bool KeptText::AskRequired() {
  if (kept_.empty()) return false;
  RequestOptions options = options_;
  SearchOptions& search = options.search;
  try {
    search.required_words =
        TokensOf(kept_, options_.languages, *asking_.tokenizer);
  } catch (const TextError&) {
    return false;
  }
  if (search.required_words.empty()) return false;
  search.n_best = search.n_best.value_or(search.beam_size);
  search.beam_size =
      std::max({search.beam_size, *search.n_best, kRequiredBeams});
  search.beam_groups = 1;
  search.sampling.reset();
  Requests one;
  one.push_back(MakeRequest(text_, options, SinkOf(Way::kRequired)));
  asking_.push(one);
  return true;
}

bool KeptText::AskParts() {
  if (kept_.empty()) return false;
  const auto document = std::make_shared<Document>(
      text_, SinkOf(Way::kParts), TextGrowth::Sink(),
      [this](std::string_view text) { return PartsBetween(text, spans_); });
  if (document->sentence(0).empty()) return false;
  Requests parts;
  for (std::size_t i = 0; i < document->size(); ++i) {
    parts.push_back(MakeRequest(std::string(document->sentence(i)), options_,
                                [document, i](Translation done) {
                                  document->Finish(i, std::move(done));
                                }));
  }
  asking_.push(parts);
  return true;
}

void KeptText::Finish(Translation result) {
  if (listener_.growth && result.ok()) {
    const Hypothesis& best = result.hypotheses.front();
    listener_.growth({.text = best.text, .ids = best.ids});
  }
  listener_.sink(std::move(result));
}

Translation CopyOf(std::string text) {
  Translation copy;
  copy.hypotheses.emplace_back().text = std::move(text);
  return copy;
}

Sink CheckWhole(std::shared_ptr<const KeepPatterns> patterns, std::string text,
                std::span<const Range> spans, Sink sink) {
  const std::vector<std::string> kept = TextsOf(text, spans);
  return [patterns = std::move(patterns), kept, text = std::move(text),
          sink = std::move(sink)](Translation done) mutable {
    try {
      const bool all =
          std::ranges::all_of(done.hypotheses, [&](const Hypothesis& output) {
            return patterns->AreKept(kept, output.text);
          });
      if (!all) done = CopyOf(std::move(text));
    } catch (const std::bad_alloc&) {
      done = {.error = "out of memory", .error_kind = ErrorKind::kResources};
    }
    sink(std::move(done));
  };
}

std::vector<std::string_view> JoinAcross(
    std::string_view text, const std::vector<std::string_view>& sentences,
    std::span<const Range> spans) {
  std::vector<std::string_view> joined;
  auto span = spans.begin();
  for (const std::string_view sentence : sentences) {
    auto begin = static_cast<std::size_t>(sentence.data() - text.data());
    std::size_t end = begin + sentence.size();
    if (!joined.empty() &&
        begin < static_cast<std::size_t>(joined.back().data() +
                                         joined.back().size() - text.data())) {
      begin = static_cast<std::size_t>(joined.back().data() - text.data());
      end = std::max(end, begin + joined.back().size());
      joined.pop_back();
    }
    while (span != spans.end() && span->end <= begin) ++span;
    for (; span != spans.end() && span->begin < end; ++span) {
      begin = std::min(begin, span->begin);
      end = std::max(end, span->end);
    }
    joined.push_back(text.substr(begin, end - begin));
  }
  return joined;
}

std::vector<Range> SpansWithin(std::string_view text, std::string_view part,
                               std::span<const Range> spans) {
  const auto begin = static_cast<std::size_t>(part.data() - text.data());
  std::vector<Range> within;
  for (const Range& span : spans) {
    if (span.begin < begin || span.end > begin + part.size()) continue;
    within.push_back({span.begin - begin, span.end - begin});
  }
  return within;
}

}  // namespace tessera::engine

// Sentences that come back in any order, put together.
#include "engine/request/document.h"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include "engine/request/sentences.h"
#include "engine/tokenizer/text.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

const Hypothesis& AtMost(const std::vector<Hypothesis>& hypotheses,
                         std::size_t rank) {
  return hypotheses[std::min(rank, hypotheses.size() - 1)];
}

template <class T>
void Append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

bool Document::CanSplit(std::string_view text) {
  constexpr auto kMax = std::numeric_limits<std::int32_t>::max();
  return text.size() < static_cast<std::size_t>(kMax) &&
         ValidUtf8Prefix(text) == text.size();
}

Document::Document(std::string text, Sink sink, TextGrowth::Sink growth,
                   const Cut& cut)
    : text_(std::move(text)), sink_(std::move(sink)), sentences_(cut(text_)) {
  if (sentences_.empty()) {
    sentences_.push_back(std::string_view(text_).substr(text_.size()));
  }
  if (growth) growth_.emplace(text_, sentences_, std::move(growth));
  results_.resize(sentences_.size());
  missing_ = sentences_.size();
}

void Document::Finish(std::size_t i, Translation result) noexcept {
  results_[i] = std::move(result);
  if (growth_ && results_[i].ok()) growth_->Finish(i);
  if (--missing_ > 0) return;
  Translation joined;
  try {
    joined = Join();
  } catch (const std::bad_alloc&) {
    joined = {.error = "out of memory", .error_kind = ErrorKind::kResources};
  }
  sink_(std::move(joined));
}

Translation Document::Join() {
  std::size_t ranks = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    if (!results_[i].ok()) return Failure(i);
    ranks = std::max(ranks, results_[i].hypotheses.size());
  }
  Translation joined;
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    joined.hypotheses.push_back(JoinHypotheses(rank));
  }
  for (const Translation& result : results_) {
    Append(joined.source_pieces, result.source_pieces);
    joined.truncated_tokens += result.truncated_tokens;
  }
  for (std::size_t i = 0; i < size(); ++i) {
    for (UnknownWord& word : results_[i].unknown) {
      word.begin += BeginOf(i);
      word.end += BeginOf(i);
      joined.unknown.push_back(std::move(word));
    }
  }
  if (size() == 1) return joined;
  for (std::size_t i = 0; i < size(); ++i) AddSentences(i, joined.sentences);
  return joined;
}

// Sentence i, or the parts in which it was translated.
void Document::AddSentences(std::size_t i, std::vector<Sentence>& sentences) {
  const std::size_t begin = BeginOf(i);
  Translation& result = results_[i];
  for (Sentence& part : result.sentences) {
    part.begin += begin;
    part.end += begin;
    sentences.push_back(std::move(part));
  }
  if (!result.sentences.empty()) return;
  sentences.push_back({.begin = begin,
                       .end = begin + sentences_[i].size(),
                       .hypotheses = std::move(result.hypotheses),
                       .source_pieces = std::move(result.source_pieces)});
}

std::size_t Document::BeginOf(std::size_t i) const {
  return static_cast<std::size_t>(sentences_[i].data() - text_.data());
}

Translation Document::Failure(std::size_t i) {
  Translation failed = std::move(results_[i]);
  if (size() > 1 && failed.error_kind != ErrorKind::kCancelled) {
    failed.error = models::Cat("sentence ", i + 1, ": ", failed.error);
  }
  return failed;
}

// The hypothesis of that rank; gives its sentences' texts the spaces that they
// get.
Hypothesis Document::JoinHypotheses(std::size_t rank) {
  Hypothesis joined;
  std::vector<std::string> texts;
  std::int32_t read = 0;  // source tokens of the sentences before
  for (const Translation& result : results_) {
    const Hypothesis& part = AtMost(result.hypotheses, rank);
    texts.push_back(part.text);
    Append(joined.ids, part.ids);
    Append(joined.pieces, part.pieces);
    Append(joined.log_probs, part.log_probs);
    for (const std::int32_t source : part.alignment) {
      joined.alignment.push_back(source < 0 ? -1 : source + read);
    }
    read += static_cast<std::int32_t>(result.source_pieces.size());
    if (size() == 1) joined.attention = part.attention;
    joined.score += part.score;
  }
  joined.text = JoinSentences(text_, sentences_, texts);
  for (std::size_t i = 0; i < size(); ++i) {
    auto& hypotheses = results_[i].hypotheses;
    if (rank < hypotheses.size()) hypotheses[rank].text = texts[i];
  }
  return joined;
}

}  // namespace tessera::engine

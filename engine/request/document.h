// A text that goes through the workers sentence by sentence.
#ifndef TESSERA_ENGINE_REQUEST_DOCUMENT_H_
#define TESSERA_ENGINE_REQUEST_DOCUMENT_H_

#include <tessera/translation.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/request/document_growth.h"
#include "engine/request/sentences.h"

namespace tessera::engine {

// Shared by the requests of its sentences.
class Document {
 public:
  using Sink = std::function<void(Translation)>;

  // Whether the text can be split: it is UTF-8 of less than 2 GiB. One that
  // cannot be is told so as any other text.
  static bool CanSplit(std::string_view text);

  // Cuts a text into views of it, in order.
  using Cut = std::function<std::vector<std::string_view>(std::string_view)>;

  // Requires CanSplit(text). The sink is called once; `growth`, if it is given,
  // is told of the text before that.
  Document(std::string text, Sink sink, TextGrowth::Sink growth = {},
           const Cut& cut = SplitSentences);
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  // One sentence at least, an empty one of a text that has none.
  std::size_t size() const { return sentences_.size(); }
  std::string_view sentence(std::size_t i) const { return sentences_[i]; }
  std::string_view text() const { return text_; }

  // What it was made of, to be used otherwise.
  std::string TakeText() { return std::move(text_); }
  Sink TakeSink() { return std::move(sink_); }

  // Takes what sentence i has grown by, from any thread. Only where that is to
  // be told.
  void Grow(std::size_t i, const Growth& growth) { growth_->Grow(i, growth); }
  bool grows() const { return growth_.has_value(); }

  // Takes what became of sentence i, from any thread, once. The last one tells
  // the sink: the whole text's translation, or the error of the first sentence
  // that failed.
  void Finish(std::size_t i, Translation result) noexcept;

 private:
  Translation Join();
  std::size_t BeginOf(std::size_t i) const;  // of a sentence in the text
  Translation Failure(std::size_t i);
  void AddSentences(std::size_t i, std::vector<Sentence>& sentences);
  Hypothesis JoinHypotheses(std::size_t rank);

  std::string text_;
  Sink sink_;
  std::vector<std::string_view> sentences_;
  std::optional<DocumentGrowth> growth_;
  std::vector<Translation> results_;
  std::atomic<std::size_t> missing_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_DOCUMENT_H_

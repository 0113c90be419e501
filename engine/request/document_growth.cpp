// Sentences in turn.
#include "engine/request/document_growth.h"

#include <utility>

#include "engine/request/sentences.h"

namespace tessera::engine {

DocumentGrowth::DocumentGrowth(std::string_view text,
                               const std::vector<std::string_view>& sentences,
                               TextGrowth::Sink sink)
    : text_(text),
      sentences_(sentences),
      sink_(std::move(sink)),
      waiting_(sentences.size()),
      between_(Between(0)) {}

void DocumentGrowth::Grow(std::size_t i, const Growth& growth) {
  const std::lock_guard lock(mutex_);
  if (i == turn_) return Tell(growth.text, growth.ids);
  Waiting& waiting = waiting_[i];
  waiting.text += growth.text;
  waiting.ids.insert(waiting.ids.end(), growth.ids.begin(), growth.ids.end());
}

void DocumentGrowth::Finish(std::size_t i) {
  const std::lock_guard lock(mutex_);
  waiting_[i].finished = true;
  if (i != turn_) return;
  while (turn_ < waiting_.size() && waiting_[turn_].finished) {
    between_ += Between(++turn_);
    begun_ = false;
    if (turn_ == waiting_.size()) break;
    const std::string text = std::exchange(waiting_[turn_].text, {});
    const auto ids = std::exchange(waiting_[turn_].ids, {});
    if (!ids.empty()) Tell(text, ids);
  }
  if (turn_ == waiting_.size() && !between_.empty()) Tell("", {});
}

// What stands before sentence i; of their number, behind the last one.
std::string_view DocumentGrowth::Between(std::size_t i) const {
  const char* const begin =
      i == 0 ? text_.data()
             : sentences_[i - 1].data() + sentences_[i - 1].size();
  const char* const end = i == sentences_.size() ? text_.data() + text_.size()
                                                 : sentences_[i].data();
  return {begin, end};
}

void DocumentGrowth::Tell(std::string_view text,
                          std::span<const std::int32_t> ids) {
  std::string all = std::exchange(between_, {});
  if (turn_ > 0 && turn_ < sentences_.size() && !begun_ &&
      NeedsSpace(all.empty() ? told_ : all, text)) {
    all += ' ';
  }
  begun_ = begun_ || !text.empty();
  all += text;
  sink_({.text = all, .ids = ids});
  if (!all.empty()) told_ = std::move(all);
}

}  // namespace tessera::engine

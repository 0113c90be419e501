// The tree of outputs.
#include "engine/search/history.h"

#include <algorithm>

namespace tessera::engine {

History::History(std::span<const std::int32_t> prompt, std::size_t capacity)
    : root_(-1) {
  nodes_.reserve(prompt.size() + capacity);
  for (const std::int32_t token : prompt) root_ = Append(root_, token, 0);
}

std::int32_t History::Append(std::int32_t parent, std::int32_t token,
                             float log_prob) {
  nodes_.push_back({parent, token, log_prob});
  return static_cast<std::int32_t>(nodes_.size() - 1);
}

std::int32_t History::TokenBefore(std::int32_t node, std::size_t steps) const {
  for (; steps > 0; --steps) {
    node = nodes_[static_cast<std::size_t>(node)].parent;
  }
  return nodes_[static_cast<std::size_t>(node)].token;
}

bool History::EndAlike(std::int32_t a, std::int32_t b,
                       std::size_t count) const {
  for (; count > 0; --count) {
    if (a < 0 || b < 0 || TokenBefore(a, 0) != TokenBefore(b, 0)) return false;
    a = Parent(a);
    b = Parent(b);
  }
  return true;
}

Hypothesis History::Output(std::int32_t node, double score) const {
  Hypothesis output;
  output.score = score;
  for (; node != root_; node = nodes_[static_cast<std::size_t>(node)].parent) {
    const Node& last = nodes_[static_cast<std::size_t>(node)];
    output.ids.push_back(last.token);
    output.log_probs.push_back(last.log_prob);
  }
  std::reverse(output.ids.begin(), output.ids.end());
  std::reverse(output.log_probs.begin(), output.log_probs.end());
  return output;
}

}  // namespace tessera::engine

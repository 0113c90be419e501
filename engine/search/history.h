// Outputs being built, as a tree: beams with a common beginning share it.
#ifndef TESSERA_ENGINE_SEARCH_HISTORY_H_
#define TESSERA_ENGINE_SEARCH_HISTORY_H_

#include <tessera/translation.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tessera::engine {

// Nodes are numbered as they come, those of the prompt first. An output is
// named by its last node.
class History {
 public:
  // Begins with a prompt of one token at least. `capacity` nodes besides it fit
  // without another allocation.
  History(std::span<const std::int32_t> prompt, std::size_t capacity)
      : root_(-1) {
    nodes_.reserve(prompt.size() + capacity);
    for (const std::int32_t token : prompt) root_ = Append(root_, token, 0);
  }

  // The prompt's last token.
  std::int32_t root() const { return root_; }

  // Adds a token after `parent`, returns its node.
  std::int32_t Append(std::int32_t parent, std::int32_t token, float log_prob) {
    nodes_.push_back({parent, token, log_prob});
    return static_cast<std::int32_t>(nodes_.size() - 1);
  }

  // The token `steps` before the last of an output; 0: the last itself.
  // Requires an output of more than `steps` tokens with its prompt.
  std::int32_t TokenBefore(std::int32_t node, std::size_t steps) const {
    for (; steps > 0; --steps) node = at(node).parent;
    return at(node).token;
  }

  // The output without its last token; -1: the prompt's first was all of it.
  std::int32_t Parent(std::int32_t node) const { return at(node).parent; }

  // Whether two outputs end with the same `count` tokens.
  bool EndAlike(std::int32_t a, std::int32_t b, std::size_t count) const {
    for (; count > 0; --count) {
      if (a < 0 || b < 0 || at(a).token != at(b).token) return false;
      a = Parent(a);
      b = Parent(b);
    }
    return true;
  }

  // Ids and log-probabilities of an output, without the prompt.
  Hypothesis Output(std::int32_t node, double score) const {
    Hypothesis output;
    output.score = score;
    for (; node != root_; node = at(node).parent) {
      output.ids.push_back(at(node).token);
      output.log_probs.push_back(at(node).log_prob);
    }
    std::reverse(output.ids.begin(), output.ids.end());
    std::reverse(output.log_probs.begin(), output.log_probs.end());
    return output;
  }

 private:
  struct Node {
    std::int32_t parent;
    std::int32_t token;
    float log_prob;
  };
  const Node& at(std::int32_t node) const {
    return nodes_[static_cast<std::size_t>(node)];
  }

  std::vector<Node> nodes_;
  std::int32_t root_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_HISTORY_H_

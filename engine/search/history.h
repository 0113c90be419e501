// Outputs being built, as a tree: beams with a common beginning share it.
#ifndef TESSERA_ENGINE_SEARCH_HISTORY_H_
#define TESSERA_ENGINE_SEARCH_HISTORY_H_

#include <tessera/translation.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tessera::engine {

// Nodes are numbered as they come; node 0 is the start token. An output is
// named by its last node.
class History {
 public:
  // `capacity` nodes besides the root fit without another allocation.
  History(std::int32_t start_token, std::size_t capacity);

  static constexpr std::int32_t kRoot = 0;

  // Adds a token after `parent`, returns its node.
  std::int32_t Append(std::int32_t parent, std::int32_t token, float log_prob);

  // The token `steps` before the last of an output; 0: the last itself.
  // Requires an output of more than `steps` tokens.
  std::int32_t TokenBefore(std::int32_t node, std::size_t steps) const;

  // Ids and log-probabilities of an output, without the start token.
  Hypothesis Output(std::int32_t node, double score) const;

 private:
  struct Node {
    std::int32_t parent;
    std::int32_t token;
    float log_prob;
  };
  std::vector<Node> nodes_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_HISTORY_H_

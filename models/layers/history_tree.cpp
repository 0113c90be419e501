// Places of tokens: given, shared and free again.
#include "models/layers/history_tree.h"

#include <algorithm>

namespace tessera::models {

void HistoryTree::Release(std::int32_t node) {
  while (node != kRoot && --At(node).users == 0) {
    free_from_ = std::min(free_from_, static_cast<std::size_t>(node));
    node = At(node).parent;
  }
  while (!nodes_.empty() && nodes_.back().users == 0) nodes_.pop_back();
  free_from_ = std::min(free_from_, nodes_.size());
}

std::int32_t HistoryTree::Grow(std::int32_t node) {
  // What the beam held of `node` is now what the new node holds of it.
  const Node grown = {.parent = node, .users = 1};
  while (free_from_ < nodes_.size() && nodes_[free_from_].users > 0) {
    ++free_from_;
  }
  const std::size_t place = free_from_++;
  if (place == nodes_.size()) {
    nodes_.push_back(grown);
  } else {
    nodes_[place] = grown;
  }
  return static_cast<std::int32_t>(place);
}

}  // namespace tessera::models

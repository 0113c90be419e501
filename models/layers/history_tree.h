// What the beams of one sentence have read, as a tree of places in their cache.
#ifndef TESSERA_MODELS_LAYERS_HISTORY_TREE_H_
#define TESSERA_MODELS_LAYERS_HISTORY_TREE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tessera::models {

// A node is a token that has been read, its number a place. A beam holds the
// node of its last token, and so all of the path to it; beams that fork share
// the path up to the fork. Nodes that lead to no beam are free again, and the
// lowest free place is given next: a beam that is alone has 0, 1, 2, ...
class HistoryTree {
 public:
  static constexpr std::int32_t kRoot = -1;  // of beams that have read nothing
  // Places that have room from the start, 2 KiB of nodes; more grow it.
  static constexpr std::size_t kFirstPlaces = 256;

  HistoryTree() { nodes_.reserve(kFirstPlaces); }

  // One more beam at a node.
  void Hold(std::int32_t node) {
    if (node != kRoot) ++At(node).users;
  }
  // One fewer.
  void Release(std::int32_t node);

  // The place of a token behind `node`, to which a beam that held it goes on.
  std::int32_t Grow(std::int32_t node);

  // The highest place in use and 1.
  std::size_t places() const { return nodes_.size(); }

 private:
  struct Node {
    std::int32_t parent;
    std::int32_t users;  // nodes behind it and beams at it; 0: it is free
  };

  Node& At(std::int32_t node) { return nodes_[static_cast<std::size_t>(node)]; }

  std::vector<Node> nodes_;
  std::size_t free_from_ = 0;  // no place below is free
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_HISTORY_TREE_H_

// A short list that keeps the best of what is added to it.
#ifndef TESSERA_ENGINE_SEARCH_TOP_LIST_H_
#define TESSERA_ENGINE_SEARCH_TOP_LIST_H_

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace tessera::engine {

// Holds up to `capacity` items, best first; equal ones in the order they came.
// Better(a, b) says whether a goes before b. Allocates only when made.
template <class T, class Better>
class TopList {
 public:
  explicit TopList(std::size_t capacity) : capacity_(capacity) {
    items_.reserve(capacity);
  }

  void Add(const T& item) {
    if (full()) {
      if (!Better()(item, items_.back())) return;
      items_.pop_back();
    }
    const auto place =
        std::upper_bound(items_.begin(), items_.end(), item, Better());
    items_.insert(place, item);
  }

  void Clear() { items_.clear(); }
  bool full() const { return items_.size() == capacity_; }
  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  const T& operator[](std::size_t i) const { return items_[i]; }
  const T& back() const { return items_.back(); }
  std::span<const T> items() const { return items_; }

 private:
  std::size_t capacity_;
  std::vector<T> items_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_TOP_LIST_H_

// Elements get stretches of words from the outer to the inner, so that each is
// within its parent's and apart from those of its siblings.
#include "tools/serve/markup/placement.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "tools/serve/markup/references.h"

namespace tessera::tools::serve {
namespace {

struct Stretch {
  std::size_t begin = 0;  // words
  std::size_t end = 0;
  bool empty() const { return begin == end; }
};

// An element, or a point.
struct Item {
  std::string_view start = {};
  std::string_view end = {};
  std::size_t from = 0;  // bytes of the source
  std::size_t to = 0;
  bool is_point = false;
  std::vector<std::size_t> children = {};
  Stretch words = {};
  bool behind = false;  // a point that clings to the word before it
  bool space_before = false;
  bool space_behind = false;
};

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(' ') == std::string_view::npos;
}

class Placer {
 public:
  Placer(const Run& run, std::string_view output,
         std::span<const OutputWord> words)
      : source_(run.text), output_(output), words_(words) {
    items_.push_back(
        {.from = 0, .to = run.text.size(), .words = {0, words.size()}});
    std::vector<std::size_t> open = {0};
    for (const Mark& mark : run.marks) {
      if (mark.kind == Mark::Kind::kEnd) {
        items_[open.back()].end = mark.bytes;
        items_[open.back()].to = mark.at;
        items_[open.back()].space_behind = mark.space_behind;
        open.pop_back();
        continue;
      }
      const std::size_t item = items_.size();
      items_[open.back()].children.push_back(item);
      const bool is_point = mark.kind == Mark::Kind::kPoint;
      items_.push_back({.start = mark.bytes,
                        .from = mark.at,
                        .to = mark.at,
                        .is_point = is_point,
                        .space_before = mark.space_before,
                        .space_behind = mark.space_behind});
      if (!is_point) open.push_back(item);
    }
  }

  std::string Place() {
    // Parents stand before their children.
    for (std::size_t item = 0; item < items_.size(); ++item) {
      PlaceChildren(items_[item]);
    }
    Emit(0);
    Advance(output_.size());
    return std::move(placed_);
  }

 private:
  void PlaceChildren(const Item& parent) {
    std::vector<bool> taken(parent.words.end - parent.words.begin, false);
    for (const std::size_t number : parent.children) {
      Item& child = items_[number];
      if (IsBlank(Source(child))) continue;
      child.words = BestStretch(child, parent, taken);
      for (std::size_t w = child.words.begin; w < child.words.end; ++w) {
        taken[w - parent.words.begin] = true;
      }
    }
    for (const std::size_t number : parent.children) {
      Item& child = items_[number];
      if (!child.words.empty()) continue;
      const std::size_t at = OutOfElements(PointAt(child, parent), parent);
      child.words = {at, at};
    }
  }

  std::string_view Source(const Item& item) const {
    return source_.substr(item.from, item.to - item.from);
  }

  static bool Holds(const Item& item, const OutputWord& word) {
    return word.source && *word.source >= item.from && *word.source < item.to;
  }

  Stretch BestStretch(const Item& child, const Item& parent,
                      const std::vector<bool>& taken) const {
    const bool is_all =
        IsBlank(source_.substr(parent.from, child.from - parent.from)) &&
        IsBlank(source_.substr(child.to, parent.to - child.to));
    if (is_all) return parent.words;
    Stretch best;
    int best_sum = 0, sum = 0;
    std::size_t begin = parent.words.begin;
    for (std::size_t w = parent.words.begin; w < parent.words.end; ++w) {
      const bool held = Holds(child, words_[w]);
      if (taken[w - parent.words.begin] || (sum <= 0 && !held)) {
        sum = 0;
        begin = w + 1;
        continue;
      }
      if (sum <= 0) {
        sum = 0;
        begin = w;
      }
      sum += held ? 1 : words_[w].source ? -1 : 0;
      if (sum <= best_sum) continue;
      best_sum = sum;
      best = {begin, w + 1};
    }
    return best_sum > 0 ? best : Proportional(child, parent, taken);
  }

  // Nothing looks at the element: the free word nearest to its place.
  Stretch Proportional(const Item& child, const Item& parent,
                       const std::vector<bool>& taken) const {
    const std::size_t middle = (child.from + child.to) / 2 - parent.from;
    const std::size_t length =
        std::max<std::size_t>(parent.to - parent.from, 1);
    const std::size_t wanted = taken.size() * middle / length;
    Stretch best;
    std::size_t least = taken.size();
    for (std::size_t w = 0; w < taken.size(); ++w) {
      const std::size_t distance = w < wanted ? wanted - w : w - wanted;
      if (taken[w] || distance >= least) continue;
      least = distance;
      best = {parent.words.begin + w, parent.words.begin + w + 1};
    }
    return best;
  }

  // The word that a point, or an element without words, stands before.
  std::size_t PointAt(Item& child, const Item& parent) const {
    const std::string_view before =
        source_.substr(parent.from, child.from - parent.from);
    const std::string_view behind =
        source_.substr(child.to, parent.to - child.to);
    if (IsBlank(before)) return parent.words.begin;
    if (IsBlank(behind)) {
      child.behind = true;
      return parent.words.end;
    }
    const bool clings = before.back() != ' ' && behind.front() == ' ';
    std::size_t best = clings ? parent.words.begin : parent.words.end;
    std::size_t best_source = 0;
    for (std::size_t w = parent.words.begin; w < parent.words.end; ++w) {
      const auto source = words_[w].source;
      if (!source) continue;
      if (clings && *source < child.from && *source >= best_source) {
        best_source = *source;
        best = w + 1;
        child.behind = true;
      } else if (!clings && *source >= child.from &&
                 (best == parent.words.end || *source < best_source)) {
        best_source = *source;
        best = w;
      }
    }
    return best;
  }

  // Moves a place out of the parent's children.
  std::size_t OutOfElements(std::size_t at, const Item& parent) const {
    for (const std::size_t number : parent.children) {
      const Stretch& words = items_[number].words;
      if (at <= words.begin || at >= words.end) continue;
      return at - words.begin < words.end - at ? words.begin : words.end;
    }
    return at;
  }

  void Emit(std::size_t number) {
    std::vector<std::size_t> children = items_[number].children;
    std::ranges::stable_sort(children, {}, [this](std::size_t child) {
      return items_[child].words.begin;
    });
    for (const std::size_t child : children) {
      const Item& item = items_[child];
      AdvanceToWord(item.words.begin, item.words.empty() && item.behind);
      // The white space round what has no words is not the output's.
      if (item.words.empty() && item.behind && item.space_before) AddSpace();
      placed_ += item.start;
      Emit(child);
      if (!item.words.empty()) AdvanceToWord(item.words.end, true);
      placed_ += item.end;
      const bool word_follows =
          !item.behind && item.words.begin < words_.size();
      if (item.words.empty() && word_follows && item.space_behind) AddSpace();
    }
  }

  void AddSpace() {
    if (!placed_.empty() && placed_.back() != ' ') placed_ += ' ';
  }

  // Up to a word, or to the end of the one before it.
  void AdvanceToWord(std::size_t word, bool behind) {
    if (behind ? word > 0 : word == words_.size()) {
      if (word > 0) Advance(words_[word - 1].end);
    } else if (word < words_.size()) {
      Advance(words_[word].begin);
    }
  }

  void Advance(std::size_t to) {
    if (to <= emitted_) return;
    AppendEscaped(output_.substr(emitted_, to - emitted_), placed_);
    emitted_ = to;
  }

  std::string_view source_;
  std::string_view output_;
  std::span<const OutputWord> words_;
  std::vector<Item> items_;
  std::string placed_;
  std::size_t emitted_ = 0;
};

}  // namespace

std::string PlaceMarks(const Run& run, std::string_view output,
                       std::span<const OutputWord> words) {
  return Placer(run, output, words).Place();
}

}  // namespace tessera::tools::serve

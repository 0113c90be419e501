// PairMerges: a queue of the pairs that stand beside each other.
#include "engine/tokenizer/pair_merges.h"

#include <tessera/error.h>

#include <cstddef>
#include <functional>
#include <queue>
#include <string>
#include <tuple>

#include "engine/tokenizer/text.h"
#include "models/files/file.h"

namespace tessera::engine {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{64} << 20;

}  // namespace

void PairMerges::Add(Symbol left, Symbol right, Symbol merged) {
  merges_[std::uint64_t{left} << 32 | right] = {added_++, merged};
}

const PairMerges::Merge* PairMerges::Find(Symbol left, Symbol right) const {
  const auto found = merges_.find(std::uint64_t{left} << 32 | right);
  return found == merges_.end() ? nullptr : &found->second;
}

void PairMerges::Apply(std::vector<Symbol>& symbols) const {
  const std::size_t size = symbols.size();
  std::vector<std::size_t> next(size), previous(size);
  for (std::size_t i = 0; i < size; ++i) {
    next[i] = i + 1;
    previous[i] = i - 1;  // of the first: none
  }
  // Rank, place, and the pair that stood there; old entries name another.
  using Entry = std::tuple<std::uint32_t, std::size_t, Symbol, Symbol>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  const auto offer = [&](std::size_t i) {
    if (i >= size || next[i] >= size) return;
    const Symbol left = symbols[i], right = symbols[next[i]];
    if (const Merge* merge = Find(left, right)) {
      queue.emplace(merge->rank, i, left, right);
    }
  };
  for (std::size_t i = 0; i < size; ++i) offer(i);
  std::vector<bool> gone(size);
  while (!queue.empty()) {
    const auto [rank, i, left, right] = queue.top();
    queue.pop();
    if (gone[i] || symbols[i] != left || next[i] >= size ||
        symbols[next[i]] != right) {
      continue;
    }
    const std::size_t merged = next[i];
    symbols[i] = Find(left, right)->symbol;
    gone[merged] = true;
    next[i] = next[merged];
    if (next[i] < size) previous[next[i]] = i;
    offer(previous[i]);
    offer(i);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size; i = next[i]) symbols[kept++] = symbols[i];
  symbols.resize(kept);
}

void ReadMerges(const std::filesystem::path& file,
                const std::function<void(std::string_view left,
                                         std::string_view right)>& add) {
  const std::string text = models::ReadWholeFile(file, kMaxFileBytes);
  const std::string where = file.filename().string();
  CheckUtf8(where, text);
  // As there: the first line is no pair, nor is what follows the last line end.
  std::size_t line = 1, begin = text.find('\n');
  if (begin != std::string::npos) ++begin;
  for (std::size_t end = 0; begin < text.size() &&
                            (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    ++line;
    const auto words =
        SplitSpace(std::string_view(text).substr(begin, end - begin));
    if (words.size() != 2) {
      throw Error(where + ": line " + std::to_string(line) +
                  ": want two tokens, found " + std::to_string(words.size()));
    }
    add(words[0], words[1]);
  }
}

}  // namespace tessera::engine

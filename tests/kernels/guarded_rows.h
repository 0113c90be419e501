// Matrices that notice what a kernel reads or writes outside of their rows.
#ifndef TESSERA_TESTS_KERNELS_GUARDED_ROWS_H_
#define TESSERA_TESTS_KERNELS_GUARDED_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/views.h"

namespace tessera::kernels {

// Rows that start off any register's alignment, with canaries before and
// between them. A canary is a NaN with a mark in it: a kernel that uses one
// shows it in its results, one that overwrites it is found by Intact(). The
// last row ends where the memory ends, for AddressSanitizer to watch.
template <class T>
class GuardedRows {
  static_assert(sizeof(T) == sizeof(std::uint32_t));

 public:
  GuardedRows(std::size_t rows, std::size_t cols)
      : rows_(rows),
        cols_(cols),
        memory_(rows == 0 ? kGap : rows * (kGap + cols)) {
    for (T& element : memory_) {
      std::memcpy(&element, &kCanary, sizeof element);
    }
  }

  Rows<T> view() { return {memory_.data() + kGap, rows_, cols_, cols_ + kGap}; }

  // Copies rows * cols values into the rows.
  void Fill(const std::vector<T>& values) {
    for (std::size_t i = 0; i < rows_ * cols_; ++i) {
      view()[i / cols_][i % cols_] = values[i];
    }
  }

  bool Intact() const {
    for (std::size_t i = 0; i < memory_.size(); ++i) {
      if (i % (kGap + cols_) >= kGap) continue;
      if (std::memcmp(&memory_[i], &kCanary, sizeof kCanary) != 0) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kGap = 3;
  static constexpr std::uint32_t kCanary = 0x7fc0cafe;

  std::size_t rows_, cols_;
  std::vector<T> memory_;  // [rows, kGap + cols]
};

// 1 to 67, which has every tail of every register and unrolled loop, and a few
// around the blocks of longer rows.
inline std::vector<std::size_t> TailLengths() {
  std::vector<std::size_t> lengths;
  for (std::size_t n = 1; n <= 67; ++n) lengths.push_back(n);
  for (const std::size_t n :
       {127u, 512u, 1000u, 1024u, 1025u, 2047u, 2049u, 8003u}) {
    lengths.push_back(n);
  }
  return lengths;
}

}  // namespace tessera::kernels

#endif  // TESSERA_TESTS_KERNELS_GUARDED_ROWS_H_

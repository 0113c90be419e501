// Owned memory for tensors: 64-byte aligned, movable, never copied by accident.
#ifndef TESSERA_KERNELS_ALIGNED_BUFFER_H_
#define TESSERA_KERNELS_ALIGNED_BUFFER_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "kernels/memory_budget.h"

namespace tessera::kernels {

// For buffers that are written before they are read.
struct Uninitialised {};
inline constexpr Uninitialised kUninitialised;

// An array of T, zero-filled when made unless that is not wanted: large ones by
// the kernel, page by page as they are touched. Blocks of 4
// MiB and more are aligned to 2 MiB and advised to use huge pages (17 against
// 12-15 GB/s when streaming from memory on Sapphire Rapids): whole ones only,
// because a last one would take 2 MiB for the few bytes in it. What a buffer
// takes is of the budget of the thread that makes it: BudgetError, before it is
// allocated.
template <class T>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size)
      : AlignedBuffer(size, kUninitialised) {
    if (size > 0) Zero(reinterpret_cast<char*>(data_.get()), Rounded());
  }
  AlignedBuffer(std::size_t size, Uninitialised) : size_(size) {
    if (size == 0) return;
    constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
    if (size > (kMost - kLine) / sizeof(T)) throw std::bad_alloc();
    Free free = {MemoryBudget::Current(), Rounded()};
    if (free.budget) free.budget->Take(free.bytes);
    void* data = nullptr;
    const bool huge = bytes() >= 2 * kHuge;
    if (posix_memalign(&data, huge ? kHuge : kLine, Rounded()) != 0) {
      if (free.budget) free.budget->Give(free.bytes);
      throw std::bad_alloc();
    }
    data_ = std::unique_ptr<T, Free>(static_cast<T*>(data), std::move(free));
    if (huge) madvise(data, bytes() / kHuge * kHuge, MADV_HUGEPAGE);
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return size_ * sizeof(T); }
  T& operator[](std::size_t i) { return data_.get()[i]; }
  const T& operator[](std::size_t i) const { return data_.get()[i]; }

 private:
  static constexpr std::size_t kHuge = std::size_t{2} << 20;
  static constexpr std::size_t kLine = 64;
  // Pages that are given back come again full of zeros. What a translator
  // reserves for full batches is 20 MiB, of which one sentence touches 1.
  static void Zero(char* data, std::size_t bytes) {
    constexpr std::size_t kLarge = std::size_t{256} << 10, kPage = 4096;
    const std::size_t lead = -reinterpret_cast<std::uintptr_t>(data) % kPage;
    const std::size_t pages = bytes < kLarge ? 0 : (bytes - lead) / kPage;
    if (pages == 0 || madvise(data + lead, pages * kPage, MADV_DONTNEED) != 0) {
      std::memset(data, 0, bytes);
      return;
    }
    std::memset(data, 0, lead);
    std::memset(data + lead + pages * kPage, 0, bytes - lead - pages * kPage);
  }
  std::size_t Rounded() const { return (bytes() + kLine - 1) / kLine * kLine; }

  struct Free {
    std::shared_ptr<MemoryBudget> budget;
    std::size_t bytes = 0;
    void operator()(T* p) const {
      std::free(p);
      if (budget) budget->Give(bytes);
    }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ALIGNED_BUFFER_H_

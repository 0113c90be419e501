// Memory between pages that must not be touched: a step outside ends the test.
#ifndef TESSERA_TESTS_KERNELS_GUARD_PAGES_H_
#define TESSERA_TESTS_KERNELS_GUARD_PAGES_H_

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <new>
#include <vector>

namespace tessera::kernels {

// Where the values lie in their pages: right behind the first guard page, or
// right before the last.
enum class GuardSide { kFront, kBack };

// A copy of values whose first or last byte touches a guard page.
template <class T>
class GuardPages {
 public:
  GuardPages(const std::vector<T>& values, GuardSide side)
      : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    const std::size_t bytes = values.size() * sizeof(T);
    const std::size_t room = (bytes + page_ - 1) / page_ * page_;
    mapped_ = room + 2 * page_;
    void* memory =
        mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<std::byte*>(memory);
    if (room > 0) mprotect(base_ + page_, room, PROT_READ | PROT_WRITE);
    const std::size_t offset = side == GuardSide::kFront ? 0 : room - bytes;
    data_ = reinterpret_cast<T*>(base_ + page_ + offset);
    if (bytes > 0) std::memcpy(data_, values.data(), bytes);
  }
  ~GuardPages() { munmap(base_, mapped_); }
  GuardPages(const GuardPages&) = delete;
  GuardPages& operator=(const GuardPages&) = delete;

  T* data() const { return data_; }

 private:
  std::size_t page_;
  std::size_t mapped_ = 0;
  std::byte* base_ = nullptr;
  T* data_ = nullptr;
};

}  // namespace tessera::kernels

#endif  // TESSERA_TESTS_KERNELS_GUARD_PAGES_H_

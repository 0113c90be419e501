// The memory of a weight matrix, owned or mapped.
#ifndef TESSERA_KERNELS_GEMM_STORAGE_H_
#define TESSERA_KERNELS_GEMM_STORAGE_H_

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "kernels/aligned_buffer.h"

namespace tessera::kernels {

class Storage {
 public:
  Storage() = default;
  // Owned, zero-filled. Throws std::bad_alloc.
  explicit Storage(std::size_t bytes) : owned_(bytes) {}
  // A part of a mapped file, which stays mapped as long as `file` has owners:
  // this storage is one. Read only.
  Storage(std::span<const std::byte> part, std::shared_ptr<const void> file)
      : mapped_(part), file_(std::move(file)) {}

  std::span<const std::byte> bytes() const {
    return file_ ? mapped_ : std::span(owned_.data(), owned_.size());
  }
  // nullptr: mapped.
  std::byte* writable() { return owned_.data(); }

 private:
  AlignedBuffer<std::byte> owned_;
  std::span<const std::byte> mapped_;
  std::shared_ptr<const void> file_;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_STORAGE_H_

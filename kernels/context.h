// What a caller lends to operations: threads and the memory they work in.
#ifndef TESSERA_KERNELS_CONTEXT_H_
#define TESSERA_KERNELS_CONTEXT_H_

#include <cstddef>
#include <vector>

#include "kernels/aligned_buffer.h"

namespace tessera::kernels {

// What a caller lends to the operations it runs: a number of threads and a
// scratch buffer for each. One context serves one calling thread at a time.
class ExecContext {
 public:
  explicit ExecContext(std::size_t threads = 1)
      : scratch_(threads == 0 ? 1 : threads) {}

  std::size_t threads() const { return scratch_.size(); }

  // Makes room for `floats` f32 of scratch a thread. Contents are lost when it
  // grows; steady state allocates nothing. Throws std::bad_alloc.
  void ReserveScratch(std::size_t floats) {
    for (AlignedBuffer<float>& buffer : scratch_) {
      if (buffer.size() < floats) buffer = AlignedBuffer<float>(floats);
    }
  }
  float* Scratch(std::size_t thread) { return scratch_[thread].data(); }

  // `floats` f32 for what a caller computes out of several operations, not
  // initialised; valid until the next call of Work. Throws std::bad_alloc.
  float* Work(std::size_t floats) {
    if (work_.size() < floats) {
      work_ = {};  // first, so that both are never held at once
      work_ = AlignedBuffer<float>(floats, kUninitialised);
    }
    return work_.data();
  }

  // At least `floats` f32 that all threads see, for one use; contents are lost
  // when it grows. Throws std::bad_alloc.
  enum SharedUse {
    kPackedKeys,
    kRawKeys,
    kPackedValues,
    kPartialResults,
    kSharedUses
  };
  float* Shared(SharedUse use, std::size_t floats) {
    AlignedBuffer<float>& buffer = shared_[use];
    if (buffer.size() < floats) buffer = AlignedBuffer<float>(floats);
    return buffer.data();
  }

 private:
  AlignedBuffer<float> work_;
  AlignedBuffer<float> shared_[kSharedUses];
  std::vector<AlignedBuffer<float>> scratch_;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_CONTEXT_H_

// Threads inside one operation, and the scratch memory they work in.
#ifndef TESSERA_KERNELS_PARALLEL_H_
#define TESSERA_KERNELS_PARALLEL_H_

#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/aligned_buffer.h"
#include "kernels/denormals.h"

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
  AlignedBuffer<float> shared_[kSharedUses];
  std::vector<AlignedBuffer<float>> scratch_;
};

// Calls body(task, thread) for task in [0, tasks), tasks spread over the
// context's threads in contiguous runs, with denormals flushed. `work` is the
// total cost in floating-point operations: small work stays on the calling
// thread, because waking a team costs 1 us when it spins and 15 us when it
// sleeps.
inline constexpr double kMinParallelWork = 1e6;  // ~20 us of one core

template <class Body>
void ParallelFor(ExecContext& context, std::size_t tasks, double work,
                 Body&& body) {
  const std::size_t threads =
      work < kMinParallelWork ? 1 : std::min(context.threads(), tasks);
  if (threads <= 1) {
    const FlushDenormals flush;
    for (std::size_t task = 0; task < tasks; ++task) body(task, std::size_t{0});
    return;
  }
#pragma omp parallel num_threads(static_cast <int>(threads))
  {
    const FlushDenormals flush;
    const auto thread = static_cast<std::size_t>(omp_get_thread_num());
    const auto team = static_cast<std::size_t>(omp_get_num_threads());
    const std::size_t begin = tasks * thread / team;
    const std::size_t end = tasks * (thread + 1) / team;
    for (std::size_t task = begin; task < end; ++task) body(task, thread);
  }
}

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_PARALLEL_H_

// Threads inside one operation.
#ifndef TESSERA_KERNELS_PARALLEL_H_
#define TESSERA_KERNELS_PARALLEL_H_

#include <algorithm>
#include <cstddef>

#include "kernels/context.h"
#include "kernels/denormals.h"
#include "kernels/views.h"

namespace tessera::kernels {

// Calls body(task, thread) for task in [0, tasks), tasks spread over the
// context's threads in contiguous runs, with denormals flushed. `work` is the
// total cost in floating-point operations: small work stays on the calling
// thread, because waking a team costs 1 us when it spins and 15 us when it
// sleeps. It spins through a decode step only if the serial parts are short:
// products of one row by [512, 512] are shared, too.
inline constexpr double kMinParallelWork = 2e5;  // ~4 us of one core

template <class Body>
void ParallelFor(ExecContext& context, std::size_t tasks, double work,
                 Body&& body) {
  const std::size_t threads = work < kMinParallelWork || tasks < 2
                                  ? 1
                                  : std::min(context.threads(), tasks);
  const auto run = [&](std::size_t thread) {
    if (thread >= threads) return;  // fewer tasks than threads
    const FlushDenormals flush;
    const std::size_t begin = tasks * thread / threads;
    const std::size_t end = tasks * (thread + 1) / threads;
    for (std::size_t task = begin; task < end; ++task) body(task, thread);
  };
  if (threads == 1) {
    run(0);
  } else {
    context.team().Run(run);
  }
}

// Calls body(first, count) for runs of the rows of y, one a thread, at a cost
// of `work` for each element.
template <class T, class Body>
void ParallelRows(ExecContext& context, Rows<T> y, double work, Body&& body) {
  const double total =
      work * static_cast<double>(y.rows) * static_cast<double>(y.cols);
  const std::size_t parts =
      total < kMinParallelWork ? 1 : std::min(context.threads(), y.rows);
  ParallelFor(context, parts, total, [&](std::size_t part, std::size_t) {
    const std::size_t first = y.rows * part / parts;
    body(first, y.rows * (part + 1) / parts - first);
  });
}

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_PARALLEL_H_

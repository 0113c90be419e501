// The worker's loop.
#include "engine/worker/worker.h"

#include <chrono>
#include <new>

namespace tessera::engine {

Worker::Worker(std::size_t number, const models::Model& model,
               const ModelRules& rules, Room capacity)
    : number_(number), batch_(model, rules, capacity) {
  taken_.reserve(capacity.sentences);
}

void Worker::Run(RequestQueue& waiting) noexcept {
  while (Admit(waiting)) Step();
}

// Takes in what the queue gives; waits while there is nothing to do. Returns
// false at the end.
bool Worker::Admit(RequestQueue& waiting) noexcept {
  do {
    threads_ = waiting.Next({.worker = number_,
                             .active = batch_.size(),
                             .room = batch_.room(),
                             .wants_threads = trial_.Wants()},
                            taken_);
    batch_.Admit(taken_, Context());
  } while (batch_.empty() && !taken_.empty());
  return !batch_.empty();
}

void Worker::Step() noexcept {
  const auto start = std::chrono::steady_clock::now();
  batch_.Step(Context());
  trial_.Record(threads_ > 1, std::chrono::steady_clock::now() - start);
}

kernels::ExecContext& Worker::Context() noexcept {
  if (threads_ == 1 || !trial_.Uses()) return narrow_;
  try {
    if (!wide_) wide_ = std::make_unique<kernels::ExecContext>(threads_);
  } catch (const std::bad_alloc&) {
    return narrow_;
  }
  return *wide_;
}

}  // namespace tessera::engine

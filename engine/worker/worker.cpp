// The worker's loop.
#include "engine/worker/worker.h"

#include <new>

namespace tessera {

Worker::Worker(std::size_t number, const models::Model& model,
               const TokenRules& rules, Room capacity)
    : number_(number), batch_(model, rules, capacity) {
  taken_.reserve(capacity.sentences);
}

void Worker::Run(SentenceQueue& waiting) noexcept {
  while (Admit(waiting)) batch_.Step(*context_);
}

// Takes in what the queue gives; waits while there is nothing to do. Returns
// false at the end.
bool Worker::Admit(SentenceQueue& waiting) noexcept {
  do {
    const std::size_t threads = waiting.Next(
        {.worker = number_, .active = batch_.size(), .room = batch_.room()},
        taken_);
    context_ = &Context(threads);
    batch_.Admit(taken_, *context_);
  } while (batch_.empty() && !taken_.empty());
  return !batch_.empty();
}

kernels::ExecContext& Worker::Context(std::size_t threads) noexcept {
  if (threads == 1) return narrow_;
  try {
    if (!wide_) wide_ = std::make_unique<kernels::ExecContext>(threads);
  } catch (const std::bad_alloc&) {
    return narrow_;
  }
  return *wide_;
}

}  // namespace tessera

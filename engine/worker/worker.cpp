// The trial of one thread against many, a worker's loop, and starting and
// stopping of the workers.
#include "engine/worker/worker.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <system_error>

#include "models/files/message.h"

namespace tessera::engine {

void LendingTrial::Record(bool lent, Duration duration) {
  if (InTrial()) {
    if (!lent) return;
    (Uses() ? wide_ : narrow_) += duration;
    if (++steps_ == kTrialSteps) Decide();
    return;
  }
  if (++steps_ < kTrialSteps + hold_) return;
  steps_ = 0;
  narrow_ = wide_ = {};
}

void LendingTrial::Decide() {
  pays_ = 5 * wide_ < 4 * narrow_;
  hold_ = pays_ ? kFirstHold : std::min(2 * hold_, kLongestHold);
}

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

WorkerPool::WorkerPool(const models::Model& model, const ModelRules& rules,
                       const Options& options)
    : queue_(options.threads) {
  for (std::size_t i = 0; i < options.threads; ++i) {
    workers_.emplace_back(i, model, rules, options.capacity);
  }
  try {
    Start(options);
  } catch (...) {
    queue_.Close();  // those that did start
    throw;
  }
}

WorkerPool::~WorkerPool() { queue_.Close(); }

void WorkerPool::Start(const Options& options) try {
  threads_.reserve(options.threads);
  for (Worker& worker : workers_) {
    threads_.emplace_back([this, &worker] { worker.Run(queue_); });
  }
} catch (const std::system_error& error) {
  models::Refuse("threads", options.threads,
                 models::Cat(threads_.size(), " (", error.what(), ")"));
}

}  // namespace tessera::engine

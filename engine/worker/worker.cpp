// The trial of one thread against many, a worker's loop, and starting and
// stopping of the workers.
#include "engine/worker/worker.h"

#include <tessera/error.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <new>
#include <system_error>

#include "kernels/inherited_state.h"
#include "models/files/message.h"

namespace tessera::engine {

void LendingTrial::Record(bool lent, Duration duration) {
  if (InTrial()) {
    if (!lent) return;
    (Uses() ? wide_ : narrow_)[steps_ / 2] = duration;
    if (++steps_ == kTrialSteps) Decide();
    return;
  }
  if (++steps_ == kTrialSteps + hold_) steps_ = 0;
}

void LendingTrial::Decide() {
  const auto median = [](auto& steps) {
    const auto middle = steps.begin() + kStepsEach / 2;
    std::ranges::nth_element(steps, middle);
    return *middle;
  };
  pays_ = 5 * median(wide_) < 4 * median(narrow_);
  hold_ = pays_ ? kFirstHold : std::min(2 * hold_, kLongestHold);
}

Worker::Worker(std::size_t number, const models::Model& model,
               const ModelRules& rules, Room capacity, Room passing)
    : number_(number),
      capacity_(capacity),
      batch_(model, rules, capacity),
      passing_(model, rules, passing) {
  taken_.reserve(capacity.sentences);
}

void Worker::Run(RequestQueue& waiting) noexcept {
  while (Admit(waiting)) Step();
}

// Takes in what the queue gives; waits while there is nothing to do. Asks again
// after requests of a list: their encoder takes as long as a step, and who came
// meanwhile need not wait for that step too. Returns false at the end.
bool Worker::Admit(RequestQueue& waiting) noexcept {
  RequestQueue::Grant grant;
  do {
    grant = waiting.Next({.worker = number_,
                          .active = batch_.size() + passing_.size(),
                          .room = ListRoom(),
                          .wants_threads = trial_.Wants(),
                          .passing = passing_.size(),
                          .passing_room = passing_.room()},
                         taken_);
    threads_ = grant.threads;
    (grant.passes ? passing_ : batch_).Admit(taken_, Context());
  } while (!taken_.empty() && (idle() || !grant.passes));
  return !idle();
}

// Half of it while new calls pass by, but all rows for the first sentence.
Room Worker::ListRoom() const {
  Room room = batch_.room();
  if (cautious_steps_ == 0) return room;
  const auto less = [](std::size_t& left, std::size_t capacity) {
    left -= std::min(left, capacity / 2);
  };
  less(room.sentences, capacity_.sentences);
  if (!batch_.empty()) less(room.rows, capacity_.rows);
  return room;
}

void Worker::Step() noexcept {
  const bool passes =
      !passing_.empty() && (batch_.empty() || passing_steps_ < kPassingSteps);
  if (passes) {
    ++passing_steps_;
    cautious_steps_ = kCautiousSteps;
    return passing_.Step(Context());
  }
  passing_steps_ = 0;
  cautious_steps_ -= std::min<std::size_t>(cautious_steps_, 1);
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
  } catch (const std::system_error&) {  // no more threads
    return narrow_;
  }
  return *wide_;
}

WorkerPool::WorkerPool(const models::Model& model, const ModelRules& rules,
                       const Options& options)
    : owner_(getpid()), inside_(std::make_unique<Inside>(options.threads)) {
  for (std::size_t i = 0; i < options.threads; ++i) {
    inside_->workers.emplace_back(i, model, rules, options.capacity,
                                  options.passing);
  }
  Start(options);
}

WorkerPool::~WorkerPool() {
  if (getpid() != owner_) {
    inside_.release();
    return;
  }
  inside_->queue.Close();
  inside_->threads.clear();  // joined while their sinks can still push more
}

void WorkerPool::Start(const Options& options) try {
  inside_->threads.reserve(options.threads);
  const kernels::BlockedSignals blocked;
  for (Worker& worker : inside_->workers) {
    inside_->threads.emplace_back(
        [&queue = inside_->queue, &worker, budget = options.budget] {
          const kernels::MemoryBudget::Scope scope(budget);
          const kernels::DefaultFloats floats;
          worker.Run(queue);
        });
  }
} catch (const std::system_error& error) {
  models::Refuse("threads", options.threads,
                 models::Cat(inside_->threads.size(), " (", error.what(), ")"));
}

void WorkerPool::Push(std::span<std::unique_ptr<Request>> requests,
                      std::uint64_t call) {
  CheckProcess(owner_);
  inside_->queue.Push(requests, call);
}

std::uint64_t NewCall() noexcept {
  static std::atomic<std::uint64_t> calls = 0;
  return ++calls;
}

void CheckProcess(pid_t owner) {
  if (getpid() == owner) return;
  throw Error(
      "translator: want the process that made it, found a fork of it, which "
      "has none of its threads");
}

}  // namespace tessera::engine

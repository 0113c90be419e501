// The worker threads over one model and one queue: each takes requests from the
// queue through the model to their sinks.
#ifndef TESSERA_ENGINE_WORKER_WORKER_H_
#define TESSERA_ENGINE_WORKER_WORKER_H_

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "engine/worker/batch.h"
#include "engine/worker/request_queue.h"
#include "kernels/context.h"
#include "kernels/memory_budget.h"

namespace tessera::engine {

// Threads that share an operation wait for each other at its end. That pays for
// a large model on idle CPUs. For a small model it gains nothing, and it costs
// a time slice an operation where other programs take a CPU away: 12 ms a
// sentence became 60 to 80, its slowest tenth 200 and more (bundled model, 2
// threads, 2 CPUs with a load of 8). So both ways are timed in turn, and the
// verdict holds for a while; longer and longer while it is against. What counts
// is the median of each way: the first step with many threads starts them, and
// first steps meet memory that nobody has touched. Outputs do not depend on it:
// a sentence has the same bits with any number of threads.
class LendingTrial {
 public:
  using Duration = std::chrono::steady_clock::duration;

  // Whether more threads are wanted at all: during a trial, and after one in
  // which they took less than four fifths of the time.
  bool Wants() const { return InTrial() || pays_; }

  // Whether the next step should use them, if there are any.
  bool Uses() const { return InTrial() ? steps_ % 2 == 1 : pays_; }

  // What the step took. `lent`: there were threads to use.
  void Record(bool lent, Duration duration);

 private:
  static constexpr std::size_t kStepsEach = 8;
  static constexpr std::size_t kTrialSteps = 2 * kStepsEach;
  static constexpr std::size_t kFirstHold = 256;
  static constexpr std::size_t kLongestHold = 8192;

  bool InTrial() const { return steps_ < kTrialSteps; }
  void Decide();

  std::size_t steps_ = 0;  // since the trial began
  std::size_t hold_ = kFirstHold;
  bool pays_ = false;
  std::array<Duration, kStepsEach> narrow_{};  // the trial's steps: one thread
  std::array<Duration, kStepsEach> wide_{};    // all threads
};

class Worker {
 public:
  // Worker `number` of the queue; the room of its batch and of the one of new
  // calls.
  Worker(std::size_t number, const models::Model& model,
         const ModelRules& rules, Room capacity, Room passing = {});

  // Where the operations of its steps report themselves.
  void set_profile(kernels::Profile* profile) { narrow_.set_profile(profile); }

  // Translates until the queue is closed and empty.
  void Run(RequestQueue& waiting) noexcept;

 private:
  // Of new calls, for one of the list that they pass by: of two callers each
  // has about half of the time.
  static constexpr std::size_t kPassingSteps = 8;
  // Of the list, after the last of new calls, in which it is given half of its
  // room: who comes next waits for half a step.
  static constexpr std::size_t kCautiousSteps = 32;

  bool Admit(RequestQueue& waiting) noexcept;
  Room ListRoom() const;
  bool idle() const { return batch_.empty() && passing_.empty(); }
  void Step() noexcept;
  kernels::ExecContext& Context() noexcept;

  std::size_t number_;
  Room capacity_;  // of batch_
  Batch batch_;
  Batch passing_;  // of calls that came while a list was at work
  std::size_t passing_steps_ = 0;   // since a step of batch_
  std::size_t cautious_steps_ = 0;  // of batch_ to come
  std::vector<std::unique_ptr<Request>> taken_;
  kernels::ExecContext narrow_{1};
  std::unique_ptr<kernels::ExecContext> wide_;  // made when first wanted
  std::size_t threads_ = 1;                     // that the next step may use
  LendingTrial trial_;
};

class WorkerPool {
 public:
  struct Options {
    std::size_t threads = 1;
    // Of each worker's batch, and of that of new calls; rows for the beams of
    // any one request at least.
    Room capacity;
    Room passing = {};
    // Of all that the workers allocate; nullptr: none.
    std::shared_ptr<kernels::MemoryBudget> budget = {};
  };

  // Starts the threads. `model` and `rules` must outlive the pool. Throws Error
  // if the system gives no thread.
  WorkerPool(const models::Model& model, const ModelRules& rules,
             const Options& options);
  // Takes no more requests, and waits until all that it has are done. In a fork
  // of the process that made it, where there are no workers, it waits for
  // nothing and lets its memory lie.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Hands the requests of a call to the workers and returns at once. Takes all
  // of them, or if it throws none. Throws Error while the pool is being
  // destroyed, and in a fork of the process that made it.
  void Push(std::span<std::unique_ptr<Request>> requests,
            std::uint64_t call = 0);

  // The same for what a request asks for besides: from its sink, while a worker
  // calls it, which may be after the destructor has begun.
  void PushMore(std::span<std::unique_ptr<Request>> requests) const {
    inside_->queue.PushMore(requests);
  }

  // Takes no more requests, as from the destructor on.
  void Close() { inside_->queue.Close(); }

  std::size_t threads() const { return inside_->threads.size(); }

 private:
  struct Inside {
    explicit Inside(std::size_t count) : queue(count) {}
    ~Inside() { queue.Close(); }

    RequestQueue queue;
    std::deque<Worker> workers;
    std::vector<std::jthread> threads;  // last: joined before the rest goes
  };

  void Start(const Options& options);

  pid_t owner_;  // the process with the threads
  std::unique_ptr<Inside> inside_;
};

// A number that no other call has.
std::uint64_t NewCall() noexcept;

// Throws Error in a fork of the process `owner`.
void CheckProcess(pid_t owner);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_WORKER_H_

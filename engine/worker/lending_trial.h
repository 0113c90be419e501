// Finds out whether a decoding step gains from more threads.
#ifndef TESSERA_ENGINE_WORKER_LENDING_TRIAL_H_
#define TESSERA_ENGINE_WORKER_LENDING_TRIAL_H_

#include <chrono>
#include <cstddef>

namespace tessera::engine {

// Threads that share an operation wait for each other at its end. That pays for
// a large model on idle CPUs. For a small model it gains nothing, and it costs
// a time slice an operation where other programs take a CPU away: 12 ms a
// sentence became 60 to 80, its slowest tenth 200 and more (bundled model, 2
// threads, 2 CPUs with a load of 8). So both ways are timed in turn, and the
// verdict holds for a while; longer and longer while it is against. Outputs do
// not depend on it: a sentence has the same bits with any number of threads.
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
  static constexpr std::size_t kTrialSteps = 16;  // half of them narrow
  static constexpr std::size_t kFirstHold = 256;
  static constexpr std::size_t kLongestHold = 8192;

  bool InTrial() const { return steps_ < kTrialSteps; }
  void Decide();

  std::size_t steps_ = 0;  // since the trial began
  std::size_t hold_ = kFirstHold;
  bool pays_ = false;
  Duration narrow_{};  // of the trial's steps with one thread
  Duration wide_{};    // with all threads
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_LENDING_TRIAL_H_

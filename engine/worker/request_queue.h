// The queue between callers and workers, which also shares out the threads.
#ifndef TESSERA_ENGINE_WORKER_REQUEST_QUEUE_H_
#define TESSERA_ENGINE_WORKER_REQUEST_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/request/request.h"
#include "engine/worker/batch.h"

namespace tessera::engine {

// First come, first served. In flight are the requests that wait and those in
// the workers' batches. Each of the N workers runs a fair share of them on its
// own thread. If there are N / 2 or fewer and worker 0 wants to borrow threads,
// it runs all of them, and as long as no other worker has any it may use N
// threads while the others wait. So never more than N threads are at work.
//
// All methods may be called from any thread.
class RequestQueue {
 public:
  explicit RequestQueue(std::size_t workers) : active_(workers, 0) {}

  // Takes requests in at the end: all of them, or if it throws none.
  void Push(std::span<std::unique_ptr<Request>> requests);

  // Lets the workers end when nothing waits any more.
  void Close();

  // What a worker says before each of its steps ...
  struct State {
    std::size_t worker;          // its number
    std::size_t active;          // requests in its batch
    Room room;                   // what it could take besides
    bool wants_threads = false;  // to borrow; worker 0 only
  };
  // ... and how many threads that step may use. `taken` gets the requests it is
  // to take in: some if its batch is empty, for which the call waits, or
  // none if the queue is closed; else as many as make a good group.
  std::size_t Next(const State& state,
                   std::vector<std::unique_ptr<Request>>& taken);

 private:
  std::size_t workers() const { return active_.size(); }
  bool Lends() const { return lending_ && 2 * in_flight_ <= workers(); }
  bool MayTake(std::size_t worker) const;
  void Update(const State& state);
  std::size_t GroupSize(const State& state) const;
  void Take(const State& state, std::vector<std::unique_ptr<Request>>& taken);
  std::size_t Threads(std::size_t worker);
  std::condition_variable& Wakes(std::size_t worker);

  std::mutex mutex_;
  std::condition_variable wakes_first_;   // worker 0
  std::condition_variable wakes_others_;  // all other workers
  std::deque<std::unique_ptr<Request>> waiting_;
  std::vector<std::size_t> active_;  // [workers]: requests in each batch
  std::size_t in_flight_ = 0;
  bool lending_ = false;  // worker 0 wants to borrow
  bool wide_ = false;     // worker 0 has all threads
  bool closed_ = false;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_REQUEST_QUEUE_H_

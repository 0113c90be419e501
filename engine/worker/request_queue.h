// The queue between callers and workers, which also shares out the threads.
#ifndef TESSERA_ENGINE_WORKER_REQUEST_QUEUE_H_
#define TESSERA_ENGINE_WORKER_REQUEST_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/request/request.h"
#include "engine/worker/batch.h"

namespace tessera::engine {

// Turns between calls: one whose first request has not been taken comes next,
// in turn with those that have, which give one request each round, so that a
// sentence does not wait for the whole of another caller's list. It finds a
// slot that no list may fill: every batch keeps `reserved` for such requests.
//
// In flight are the requests that wait and those in the workers' batches. Each
// of the N workers runs a fair share of them on its own thread. If there are N
// / 2 or fewer and worker 0 wants to borrow threads, it runs all of them, and
// as long as no other worker has any it may use N threads while the others
// wait. So never more than N threads are at work.
//
// All methods may be called from any thread.
class RequestQueue {
 public:
  explicit RequestQueue(std::size_t workers, std::size_t reserved = 0)
      : active_(workers, 0), reserved_(reserved) {}

  // Takes in the requests of a call: all of them, or if it throws none. What
  // several pushes bring with the same `call`, which is not 0, has turns as
  // one. Throws Error once it is closed.
  void Push(std::span<std::unique_ptr<Request>> requests,
            std::uint64_t call = 0);

  // Takes no more in, and lets the workers end when nothing waits any more.
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
  // What waits of a call: some.
  struct Turn {
    std::uint64_t call;
    std::deque<std::unique_ptr<Request>> requests;
  };
  using Turns = std::list<Turn>;
  // How many requests to take, and whether only of calls not begun.
  struct Group {
    std::size_t size = 0;
    bool new_calls = false;
  };

  std::size_t workers() const { return active_.size(); }
  bool Lends() const { return lending_ && 2 * in_flight_ <= workers(); }
  bool MayTake(std::size_t worker) const;
  void Update(const State& state);
  Group NextGroup(const State& state) const;
  Turn* Find(std::uint64_t call);
  Turns& NextTurns(bool new_calls);
  void TakeFrom(Turns& turns, std::vector<std::unique_ptr<Request>>& taken);
  void Take(const State& state, std::vector<std::unique_ptr<Request>>& taken);
  std::size_t Threads(std::size_t worker);
  std::condition_variable& Wakes(std::size_t worker);

  std::mutex mutex_;
  std::condition_variable wakes_first_;   // worker 0
  std::condition_variable wakes_others_;  // all other workers
  Turns new_;                        // calls of which nothing has been taken
  Turns begun_;                      // the others, the next one first
  bool new_next_ = true;             // whose turn it is
  std::size_t waiting_ = 0;          // requests in both
  std::vector<std::size_t> active_;  // [workers]: requests in each batch
  std::size_t reserved_;
  std::size_t in_flight_ = 0;
  bool lending_ = false;  // worker 0 wants to borrow
  bool wide_ = false;     // worker 0 has all threads
  bool closed_ = false;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_REQUEST_QUEUE_H_

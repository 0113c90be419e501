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
// sentence does not wait for the whole of another caller's list. While more of
// a list waits, new calls pass it by: their requests go into a second, small
// batch of the worker, whose steps need not wait for those of the list's.
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
  explicit RequestQueue(std::size_t workers) : active_(workers, 0) {}

  // Takes in the requests of a call: all of them, or if it throws none. What
  // several pushes bring with the same `call`, which is not 0, has turns as
  // one. Throws Error once it is closed.
  void Push(std::span<std::unique_ptr<Request>> requests,
            std::uint64_t call = 0);

  // Takes in what a request asks for besides, while a worker calls its sink:
  // also once the queue is closed, so that what was taken in is finished. That
  // worker, which goes on, can take it.
  void PushMore(std::span<std::unique_ptr<Request>> requests);

  // Takes no more in, and lets the workers end when nothing waits any more.
  void Close();

  // What a worker says before each of its steps ...
  struct State {
    std::size_t worker;          // its number
    std::size_t active;          // requests in its batches
    Room room;                   // what its batch could take besides
    bool wants_threads = false;  // to borrow; worker 0 only
    std::size_t passing = 0;     // of `active`, in the batch of new calls
    Room passing_room = {};      // what that could take besides
  };
  // ... and what it is told: how many threads that step may use, and whether
  // what it takes in is for the batch of new calls.
  struct Grant {
    std::size_t threads = 1;
    bool passes = false;
  };
  // `taken` gets the requests it is to take in: some if its batches are empty,
  // for which the call waits, or none if the queue is closed; else as many as
  // make a good group.
  Grant Next(const State& state, std::vector<std::unique_ptr<Request>>& taken);

 private:
  // What waits of a call: some.
  struct Turn {
    std::uint64_t call;
    std::deque<std::unique_ptr<Request>> requests;
  };
  using Turns = std::list<Turn>;
  // How many requests to take, and whether only of calls not begun, which pass
  // by those that have.
  struct Group {
    std::size_t size = 0;
    bool passes = false;
  };

  void TakeIn(std::span<std::unique_ptr<Request>> requests, std::uint64_t call,
              bool goes_on);
  std::size_t workers() const { return active_.size(); }
  bool Lends() const { return lending_ && 2 * in_flight_ <= workers(); }
  bool MayTake(std::size_t worker) const;
  void Update(const State& state);
  // Whether the next new call passes by a list, which then takes nothing.
  bool CanPass(const State& state) const;
  Group NextGroup(const State& state) const;
  Turn* Find(std::uint64_t call);
  Turns& NextTurns(bool passes);
  void TakeFrom(Turns& turns, std::vector<std::unique_ptr<Request>>& taken);
  bool Take(const State& state, std::vector<std::unique_ptr<Request>>& taken);
  std::size_t Threads(std::size_t worker);
  std::condition_variable& Wakes(std::size_t worker);

  std::mutex mutex_;
  std::condition_variable wakes_first_;   // worker 0
  std::condition_variable wakes_others_;  // all other workers
  Turns new_;                        // calls of which nothing has been taken
  Turns begun_;                      // the others, the next one first
  bool new_next_ = true;             // whose turn it is
  std::size_t waiting_ = 0;          // requests in both
  std::vector<std::size_t> active_;  // [workers]: requests in its batches
  std::size_t in_flight_ = 0;
  bool lending_ = false;  // worker 0 wants to borrow
  bool wide_ = false;     // worker 0 has all threads
  bool closed_ = false;
  bool first_ended_ = false;  // worker 0, which borrows no more
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_REQUEST_QUEUE_H_

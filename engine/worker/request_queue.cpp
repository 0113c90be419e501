// Who takes which requests, and with how many threads.
#include "engine/worker/request_queue.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace tessera::engine {

void RequestQueue::Push(std::span<std::unique_ptr<Request>> requests) {
  const std::lock_guard lock(mutex_);
  waiting_.insert(waiting_.end(), std::move_iterator(requests.begin()),
                  std::move_iterator(requests.end()));
  in_flight_ += requests.size();
  wakes_first_.notify_one();
  if (Lends()) return;
  if (requests.size() == 1) {
    wakes_others_.notify_one();
  } else {
    wakes_others_.notify_all();
  }
}

void RequestQueue::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  wakes_first_.notify_one();
  wakes_others_.notify_all();
}

std::size_t RequestQueue::Next(const State& state,
                               std::vector<std::unique_ptr<Request>>& taken) {
  taken.clear();
  std::unique_lock lock(mutex_);
  Update(state);
  if (state.active == 0) {
    Wakes(state.worker).wait(lock, [&] {
      return MayTake(state.worker) || (closed_ && waiting_.empty());
    });
  }
  Take(state, taken);
  if (closed_ && waiting_.empty()) wakes_others_.notify_all();
  return Threads(state.worker);
}

std::condition_variable& RequestQueue::Wakes(std::size_t worker) {
  return worker == 0 ? wakes_first_ : wakes_others_;
}

// Counts what the worker has finished; its threads are free for now.
void RequestQueue::Update(const State& state) {
  std::size_t& active = active_[state.worker];
  in_flight_ -= active - state.active;
  active = state.active;
  if (state.worker != 0) return;
  lending_ = state.wants_threads;
  wide_ = false;
  if (!Lends() && !waiting_.empty()) wakes_others_.notify_all();
}

bool RequestQueue::MayTake(std::size_t worker) const {
  if (waiting_.empty()) return false;
  return worker == 0 || (!wide_ && !Lends());
}

void RequestQueue::Take(const State& state,
                        std::vector<std::unique_ptr<Request>>& taken) {
  if (!MayTake(state.worker)) return;
  std::size_t rows = state.room.rows;
  for (std::size_t count = GroupSize(state); count > 0; --count) {
    const std::size_t beams = waiting_.front()->options.rows();
    if (beams > rows) break;
    rows -= beams;
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  active_[state.worker] += taken.size();
}

// The encoder is slow for one source at a time (its weights are read once a
// run): take some as soon as a quarter of the slots are free, or all.
std::size_t RequestQueue::GroupSize(const State& state) const {
  const std::size_t free = state.room.sentences;
  const std::size_t slots = free + state.active;
  const std::size_t all = waiting_.size();
  if (state.active > 0 && 4 * free < slots && all > free) return 0;
  const std::size_t share =
      Lends() ? in_flight_ : (in_flight_ + workers() - 1) / workers();
  if (share <= state.active) return 0;
  return std::min({free, all, share - state.active});
}

std::size_t RequestQueue::Threads(std::size_t worker) {
  if (worker != 0 || active_[0] == 0 || !Lends()) return 1;
  const std::size_t elsewhere =
      std::accumulate(active_.begin() + 1, active_.end(), std::size_t{0});
  wide_ = elsewhere == 0 && workers() > 1;
  return wide_ ? workers() : 1;
}

}  // namespace tessera::engine

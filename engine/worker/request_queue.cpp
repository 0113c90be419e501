// Who takes which requests, and with how many threads.
#include "engine/worker/request_queue.h"

#include <tessera/error.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace tessera::engine {

void RequestQueue::Push(std::span<std::unique_ptr<Request>> requests,
                        std::uint64_t call) {
  TakeIn(requests, call, /*goes_on=*/false);
}

void RequestQueue::PushMore(std::span<std::unique_ptr<Request>> requests) {
  TakeIn(requests, /*call=*/0, /*goes_on=*/true);
}

void RequestQueue::TakeIn(std::span<std::unique_ptr<Request>> requests,
                          std::uint64_t call, bool goes_on) {
  if (requests.empty()) return;
  Turns turn(1);  // made first: from then on nothing is taken in if it throws
  turn.front().call = call;
  const std::lock_guard lock(mutex_);
  if (closed_ && !goes_on) {
    throw Error("translator: want one in use, found it being destroyed");
  }
  Turn* const found = Find(call);
  Turn& to = found != nullptr ? *found : turn.front();
  to.requests.insert(to.requests.end(), std::move_iterator(requests.begin()),
                     std::move_iterator(requests.end()));
  if (found == nullptr) new_.splice(new_.end(), turn);
  waiting_ += requests.size();
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

// The turn of a call that waits already; nullptr: none.
RequestQueue::Turn* RequestQueue::Find(std::uint64_t call) {
  if (call == 0) return nullptr;
  for (Turns* turns : {&begun_, &new_}) {
    const auto found = std::ranges::find(*turns, call, &Turn::call);
    if (found != turns->end()) return &*found;
  }
  return nullptr;
}

RequestQueue::Grant RequestQueue::Next(
    const State& state, std::vector<std::unique_ptr<Request>>& taken) {
  taken.clear();
  std::unique_lock lock(mutex_);
  Update(state);
  if (state.active == 0) {
    Wakes(state.worker).wait(lock, [&] {
      return MayTake(state.worker) || (closed_ && waiting_ == 0);
    });
  }
  const bool passes = Take(state, taken);
  if (closed_ && state.worker == 0 && state.active == 0 && taken.empty()) {
    first_ended_ = true;
  }
  if (closed_ && waiting_ == 0) wakes_others_.notify_all();
  return {.threads = Threads(state.worker), .passes = passes};
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
  if (!Lends() && waiting_ > 0) wakes_others_.notify_all();
}

bool RequestQueue::MayTake(std::size_t worker) const {
  if (waiting_ == 0) return false;
  return worker == 0 || first_ended_ || (!wide_ && !Lends());
}

// Returns whether they pass.
bool RequestQueue::Take(const State& state,
                        std::vector<std::unique_ptr<Request>>& taken) {
  if (!MayTake(state.worker)) return false;
  const Group group = NextGroup(state);
  std::size_t rows = (group.passes ? state.passing_room : state.room).rows;
  while (taken.size() < group.size) {
    Turns& turns = NextTurns(group.passes);
    const std::size_t beams = turns.front().requests.front()->options.rows();
    if (beams > rows) break;
    rows -= beams;
    TakeFrom(turns, taken);
    new_next_ = &turns != &new_;
  }
  waiting_ -= taken.size();
  active_[state.worker] += taken.size();
  return group.passes;
}

RequestQueue::Turns& RequestQueue::NextTurns(bool passes) {
  const bool of_new = passes || begun_.empty() || (new_next_ && !new_.empty());
  return of_new ? new_ : begun_;
}

// The next request; its call, if it has more, waits behind the others.
void RequestQueue::TakeFrom(Turns& turns,
                            std::vector<std::unique_ptr<Request>>& taken) {
  std::deque<std::unique_ptr<Request>>& requests = turns.front().requests;
  taken.push_back(std::move(requests.front()));
  requests.pop_front();
  if (requests.empty()) {
    turns.pop_front();
  } else {
    begun_.splice(begun_.end(), turns, turns.begin());
  }
}

bool RequestQueue::CanPass(const State& state) const {
  return !begun_.empty() && !new_.empty() && state.passing_room.sentences > 0 &&
         new_.front().requests.front()->options.rows() <=
             state.passing_room.rows;
}

// The encoder is slow for one source at a time (its weights are read once a
// run): take some as soon as a quarter of the slots are free, or all. New calls
// need not wait for that while a list is at work of which more waits.
RequestQueue::Group RequestQueue::NextGroup(const State& state) const {
  const std::size_t busy = state.active - state.passing;
  if (busy > 0 && CanPass(state)) {
    return {std::min(state.passing_room.sentences, new_.size()), true};
  }
  const std::size_t free = state.room.sentences;
  if (busy > 0 && 4 * free < free + busy && waiting_ > free) return {};
  const std::size_t share =
      Lends() ? in_flight_ : (in_flight_ + workers() - 1) / workers();
  if (share <= state.active) return {};
  return {std::min({free, waiting_, share - state.active}), false};
}

std::size_t RequestQueue::Threads(std::size_t worker) {
  if (worker != 0 || active_[0] == 0 || !Lends()) return 1;
  const std::size_t elsewhere =
      std::accumulate(active_.begin() + 1, active_.end(), std::size_t{0});
  wide_ = elsewhere == 0 && workers() > 1;
  return wide_ ? workers() : 1;
}

}  // namespace tessera::engine

// Who takes which sentences, and with how many threads.
#include "engine/worker/request_queue.h"

#include <algorithm>
#include <numeric>

namespace tessera::engine {

void SentenceQueue::Push(std::span<Sentence* const> sentences) {
  const std::lock_guard lock(mutex_);
  waiting_.insert(waiting_.end(), sentences.begin(), sentences.end());
  in_flight_ += sentences.size();
  wakes_first_.notify_one();
  if (Lends()) return;
  if (sentences.size() == 1) {
    wakes_others_.notify_one();
  } else {
    wakes_others_.notify_all();
  }
}

void SentenceQueue::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  wakes_first_.notify_one();
  wakes_others_.notify_all();
}

std::size_t SentenceQueue::Next(const Request& request,
                                std::vector<Sentence*>& taken) {
  taken.clear();
  std::unique_lock lock(mutex_);
  Update(request);
  if (request.active == 0) {
    Wakes(request.worker).wait(lock, [&] {
      return MayTake(request.worker) || (closed_ && waiting_.empty());
    });
  }
  Take(request, taken);
  if (closed_ && waiting_.empty()) wakes_others_.notify_all();
  return Threads(request.worker);
}

std::condition_variable& SentenceQueue::Wakes(std::size_t worker) {
  return worker == 0 ? wakes_first_ : wakes_others_;
}

// Counts what the worker has finished; its threads are free for now.
void SentenceQueue::Update(const Request& request) {
  std::size_t& active = active_[request.worker];
  in_flight_ -= active - request.active;
  active = request.active;
  if (request.worker != 0) return;
  lending_ = request.wants_threads;
  wide_ = false;
  if (!Lends() && !waiting_.empty()) wakes_others_.notify_all();
}

bool SentenceQueue::MayTake(std::size_t worker) const {
  if (waiting_.empty()) return false;
  return worker == 0 || (!wide_ && !Lends());
}

void SentenceQueue::Take(const Request& request,
                         std::vector<Sentence*>& taken) {
  if (!MayTake(request.worker)) return;
  std::size_t rows = request.room.rows;
  for (std::size_t count = GroupSize(request); count > 0; --count) {
    const std::size_t beams = waiting_.front()->options().beam_size;
    if (beams > rows) break;
    rows -= beams;
    taken.push_back(waiting_.front());
    waiting_.pop_front();
  }
  active_[request.worker] += taken.size();
}

// The encoder is slow for one sentence at a time (its weights are read once a
// run): take some as soon as a quarter of the slots are free, or all.
std::size_t SentenceQueue::GroupSize(const Request& request) const {
  const std::size_t free = request.room.sentences;
  const std::size_t slots = free + request.active;
  const std::size_t all = waiting_.size();
  if (request.active > 0 && 4 * free < slots && all > free) return 0;
  const std::size_t share =
      Lends() ? in_flight_ : (in_flight_ + workers() - 1) / workers();
  if (share <= request.active) return 0;
  return std::min({free, all, share - request.active});
}

std::size_t SentenceQueue::Threads(std::size_t worker) {
  if (worker != 0 || active_[0] == 0 || !Lends()) return 1;
  const std::size_t elsewhere =
      std::accumulate(active_.begin() + 1, active_.end(), std::size_t{0});
  wide_ = elsewhere == 0 && workers() > 1;
  return wide_ ? workers() : 1;
}

}  // namespace tessera::engine

// Texts handed in and translations taken out.
#include "tools/python/src/queue.h"

#include <sys/eventfd.h>
#include <tessera/error.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string_view>
#include <system_error>
#include <unordered_map>

#include "tools/python/src/released.h"

namespace tessera::python {

struct Queue::State {
  State() : readable(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (readable < 0) {
      throw std::system_error(errno, std::generic_category(), "eventfd");
    }
  }
  ~State() { close(readable); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void Put(std::uint64_t number, Translation result) {
    const std::lock_guard lock(mutex);
    under_way.erase(number);
    finished.emplace_back(number, std::move(result));
    Announce();
  }

  void Grow(std::uint64_t number, std::string_view text) {
    if (text.empty()) return;  // a token that ends no character
    const std::lock_guard lock(mutex);
    grown.emplace_back(number, text);
    Announce();
  }

  template <class Item>
  std::vector<Item> TakeLocked(std::vector<Item> State::*items) {
    std::vector<Item> taken = std::exchange(this->*items, {});
    eventfd_t count = 0;
    const bool last = finished.empty() && grown.empty();
    if (last && !taken.empty()) eventfd_read(readable, &count);
    return taken;
  }

  const int readable;
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t submitted = 0;
  // What the thread that takes waits for, so that it is not woken for each text
  // while it waits for one.
  std::function<bool(const State&)> awaited;
  std::vector<Finished> finished;
  std::vector<Grown> grown;
  // By number; a text alone can be cancelled by its own.
  std::unordered_map<std::uint64_t, std::stop_source> under_way;

 private:
  void Announce() {
    if (finished.size() + grown.size() == 1) eventfd_write(readable, 1);
    if (awaited && awaited(*this)) changed.notify_all();
  }
};

namespace {

std::set<Queue*>& Queues() {
  static std::set<Queue*> queues;
  return queues;
}

}  // namespace

Queue::Queue(const Handle& handle)
    : process_(getpid()),
      translator_(handle.Get()),
      state_(std::make_shared<State>()) {
  Queues().insert(this);
}

Queue::~Queue() {
  Queues().erase(this);
  Close();
}

// A forked child has a copy that a thread of the parent may have been changing:
// it stays where it is.
void Queue::Close() {
  if (!state_) return;
  if (process_ != getpid()) {
    new std::shared_ptr<State>(std::move(state_));
    return;
  }
  std::unordered_map<std::uint64_t, std::stop_source> under_way;
  {
    const std::lock_guard lock(state_->mutex);
    under_way.swap(state_->under_way);
  }
  for (auto& [number, stop] : under_way) stop.request_stop();
  state_.reset();
  translator_.reset();
}

void Queue::CloseAll() {
  for (Queue* queue : Queues()) queue->Close();
}

Queue::State& Queue::state() const {
  if (state_ && process_ == getpid()) return *state_;
  throw Error(state_ ? "queue: want the process that made it, found another"
                     : "queue: want an open one, found it closed");
}

std::uint64_t Queue::Submit(std::string text, const TranslateOptions& options,
                            Tells tells) {
  CheckRunning();
  State& to = state();
  std::stop_token stop;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(to.mutex);
    number = to.submitted++;
    stop = to.under_way[number].get_token();
  }
  Translator::Grows grows;
  if (tells == Tells::kGrowth) {
    grows = [shared = state_, number](const Growth& growth) {
      shared->Grow(number, growth.text);
    };
  }
  try {
    translator_->Submit(
        std::move(text), options, std::move(grows),
        [shared = state_, number](Translation result) {
          shared->Put(number, std::move(result));
        },
        std::move(stop));
  } catch (...) {
    const std::lock_guard lock(to.mutex);
    to.under_way.erase(number);
    throw;
  }
  return number;
}

void Queue::Cancel(std::uint64_t number) {
  State& from = state();
  std::optional<std::stop_source> stop;
  {
    const std::lock_guard lock(from.mutex);
    const auto found = from.under_way.find(number);
    if (found != from.under_way.end()) stop = found->second;
  }
  if (stop) stop->request_stop();
}

template <class Item, class Ready>
std::vector<Item> Queue::TakeWhen(std::vector<Item> State::*items,
                                  Ready ready) {
  state();
  const std::shared_ptr<State> from = state_;  // another thread may close it
  std::unique_lock lock(from->mutex);
  from->awaited = ready;
  WaitReleased(lock, from->changed, [&] { return ready(*from); });
  return from->TakeLocked(items);
}

std::vector<Finished> Queue::Take() {
  const std::lock_guard lock(state().mutex);
  return state_->TakeLocked(&State::finished);
}

std::vector<Finished> Queue::TakeSome() {
  return TakeWhen(&State::finished, [](const State& from) {
    return !from.finished.empty() || from.under_way.empty();
  });
}

std::vector<Finished> Queue::TakeUntil(std::uint64_t number) {
  return TakeWhen(&State::finished, [number](const State& from) {
    return !from.under_way.contains(number);
  });
}

std::vector<Finished> Queue::TakeAll() {
  return TakeWhen(&State::finished,
                  [](const State& from) { return from.under_way.empty(); });
}

std::vector<Grown> Queue::TakeGrown() {
  const std::lock_guard lock(state().mutex);
  return state_->TakeLocked(&State::grown);
}

std::vector<Grown> Queue::TakeGrownSome() {
  return TakeWhen(&State::grown, [](const State& from) {
    return !from.grown.empty() || from.under_way.empty();
  });
}

bool Queue::ready() const {
  const std::lock_guard lock(state().mutex);
  return !state_->finished.empty();
}

int Queue::fileno() const { return state().readable; }

}  // namespace tessera::python

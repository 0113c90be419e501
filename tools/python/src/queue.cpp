// Texts handed in and translations taken out.
#include "tools/python/src/queue.h"

#include <sys/eventfd.h>
#include <tessera/error.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
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
    if (finished.size() == 1) eventfd_write(readable, 1);
    // A list waits for its last text alone.
    if (!waits_for_all || under_way.empty()) changed.notify_all();
  }

  std::vector<Finished> TakeLocked() {
    eventfd_t count = 0;
    if (!finished.empty()) eventfd_read(readable, &count);
    return std::exchange(finished, {});
  }

  const int readable;
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t submitted = 0;
  bool waits_for_all = false;
  std::vector<Finished> finished;
  // By number; a text alone can be cancelled by its own.
  std::unordered_map<std::uint64_t, std::stop_source> under_way;
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

std::uint64_t Queue::Submit(std::string text, const TranslateOptions& options) {
  CheckRunning();
  State& to = state();
  std::stop_token stop;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(to.mutex);
    number = to.submitted++;
    stop = to.under_way[number].get_token();
  }
  try {
    translator_->Submit(
        std::move(text), options,
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

template <class Ready>
std::vector<Finished> Queue::TakeWhen(bool all, Ready ready) {
  state();
  const std::shared_ptr<State> from = state_;  // another thread may close it
  std::unique_lock lock(from->mutex);
  from->waits_for_all = all;
  WaitReleased(lock, from->changed, [&] { return ready(*from); });
  return from->TakeLocked();
}

std::vector<Finished> Queue::Take() {
  return TakeWhen(false, [](const State&) { return true; });
}

std::vector<Finished> Queue::TakeSome() {
  return TakeWhen(false, [](const State& from) {
    return !from.finished.empty() || from.under_way.empty();
  });
}

std::vector<Finished> Queue::TakeAll() {
  return TakeWhen(true,
                  [](const State& from) { return from.under_way.empty(); });
}

bool Queue::ready() const {
  const std::lock_guard lock(state().mutex);
  return !state_->finished.empty();
}

int Queue::fileno() const { return state().readable; }

}  // namespace tessera::python

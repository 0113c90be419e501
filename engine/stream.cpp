// The window of a stream.
#include <sys/types.h>
#include <tessera/stream.h>
#include <unistd.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <utility>

#include "engine/translator_impl.h"

namespace tessera {

// Shared with the requests, which may outlive the stream.
struct [[gnu::visibility("hidden")]] Stream::State {
  // Of texts in the window: a window of long ones need not be full of them.
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

  struct Place {
    std::size_t bytes;  // of the text
    std::optional<Translation> result = {};
  };

  State(engine::Access::Impl & to, const TranslateOptions& translate)
      : impl(to),
        options(to.Resolve(translate)),
        window(4 * to.batch_size * to.pool.threads()),
        call(engine::NewCall()) {}

  bool full() const { return texts.size() >= window || bytes > kMaxBytes; }

  // Whether Next need not wait.
  bool FrontIsReady() const {
    return texts.empty() ? closed : texts.front().result.has_value();
  }
  std::optional<Translation> TakeFront();
  void Put(Place & place, Translation result);

  engine::Access::Impl& impl;  // used by Push alone
  const engine::RequestOptions options;
  const std::size_t window;
  const std::uint64_t call;  // what has turns in the queue
  const pid_t owner = getpid();
  std::stop_source stop;

  std::mutex mutex;
  std::condition_variable changed;  // the front is ready, there is room, closed
  std::deque<Place> texts;          // the oldest first
  std::size_t bytes = 0;            // of them all
  bool closed = false;
};

std::optional<Translation> Stream::State::TakeFront() {
  if (texts.empty() || !texts.front().result) return std::nullopt;
  std::optional<Translation> front = std::move(texts.front().result);
  bytes -= texts.front().bytes;
  texts.pop_front();
  changed.notify_all();
  return front;
}

void Stream::State::Put(Place& place, Translation result) {
  const std::lock_guard lock(mutex);
  place.result = std::move(result);
  if (&place == &texts.front()) changed.notify_all();
}

Stream::Stream(const Translator& translator, const TranslateOptions& options)
    : state_(std::make_shared<State>(engine::Access::Of(translator), options)) {
}

Stream::~Stream() { state_->stop.request_stop(); }

void Stream::Push(std::string text) { PushResolved(std::move(text), nullptr); }

void Stream::Push(std::string text, const TranslateOptions& options) {
  PushResolved(std::move(text), &options);
}

void Stream::PushResolved(std::string text, const TranslateOptions* options) {
  const std::optional<engine::RequestOptions> own =
      options == nullptr ? std::nullopt
                         : std::optional(state_->impl.Resolve(*options));
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock,
                       [this] { return state_->closed || !state_->full(); });
  if (state_->closed) throw Error("stream: want no text once it is closed");
  // Other places stay where they are when one is added or taken away.
  State::Place& place = state_->texts.emplace_back(State::Place{text.size()});
  state_->bytes += place.bytes;
  try {
    engine::Requests requests;
    state_->impl.AddRequests(std::move(text), own ? *own : state_->options,
                             {.sink =
                                  [state = state_, &place](Translation result) {
                                    state->Put(place, std::move(result));
                                  },
                              .stop = state_->stop.get_token()},
                             requests);
    state_->impl.pool.Push(requests, state_->call);
  } catch (...) {
    state_->bytes -= place.bytes;
    state_->texts.pop_back();  // no worker will ever fill it
    throw;
  }
}

bool Stream::full() const {
  const std::lock_guard lock(state_->mutex);
  return state_->full();
}

void Stream::Close() {
  const std::lock_guard lock(state_->mutex);
  state_->closed = true;
  state_->changed.notify_all();
}

std::optional<Translation> Stream::Next() {
  engine::CheckProcess(state_->owner);
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->FrontIsReady(); });
  return state_->TakeFront();
}

std::optional<Translation> Stream::TryNext() {
  const std::lock_guard lock(state_->mutex);
  return state_->TakeFront();
}

}  // namespace tessera

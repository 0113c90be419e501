// The window of a stream.
#include <tessera/stream.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <utility>

#include "engine/translator_impl.h"

namespace tessera {

// Shared with the requests, which may outlive the stream.
struct [[gnu::visibility("hidden")]] Stream::State {
  State(engine::Access::Impl & to, const TranslateOptions& translate)
      : impl(to),
        options(to.Resolve(translate)),
        window(4 * to.batch_size * to.pool.threads()) {}

  // Whether Next need not wait.
  bool FrontIsReady() const {
    return texts.empty() ? closed : texts.front().has_value();
  }
  std::optional<Translation> TakeFront();
  void Put(std::optional<Translation> & place, Translation result);

  engine::Access::Impl& impl;  // used by Push alone
  const engine::RequestOptions options;
  const std::size_t window;
  std::stop_source stop;

  std::mutex mutex;
  std::condition_variable changed;  // the front is ready, there is room, closed
  std::deque<std::optional<Translation>> texts;  // the oldest first
  bool closed = false;
};

std::optional<Translation> Stream::State::TakeFront() {
  if (texts.empty() || !texts.front()) return std::nullopt;
  std::optional<Translation> front = std::move(texts.front());
  texts.pop_front();
  changed.notify_all();
  return front;
}

void Stream::State::Put(std::optional<Translation>& place, Translation result) {
  const std::lock_guard lock(mutex);
  place = std::move(result);
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
  state_->changed.wait(lock, [this] {
    return state_->closed || state_->texts.size() < state_->window;
  });
  if (state_->closed) throw Error("stream: want no text once it is closed");
  // Other places stay where they are when one is added or taken away.
  auto& place = state_->texts.emplace_back();
  try {
    engine::Requests requests;
    state_->impl.AddRequests(std::move(text), own ? *own : state_->options,
                             {.sink =
                                  [state = state_, &place](Translation result) {
                                    state->Put(place, std::move(result));
                                  },
                              .stop = state_->stop.get_token()},
                             requests);
    state_->impl.pool.Push(requests);
  } catch (...) {
    state_->texts.pop_back();  // no worker will ever fill it
    throw;
  }
}

bool Stream::full() const {
  const std::lock_guard lock(state_->mutex);
  return state_->texts.size() >= state_->window;
}

void Stream::Close() {
  const std::lock_guard lock(state_->mutex);
  state_->closed = true;
  state_->changed.notify_all();
}

std::optional<Translation> Stream::Next() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->FrontIsReady(); });
  return state_->TakeFront();
}

std::optional<Translation> Stream::TryNext() {
  const std::lock_guard lock(state_->mutex);
  return state_->TakeFront();
}

}  // namespace tessera

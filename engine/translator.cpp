// The public class: texts as requests to the worker threads.
#include <tessera/translator.h>

#include <condition_variable>
#include <mutex>
#include <utility>

#include "engine/search/search_options.h"
#include "engine/translator_impl.h"

namespace tessera {
namespace {

// Bad options are found before the model is read.
engine::LoadedModel CheckAndLoad(const std::filesystem::path& folder,
                                 const LoadOptions& options) {
  engine::Check(options);
  return engine::Load(folder, options);
}

// A caller's wait for its texts, which workers finish in any order.
class Countdown {
 public:
  explicit Countdown(std::size_t count) : count_(count) {}

  // Notifies under the lock: once it is released the caller may be gone.
  void Decrease() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) zero_.notify_one();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    zero_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable zero_;
  std::size_t count_;
};

// Does work on each of `items` while the caller waits. `add` makes requests of
// one, which are to tell a sink.
template <class Items, class Add>
std::vector<Translation> DoAll(engine::Access::Impl& impl, const Items& items,
                               Add&& add) {
  std::vector<Translation> results(items.size());
  Countdown missing(items.size());
  engine::Requests requests;
  requests.reserve(items.size());
  auto result = results.begin();
  for (const auto& item : items) {
    add(
        item,
        [to = &*result++, &missing](Translation done) {
          *to = std::move(done);
          missing.Decrease();
        },
        requests);
  }
  impl.pool.Push(requests);
  missing.Wait();
  return results;
}

template <class Texts>
std::vector<Translation> TranslateTexts(engine::Access::Impl& impl,
                                        const Texts& texts,
                                        const TranslateOptions& options) {
  return DoAll(impl, texts,
               [&impl, resolved = impl.Resolve(options)](
                   const auto& text, auto sink, engine::Requests& requests) {
                 impl.AddRequests(std::string(text), resolved,
                                  {.sink = std::move(sink)}, requests);
               });
}

}  // namespace

Translator::Translator(const std::filesystem::path& folder,
                       const LoadOptions& options)
    : Translator(
          std::make_unique<Impl>(CheckAndLoad(folder, options), options)) {}

Translator::Translator(std::unique_ptr<Impl> impl) noexcept
    : impl_(std::move(impl)) {}

Translator::~Translator() = default;
Translator::Translator(Translator&&) noexcept = default;
Translator& Translator::operator=(Translator&&) noexcept = default;

Translator::Impl& Translator::impl() const {
  if (impl_) return *impl_;
  throw Error("translator: want one with a model, found one moved from");
}

Translation Translator::Translate(std::string_view text,
                                  const TranslateOptions& options) const {
  const std::span<const std::string_view> texts(&text, 1);
  return std::move(TranslateTexts(impl(), texts, options).front());
}

std::vector<Translation> Translator::TranslateAll(
    std::span<const std::string> texts, const TranslateOptions& options) const {
  return TranslateTexts(impl(), texts, options);
}

std::vector<Translation> Translator::TranslateAll(
    std::initializer_list<std::string_view> texts,
    const TranslateOptions& options) const {
  return TranslateTexts(impl(), texts, options);
}

std::vector<Translation> Translator::Score(std::span<const ScorePair> pairs,
                                           const TranslateOptions& options,
                                           std::stop_token stop) const {
  Impl& to = impl();
  return DoAll(
      to, pairs,
      [&to, &stop, resolved = to.Resolve(options)](
          const ScorePair& pair, auto sink, engine::Requests& requests) {
        auto request = to.MakeRequest(pair.source, resolved,
                                      {.sink = std::move(sink), .stop = stop});
        request->shortlist = nullptr;
        request->target = pair.target_ids;
        if (pair.target_ids.empty()) request->target_text = pair.target;
        requests.push_back(std::move(request));
      });
}

void Translator::Submit(std::string text, const TranslateOptions& options,
                        Done done, std::stop_token stop) const {
  Submit(std::move(text), options, Grows(), std::move(done), std::move(stop));
}

void Translator::Submit(std::string text, const TranslateOptions& options,
                        Grows grows, Done done, std::stop_token stop) const {
  if (!done) throw Error("done: want a function, found none");
  Impl& to = impl();
  engine::Requests requests;
  to.AddRequests(std::move(text), to.Resolve(options),
                 {.sink = std::move(done),
                  .growth = std::move(grows),
                  .stop = std::move(stop)},
                 requests);
  to.pool.Push(requests);
}

std::future<Translation> Translator::Submit(std::string text,
                                            const TranslateOptions& options,
                                            std::stop_token stop) const {
  // A function that std::function holds must be copyable; a promise is not.
  const auto promise = std::make_shared<std::promise<Translation>>();
  std::future<Translation> result = promise->get_future();
  Submit(
      std::move(text), options,
      [promise](Translation done) { promise->set_value(std::move(done)); },
      std::move(stop));
  return result;
}

void Translator::Check(const TranslateOptions& options) const {
  impl().Resolve(options);
}

std::size_t Translator::CountTokens(std::string_view text) const {
  return impl().tokenizer().CountIds(text);
}

const ModelInfo& Translator::info() const { return impl().info; }

std::size_t Translator::threads() const { return impl().pool.threads(); }

std::string_view Version() { return TESSERA_VERSION; }

}  // namespace tessera

// The public class: texts as requests to the worker threads.
#include <tessera/translator.h>

#include <condition_variable>
#include <mutex>
#include <utility>

#include "engine/search/search_options.h"
#include "engine/translator_impl.h"

namespace tessera {
namespace {

using engine::Request;
using Requests = std::vector<std::unique_ptr<Request>>;

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

// Translates texts while the caller waits.
template <class Texts>
std::vector<Translation> TranslateTexts(engine::Access::Impl& impl,
                                        const Texts& texts,
                                        const TranslateOptions& options) {
  const engine::RequestOptions resolved = impl.Resolve(options);
  std::vector<Translation> results(texts.size());
  Countdown missing(texts.size());
  Requests requests;
  requests.reserve(texts.size());
  for (const auto& text : texts) {
    requests.push_back(impl.MakeRequest(
        std::string(text), resolved,
        [result = &results[requests.size()], &missing](Translation done) {
          *result = std::move(done);
          missing.Decrease();
        }));
  }
  impl.pool.Push(requests);
  missing.Wait();
  return results;
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

void Translator::Submit(std::string text, const TranslateOptions& options,
                        Done done, std::stop_token stop) const {
  if (!done) throw Error("done: want a function, found none");
  Impl& to = impl();
  std::unique_ptr<engine::Request> request = to.MakeRequest(
      std::move(text), to.Resolve(options), std::move(done), std::move(stop));
  to.pool.Push({&request, 1});
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

// The public class: a pointer to the runtime.
#include <tessera/translator.h>

#include <utility>

#include "engine/describe.h"
#include "engine/request/resolve_options.h"
#include "engine/runtime.h"

namespace tessera {
namespace {

// Bad options are found before the model is read.
engine::LoadedModel CheckAndLoad(const std::filesystem::path& folder,
                                 const LoadOptions& options) {
  engine::Check(options);
  return engine::Load(folder);
}

}  // namespace

struct Translator::Impl {
  engine::Runtime runtime;
};

Translator::Translator(const std::filesystem::path& folder,
                       const LoadOptions& options)
    : impl_(new Impl{engine::Runtime(CheckAndLoad(folder, options), options)}) {
}

Translator::~Translator() = default;
Translator::Translator(Translator&&) noexcept = default;
Translator& Translator::operator=(Translator&&) noexcept = default;

Translation Translator::Translate(std::string_view text,
                                  const TranslateOptions& options) const {
  const std::string copy(text);
  return std::move(Translate({&copy, 1}, options).front());
}

std::vector<Translation> Translator::Translate(
    std::span<const std::string> texts, const TranslateOptions& options) const {
  return impl_->runtime.Translate(texts, options);
}

void Translator::TranslateStream(const Next& next, const Done& done,
                                 const TranslateOptions& options) const {
  impl_->runtime.TranslateStream(next, done, options);
}

AttentionReport Translator::Attend(std::string_view text,
                                   const TranslateOptions& options) const {
  return impl_->runtime.Attend(std::string(text), options);
}

std::size_t Translator::threads() const { return impl_->runtime.threads(); }

std::vector<std::pair<std::string, std::string>> Translator::Describe() const {
  return engine::Describe(impl_->runtime);
}

std::string_view Version() { return TESSERA_VERSION; }

}  // namespace tessera

// The text of an output while its tokens come.
#ifndef TESSERA_ENGINE_REQUEST_TEXT_GROWTH_H_
#define TESSERA_ENGINE_REQUEST_TEXT_GROWTH_H_

#include <tessera/translation.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/tokenizer/tokenizer.h"

namespace tessera::engine {

// Tells a sink of tokens, and of the text that they add: whole characters, and
// where the tokenizer moves spaces whole words. The texts told, one after
// another, are the text of the output. The tokenizer must outlive it.
class TextGrowth {
 public:
  using Sink = std::function<void(const Growth&)>;

  // `open` is a token whose text is known only of the whole output, if there
  // is one: nothing is told from it on before that.
  TextGrowth(const Tokenizer& tokenizer, Sink sink,
             std::optional<std::int32_t> open = {})
      : tokenizer_(tokenizer), sink_(std::move(sink)), open_(open) {}

  // Takes all tokens that are certain by now; they begin with those before.
  void Extend(std::span<const std::int32_t> ids);

  // Takes the whole output.
  void Finish(std::span<const std::int32_t> ids, std::string_view text);

 private:
  void Tell(std::span<const std::int32_t> ids, std::string_view text);

  const Tokenizer& tokenizer_;
  Sink sink_;
  std::optional<std::int32_t> open_;
  std::string told_;
  std::size_t told_ids_ = 0;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_TEXT_GROWTH_H_

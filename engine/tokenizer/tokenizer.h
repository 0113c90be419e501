// Text to token ids and back: the interface of every tokenizer.
#ifndef TESSERA_ENGINE_TOKENIZER_TOKENIZER_H_
#define TESSERA_ENGINE_TOKENIZER_TOKENIZER_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

// A text as a model reads it.
struct EncodedText {
  std::vector<std::int32_t> ids;  // source tokens with end-of-sentence
};

// Immutable: any number of threads may use one tokenizer.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Throws Error if the text is not UTF-8. Control tokens spelled out in the
  // text ("</s>") are text.
  virtual EncodedText Encode(std::string_view text) const = 0;

  // The text of output ids; control tokens are left out.
  virtual std::string Decode(std::span<const std::int32_t> ids) const = 0;

  // The target vocabulary's entry of an id, such as "▁station".
  virtual std::string Piece(std::int32_t id) const = 0;

  // Entries of the source and of the target vocabulary: one more than the
  // largest id in use.
  virtual std::size_t source_size() const = 0;
  virtual std::size_t target_size() const = 0;
};

// Loads the tokenizer of a Hugging Face folder: source.spm, target.spm,
// vocab.json (and target_vocab.json). Throws Error.
std::unique_ptr<Tokenizer> LoadTokenizer(const std::filesystem::path& folder);

}  // namespace tessera

#endif  // TESSERA_ENGINE_TOKENIZER_TOKENIZER_H_

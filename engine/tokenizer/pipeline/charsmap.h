// Normalisation by the table of a SentencePiece model, as tokenizer.json's
// "Precompiled" applies it.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_CHARSMAP_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_CHARSMAP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::engine {

// The table replaces strings of characters. SentencePiece takes the longest
// that begins at each place; Hugging Face's library asks for a grapheme of less
// than 6 bytes as a whole, then for each character, and takes the shortest
// entry that begins it, which stands for all of what was asked for. The two
// differ where a grapheme has several characters.
class Charsmap {
 public:
  // Reads base64. Throws Error for what is none, and for a table that
  // CheckCharsmap refuses.
  Charsmap(const std::string& where, std::string_view base64);

  // Requires well-formed UTF-8 of less than 2 GiB.
  std::string Apply(std::string_view text) const;

 private:
  std::optional<std::string_view> Find(std::string_view chunk) const;

  std::vector<std::uint32_t> units_;  // double array
  std::string strings_;               // each with a NUL behind it
};

// The bytes of base64 with its padding; nothing for other text.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_CHARSMAP_H_

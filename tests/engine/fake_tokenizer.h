// A tokenizer whose words are numbers: "12 7" is the ids 12, 7 and EOS (0).
#ifndef TESSERA_TESTS_ENGINE_FAKE_TOKENIZER_H_
#define TESSERA_TESTS_ENGINE_FAKE_TOKENIZER_H_

#include <optional>
#include <sstream>
#include <string>

#include "engine/tokenizer/text.h"
#include "engine/tokenizer/tokenizer.h"

namespace tessera::engine {

class FakeTokenizer : public Tokenizer {
 public:
  explicit FakeTokenizer(std::size_t size) : size_(size) {}

  EncodedText Encode(std::string_view text) const override {
    std::istringstream words{std::string(text)};
    EncodedText encoded;
    for (std::string word; words >> word;) {
      if (word == "bad")
        throw TextError(ErrorKind::kBadText, "text: want numbers, found bad");
      const bool is_number =
          word.find_first_not_of("0123456789") == std::string::npos;
      encoded.ids.push_back(is_number || !unknown ? std::stoi(word) : *unknown);
    }
    encoded.empty = encoded.ids.empty();
    encoded.ids.push_back(0);
    return encoded;
  }

  std::string DecodeWith(std::span<const std::int32_t> ids,
                         std::span<const std::string> words) const override {
    std::string text;
    for (const std::int32_t id : ids) {
      if (id == 0) continue;
      const std::string part =
          IsWord(id, words) ? WordOf(id, words) : std::to_string(id);
      text.append(text.empty() || part.empty() ? "" : " ").append(part);
    }
    return text;
  }

  std::string Piece(std::int32_t id) const override {
    return Bracketed("<", id, ">");
  }
  std::string SourcePiece(std::int32_t id) const override {
    return Bracketed("[", id, "]");
  }
  std::size_t source_size() const override { return size_; }
  std::optional<std::int32_t> target_end() const override { return end; }

  std::optional<std::int32_t> source_unknown() const override {
    return unknown;
  }

  std::optional<std::int32_t> end = 0;
  std::optional<std::int32_t> unknown = {};  // of words that are no numbers

 private:
  // GCC 12 warns of overlaps where strings are added up with +.
  static std::string Bracketed(const char* open, std::int32_t id,
                               const char* close) {
    return std::string(open).append(std::to_string(id)).append(close);
  }

  std::size_t size_;
};

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_FAKE_TOKENIZER_H_

// Tokens that were added to a vocabulary: they stand in texts as they are.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_LISTED_TOKENS_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_LISTED_TOKENS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tessera::engine {

// As tokenizer.json and added_tokens_decoder of tokenizer_config.json list
// them.
struct ListedToken {
  std::string content;
  std::int32_t id = 0;
  bool single_word = false;  // no character of a word beside it
  bool lstrip = false;       // white space before it goes
  bool rstrip = false;       // and behind it
  bool normalized = false;   // it is looked for in the normalised text
  bool special = false;      // texts of ids leave it out
  bool control = false;      // not for texts: spelled out there it is text
};

// Finds the tokens of a list in texts: from the left, the longest that begins
// at a place. One that stands against its rule, or is a control token, hides
// what begins inside of it and is text.
class ListedTokens {
 public:
  // A stretch of text, or a token with the white space that it takes.
  struct Part {
    std::string_view text;
    const ListedToken* token = nullptr;
  };

  ListedTokens() = default;
  // The last of several with one content counts.
  explicit ListedTokens(std::vector<ListedToken> tokens);
  ListedTokens(ListedTokens&&) = default;
  ListedTokens& operator=(ListedTokens&&) = default;

  // The parts of a text, in order; together they are the text. None is empty.
  // Requires well-formed UTF-8. Cost: a look-up for each length that tokens
  // with the first byte of a place have, at each place.
  std::vector<Part> Split(std::string_view text) const;

 private:
  const ListedToken* Longest(std::string_view text) const;

  std::vector<ListedToken> tokens_;
  std::unordered_map<std::string_view, const ListedToken*> by_content_;
  std::array<std::vector<std::size_t>, 256> lengths_;  // long ones first
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_LISTED_TOKENS_H_

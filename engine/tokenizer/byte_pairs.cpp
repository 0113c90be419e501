// Splitting into words, merging of neighbours.
#include "engine/tokenizer/byte_pairs.h"

#include <array>

#include "engine/tokenizer/text.h"

namespace tessera::engine {
namespace {

// Printable bytes stand for themselves; the others for U+0100 and on.
constexpr bool IsPrintable(unsigned byte) {
  return (0x21 <= byte && byte <= 0x7E) || (0xA1 <= byte && byte <= 0xAC) ||
         (0xAE <= byte && byte <= 0xFF);
}

std::array<std::string, 256> MakeByteTokens() {
  std::array<std::string, 256> tokens;
  unsigned next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const unsigned code = IsPrintable(byte) ? byte : next++;
    if (code < 0x80) {
      tokens[byte] = static_cast<char>(code);
    } else {
      tokens[byte] = {static_cast<char>(0xC0 | code >> 6),
                      static_cast<char>(0x80 | (code & 0x3F))};
    }
  }
  return tokens;
}

const std::array<std::string, 256>& ByteTokens() {
  static const std::array<std::string, 256> tokens = MakeByteTokens();
  return tokens;
}

// Bytes of a contraction that opens the text.
std::size_t ContractionLength(std::string_view text) {
  for (const std::string_view ending :
       {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
    if (text.starts_with(ending)) return ending.size();
  }
  return 0;
}

// The number of the character behind the word that begins at character `i`.
std::size_t WordEnd(std::string_view text,
                    const std::vector<Character>& characters, std::size_t i) {
  const auto kind = [&](std::size_t at) { return characters[at].kind; };
  const auto run_end = [&](std::size_t at) {
    const CharacterKind own = kind(at);
    while (at < characters.size() && kind(at) == own) ++at;
    return at;
  };
  if (const std::size_t bytes =
          ContractionLength(text.substr(characters[i].begin))) {
    return i + bytes;  // of ASCII
  }
  if (kind(i) != CharacterKind::kSpace) return run_end(i);
  const bool joins = text[characters[i].begin] == ' ' &&
                     i + 1 < characters.size() &&
                     kind(i + 1) != CharacterKind::kSpace;
  if (joins) return run_end(i + 1);
  // The last of several spaces goes with what follows.
  const std::size_t end = run_end(i);
  return end < characters.size() && end - i > 1 ? end - 1 : end;
}

}  // namespace

std::vector<std::string_view> SplitWords(std::string_view text) {
  const std::vector<Character> characters = Characters(text);
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < characters.size();) {
    const std::size_t end = WordEnd(text, characters, i);
    const std::size_t begin = characters[i].begin;
    const std::size_t stop =
        end < characters.size() ? characters[end].begin : text.size();
    words.push_back(text.substr(begin, stop - begin));
    i = end;
  }
  return words;
}

std::string CharactersOf(std::string_view bytes) {
  std::string characters;
  for (const char byte : bytes) {
    characters += ByteTokens()[static_cast<unsigned char>(byte)];
  }
  return characters;
}

std::optional<char> ByteOf(std::string_view character) {
  static const std::unordered_map<std::string, char> bytes = [] {
    std::unordered_map<std::string, char> map;
    for (std::size_t b = 0; b < 256; ++b) {
      map[ByteTokens()[b]] = static_cast<char>(b);
    }
    return map;
  }();
  const auto found = bytes.find(std::string(character));
  if (found == bytes.end()) return std::nullopt;
  return found->second;
}

std::string BytesOf(std::string_view token) {
  std::string text;
  const std::vector<Character> characters = Characters(token);
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const std::size_t begin = characters[i].begin;
    const std::size_t end =
        i + 1 < characters.size() ? characters[i + 1].begin : token.size();
    if (const auto byte = ByteOf(token.substr(begin, end - begin))) {
      text += *byte;
    }
  }
  return text;
}

BytePairs::BytePairs() {
  for (const std::string& token : ByteTokens()) Intern(token);
}

BytePairs::Symbol BytePairs::Intern(std::string_view token) {
  const auto [place, is_new] = symbols_.try_emplace(
      std::string(token), static_cast<Symbol>(tokens_.size()));
  if (is_new) tokens_.emplace_back(token);
  return place->second;
}

BytePairs BytePairs::Read(const std::filesystem::path& file) {
  BytePairs pairs;
  ReadMerges(file, [&](std::string_view left, std::string_view right) {
    const Symbol first = pairs.Intern(left), second = pairs.Intern(right);
    const Symbol merged = pairs.Intern(std::string(left).append(right));
    pairs.merges_.Add(first, second, merged);
  });
  return pairs;
}

void BytePairs::EncodeWord(std::string_view word,
                           std::vector<std::string>& tokens) const {
  std::vector<Symbol> symbols;
  symbols.reserve(word.size());
  for (const char c : word) symbols.push_back(static_cast<unsigned char>(c));
  merges_.Apply(symbols);
  for (const Symbol symbol : symbols) tokens.push_back(tokens_[symbol]);
}

std::vector<std::string> BytePairs::Encode(std::string_view text) const {
  std::vector<std::string> tokens;
  for (const std::string_view word : SplitWords(text)) EncodeWord(word, tokens);
  return tokens;
}

}  // namespace tessera::engine

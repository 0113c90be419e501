// Splitting into words, merging of neighbours.
#include "engine/tokenizer/byte_pairs.h"

#include <tessera/error.h>

#include <algorithm>
#include <array>
#include <queue>
#include <tuple>

#include "engine/tokenizer/text.h"
#include "models/files/file.h"

namespace tessera::engine {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{64} << 20;

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

std::string BytesOf(std::string_view token) {
  static const std::unordered_map<std::string, char> bytes = [] {
    std::unordered_map<std::string, char> map;
    for (std::size_t b = 0; b < 256; ++b) {
      map[ByteTokens()[b]] = static_cast<char>(b);
    }
    return map;
  }();
  std::string text;
  const std::vector<Character> characters = Characters(token);
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const std::size_t begin = characters[i].begin;
    const std::size_t end =
        i + 1 < characters.size() ? characters[i + 1].begin : token.size();
    const auto found =
        bytes.find(std::string(token.substr(begin, end - begin)));
    if (found != bytes.end()) text += found->second;
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
  const std::string text = models::ReadWholeFile(file, kMaxFileBytes);
  const std::string where = file.filename().string();
  CheckUtf8(where, text);
  BytePairs pairs;
  // As there: the first line is no pair, nor is what follows the last line end.
  std::size_t line = 1, begin = text.find('\n');
  if (begin != std::string::npos) ++begin;
  for (std::size_t end = 0; begin < text.size() &&
                            (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    ++line;
    const auto words =
        SplitSpace(std::string_view(text).substr(begin, end - begin));
    if (words.size() != 2) {
      throw Error(where + ": line " + std::to_string(line) +
                  ": want two tokens, found " + std::to_string(words.size()));
    }
    const Symbol left = pairs.Intern(words[0]), right = pairs.Intern(words[1]);
    const Symbol merged = pairs.Intern(std::string(words[0]).append(words[1]));
    pairs.merges_[std::uint64_t{left} << 32 | right] = {
        static_cast<std::uint32_t>(line), merged};
  }
  return pairs;
}

const BytePairs::Merge* BytePairs::Find(Symbol left, Symbol right) const {
  const auto found = merges_.find(std::uint64_t{left} << 32 | right);
  return found == merges_.end() ? nullptr : &found->second;
}

void BytePairs::EncodeWord(std::string_view word,
                           std::vector<std::string>& tokens) const {
  const std::size_t size = word.size();
  std::vector<Symbol> symbols(size);
  std::vector<std::size_t> next(size), previous(size);
  for (std::size_t i = 0; i < size; ++i) {
    symbols[i] = static_cast<unsigned char>(word[i]);
    next[i] = i + 1;
    previous[i] = i - 1;  // of the first: none
  }
  // Rank, place, and the pair that stood there; old entries name another.
  using Entry = std::tuple<std::uint32_t, std::size_t, Symbol, Symbol>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  const auto offer = [&](std::size_t i) {
    if (i >= size || next[i] >= size) return;
    const Symbol left = symbols[i], right = symbols[next[i]];
    if (const Merge* merge = Find(left, right)) {
      queue.emplace(merge->rank, i, left, right);
    }
  };
  for (std::size_t i = 0; i < size; ++i) offer(i);
  std::vector<bool> gone(size);
  while (!queue.empty()) {
    const auto [rank, i, left, right] = queue.top();
    queue.pop();
    if (gone[i] || symbols[i] != left || next[i] >= size ||
        symbols[next[i]] != right) {
      continue;
    }
    const std::size_t merged = next[i];
    symbols[i] = Find(left, right)->symbol;
    gone[merged] = true;
    next[i] = next[merged];
    if (next[i] < size) previous[next[i]] = i;
    offer(previous[i]);
    offer(i);
  }
  for (std::size_t i = 0; i < size; i = next[i]) {
    tokens.push_back(tokens_[symbols[i]]);
  }
}

std::vector<std::string> BytePairs::Encode(std::string_view text) const {
  std::vector<std::string> tokens;
  for (const std::string_view word : SplitWords(text)) EncodeWord(word, tokens);
  return tokens;
}

}  // namespace tessera::engine

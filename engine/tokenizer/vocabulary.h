// A vocabulary file: pieces and their ids.
#ifndef TESSERA_ENGINE_TOKENIZER_VOCABULARY_H_
#define TESSERA_ENGINE_TOKENIZER_VOCABULARY_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/tokenizer/seeded_hash.h"

namespace tessera::engine {

// Immutable after Read.
class Vocabulary {
 public:
  // Entries, and ids, that a vocabulary may have.
  static constexpr std::size_t kMaxSize = 1'000'000;

  // Reads `{"piece": id, ...}`. Throws Error for anything else, an id below 0
  // or from kMaxSize on, or no piece. Ids may leave gaps. As in Python, the
  // last of several pieces with one id is that id's, and all are found; an
  // empty one is not.
  static Vocabulary Read(const std::filesystem::path& file);

  // Reads a piece a line (SplitLines): line N, from 0, up to its first white
  // space is the piece of id N; white space before it does not count. Find and
  // Id give the last line of a piece that stands on several. Throws Error for
  // text that is not UTF-8, a line without a piece, kMaxSize lines and more, or
  // no line. Source: Kyubyong/transformer, load_vocab.
  static Vocabulary ReadLines(const std::filesystem::path& file);

  const std::string& where() const { return where_; }

  // One more than the largest id.
  std::size_t size() const { return pieces_.size(); }
  // Pieces that are found: other than size() with gaps or shared ids.
  std::size_t pieces() const { return ids_.size(); }

  std::optional<std::int32_t> Find(std::string_view piece) const;

  // The id of a piece that must be there; throws Error if it is not.
  std::int32_t Id(std::string_view piece) const;

  // The piece of an id; nothing for an id without a piece.
  std::optional<std::string_view> Piece(std::int32_t id) const;

 private:
  explicit Vocabulary(std::string where) : where_(std::move(where)) {}
  void Add(const std::string& piece, std::int32_t id);

  std::string where_;                // the file's name, for messages
  std::vector<std::string> pieces_;  // by id; empty: no such id
  std::unordered_map<std::string, std::int32_t, SeededHash, std::equal_to<>>
      ids_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_VOCABULARY_H_

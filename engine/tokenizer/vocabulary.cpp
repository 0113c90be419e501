// Reading vocabulary files.
#include "engine/tokenizer/vocabulary.h"

#include <utility>

#include "engine/tokenizer/text.h"
#include "models/files/file.h"
#include "models/files/json.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

using models::Cat;
using models::Refuse;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{64} << 20;
constexpr models::IntegerRange kIds = {0, Vocabulary::kMaxSize - 1};

}  // namespace

Vocabulary Vocabulary::Read(const std::filesystem::path& file) {
  const models::JsonObject json = models::JsonObject::Read(
      file, {.max_depth = 1, .max_keys = kMaxSize, .max_values = kMaxSize + 1},
      kMaxFileBytes);
  Vocabulary vocabulary(json.where());
  for (const std::string& piece : json.KeysInOrder()) {
    const auto id = static_cast<std::int32_t>(json.Integer(piece, kIds));
    vocabulary.Add(piece, id);
  }
  if (vocabulary.size() == 0) {
    Refuse(vocabulary.where_, "pieces with ids", "none");
  }
  return vocabulary;
}

Vocabulary Vocabulary::ReadLines(const std::filesystem::path& file) {
  const std::string text = models::ReadWholeFile(file, kMaxFileBytes);
  Vocabulary vocabulary(file.filename().string());
  CheckUtf8(vocabulary.where_, text);
  // One more than may be: a file can have a line a byte, and a word for two.
  const auto lines = SplitLines(text, kMaxSize + 1);
  if (lines.empty() || lines.size() > kMaxSize) {
    Refuse(vocabulary.where_, Cat("1 to ", kMaxSize, " lines"), lines.size());
  }
  for (const std::string_view line : lines) {
    const std::string_view word = FirstWord(line);
    const std::size_t id = vocabulary.pieces_.size();
    if (word.empty()) {
      Refuse(Cat(vocabulary.where_, ": line ", id + 1), "a piece",
             line.empty() ? "an empty line" : "white space");
    }
    const std::string& piece = vocabulary.pieces_.emplace_back(word);
    vocabulary.ids_.insert_or_assign(piece, static_cast<std::int32_t>(id));
  }
  return vocabulary;
}

void Vocabulary::Add(const std::string& piece, std::int32_t id) {
  const auto index = static_cast<std::size_t>(id);
  if (index >= pieces_.size()) pieces_.resize(index + 1);
  pieces_[index] = piece;
  if (!piece.empty()) ids_.emplace(piece, id);
}

std::optional<std::int32_t> Vocabulary::Find(std::string_view piece) const {
  const auto found = ids_.find(piece);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::int32_t Vocabulary::Id(std::string_view piece) const {
  if (const auto id = Find(piece)) return *id;
  Refuse(where_, Cat("the piece ", models::QuoteText(piece)), "no such piece");
}

std::optional<std::string_view> Vocabulary::Piece(std::int32_t id) const {
  const auto index = static_cast<std::size_t>(id);
  if (id < 0 || index >= pieces_.size() || pieces_[index].empty()) {
    return std::nullopt;
  }
  return pieces_[index];
}

}  // namespace tessera::engine

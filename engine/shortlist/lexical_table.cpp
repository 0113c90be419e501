// Lines, their three fields, and the ids of pieces.
#include "engine/shortlist/lexical_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "models/files/file.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;
constexpr std::string_view kGzip = "\x1f\x8b";
// The first word of Marian's binary form, little-endian.
constexpr std::string_view kMarianBinary = "\xf5\x17\x34\x01\xd5\x48\x1a\xf1";
constexpr std::string_view kNullPiece = "NULL";

template <class PieceOf>
PieceIds::Map IdsBelow(std::size_t tokenizer, std::size_t model,
                       PieceOf&& piece_of) {
  PieceIds::Map ids;
  const auto end = static_cast<std::int32_t>(std::min(tokenizer, model));
  for (std::int32_t id = 0; id < end; ++id) ids.emplace(piece_of(id), id);
  return ids;
}

// The fields of a line that has three, with white space between them.
std::optional<std::array<std::string_view, 3>> Fields(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  std::array<std::string_view, 3> fields;
  for (std::string_view& field : fields) {
    line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
    field = line.substr(0, line.find_first_of(kSpace));
    if (field.empty()) return std::nullopt;
    line.remove_prefix(field.size());
  }
  if (line.find_first_not_of(kSpace) != line.npos) return std::nullopt;
  return fields;
}

std::optional<float> Probability(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  if (!(number >= 0 && number <= 1)) return {};
  return static_cast<float>(number);
}

class Reader {
 public:
  Reader(std::string name, const PieceIds& pieces)
      : name_(std::move(name)), pieces_(pieces) {}

  void Read(std::string_view text) {
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      ++lines_;
      ReadLine(line);
    }
  }

  // Of all lines.
  std::vector<LexicalEntry> Finish(std::vector<std::string>& warnings) {
    if (lines_ == 0) {
      models::Refuse(name_, "lines of TARGET SOURCE PROBABILITY", "none");
    }
    if (lacking_ == 0) return std::move(entries_);
    const std::string first = models::QuoteText(first_lacking_);
    if (lacking_ > entries_.size()) {
      models::Refuse(models::Cat(name_, ":", first_lacking_line_),
                     "tokens of the model in most lines",
                     models::Cat(first, ", and ", lacking_, " lines of ",
                                 lines_, " with others"));
    }
    warnings.push_back(models::Cat(
        name_, ": ", lacking_, " of ", lines_,
        " lines are left out, whose tokens the model lacks, the first in line ",
        first_lacking_line_, ": ", first));
    return std::move(entries_);
  }

 private:
  void ReadLine(std::string_view line) {
    const auto fields = Fields(line);
    if (!fields) Fail("TARGET SOURCE PROBABILITY", line);
    const auto [target, source, number] = *fields;
    const std::optional<float> probability = Probability(number);
    if (!probability) Fail("a probability from 0 to 1", number);
    const auto target_id = pieces_.targets.find(target);
    if (target_id == pieces_.targets.end()) return Leave(target);
    LexicalEntry entry = {LexicalEntry::kNull, target_id->second, *probability};
    if (source != kNullPiece) {
      const auto source_id = pieces_.sources.find(source);
      if (source_id == pieces_.sources.end()) return Leave(source);
      entry.source = source_id->second;
    }
    entries_.push_back(entry);
  }

  void Leave(std::string_view piece) {
    if (lacking_++ > 0) return;
    first_lacking_ = piece;
    first_lacking_line_ = lines_;
  }

  [[noreturn]] void Fail(const char* want, std::string_view found) const {
    models::Refuse(models::Cat(name_, ":", lines_), want,
                   models::QuoteText(found));
  }

  std::string name_;
  const PieceIds& pieces_;
  std::vector<LexicalEntry> entries_;
  std::size_t lines_ = 0;
  std::size_t lacking_ = 0;  // lines with a piece that the model lacks
  std::string first_lacking_;
  std::size_t first_lacking_line_ = 0;
};

}  // namespace

PieceIds::PieceIds(const Tokenizer& tokenizer, const models::ModelInfo& model)
    : sources(
          IdsBelow(tokenizer.source_size(), model.source_vocabulary,
                   [&](std::int32_t id) { return tokenizer.SourcePiece(id); })),
      targets(IdsBelow(tokenizer.target_size(), model.target_vocabulary,
                       [&](std::int32_t id) { return tokenizer.Piece(id); })) {}

std::vector<LexicalEntry> ReadLexicalTable(const std::filesystem::path& file,
                                           const PieceIds& pieces,
                                           std::vector<std::string>& warnings) {
  const std::string text = models::ReadWholeFile(file, kMaxBytes);
  const std::string name = file.filename().string();
  if (text.starts_with(kGzip)) {
    models::Refuse(name, "text", "a file compressed by gzip");
  }
  if (text.starts_with(kMarianBinary)) {
    models::Refuse(name, "Marian's text form", "its binary form");
  }
  Reader reader(name, pieces);
  reader.Read(text);
  return reader.Finish(warnings);
}

}  // namespace tessera::engine

// Unigram: Viterbi's search over characters.
#include "engine/tokenizer/pipeline/unigram.h"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/tokenizer/pipeline/segment.h"

namespace tessera::engine {
namespace {

constexpr double kUnknownPenalty = 10;
constexpr std::size_t kMaxPieceBytes = 1024;

}  // namespace

Unigram::Unigram(const Node& node)
    : byte_fallback_(node["byte_fallback"].BooleanOr(false)) {
  const Node vocabulary = node["vocab"];
  const std::size_t size = vocabulary.size();
  if (size == 0 || size > static_cast<std::size_t>(PieceTable::kMaxSize)) {
    vocabulary.Fail("1 to 1000000 pieces");
  }
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < size; ++i) {
    const Node entry = vocabulary[i];
    if (!entry.IsList() || entry.size() != 2) entry.Fail("[piece, score]");
    const std::string& piece = entry[std::size_t{0}].String();
    if (piece.size() > kMaxPieceBytes) entry.Fail("a piece of 1024 bytes");
    const double score = entry[std::size_t{1}].Number();
    table_.Add(piece, static_cast<std::int32_t>(i));
    scores_.push_back(score);
    least = std::min(least, score);
  }
  unknown_score_ = least - kUnknownPenalty;
  unknown_ = static_cast<std::int32_t>(
      node["unk_id"].Integer({0, static_cast<std::int64_t>(size) - 1}));
  // An id whose piece comes again counts no more.
  for (std::int32_t id = 0; id < static_cast<std::int32_t>(size); ++id) {
    const std::string_view piece = table_.Piece(id);
    if (!piece.empty() && table_.Find(piece) == id) sorted_.push_back(id);
  }
  std::ranges::sort(sorted_, {},
                    [&](std::int32_t id) { return table_.Piece(id); });
  std::array<std::uint32_t, 257> starts = {};
  for (const std::int32_t id : sorted_) {
    ++starts[static_cast<unsigned char>(table_.Piece(id)[0]) + 1u];
  }
  for (std::size_t b = 1; b < starts.size(); ++b) starts[b] += starts[b - 1];
  first_byte_.assign(starts.begin(), starts.end());
}

// Calls take(id, bytes) for the pieces that open the text, short ones first:
// those with the same bytes so far are a range, in which the piece of just
// these stands first.
template <class Take>
void Unigram::ForEachPrefix(std::string_view text, const Take& take) const {
  const auto byte = [](char c) { return static_cast<unsigned char>(c); };
  auto begin = sorted_.begin() + first_byte_[byte(text[0])];
  auto end = sorted_.begin() + first_byte_[byte(text[0]) + 1u];
  for (std::size_t length = 1; begin != end; ++length) {
    if (table_.Piece(*begin).size() == length) take(*begin++, length);
    if (length == text.size()) break;
    const unsigned next = byte(text[length]);
    const auto at = [&](std::int32_t id) -> unsigned {
      return byte(table_.Piece(id)[length]);
    };
    begin = std::partition_point(
        begin, end, [&](std::int32_t id) { return at(id) < next; });
    end = std::partition_point(begin, end,
                               [&](std::int32_t id) { return at(id) == next; });
  }
}

std::vector<Unigram::Best> Unigram::Search(std::string_view word) const {
  std::vector<Best> best(word.size() + 1);
  const auto offer = [&](std::size_t begin, std::size_t end, double score,
                         std::int32_t id) {
    if (best[end].begin == kNowhere || score > best[end].score) {
      best[end] = {score, id, begin};
    }
  };
  for (CharacterWalk walk(word); walk.Next();) {
    const auto [begin, end] = walk.range();
    const double so_far = best[begin].score;
    bool single = false;
    ForEachPrefix(word.substr(begin), [&, begin = begin, end = end](
                                          std::int32_t id, std::size_t bytes) {
      offer(begin, begin + bytes,
            scores_[static_cast<std::size_t>(id)] + so_far, id);
      single = single || begin + bytes == end;
    });
    if (!single) offer(begin, end, unknown_score_ + so_far, unknown_);
  }
  return best;
}

void Unigram::AppendUnknown(std::string_view run,
                            std::vector<std::int32_t>& ids) const {
  if (const auto id = table_.Find(run)) {
    ids.push_back(*id);
    return;
  }
  std::vector<std::int32_t> bytes;
  for (std::size_t i = 0; byte_fallback_ && i < run.size(); ++i) {
    const auto id = table_.Find(BytePiece(static_cast<unsigned char>(run[i])));
    if (!id) break;
    bytes.push_back(*id);
  }
  if (bytes.size() != run.size()) bytes = {unknown_};
  ids.insert(ids.end(), bytes.begin(), bytes.end());
}

void Unigram::Encode(std::string_view word,
                     std::vector<std::int32_t>& ids) const {
  const std::vector<Best> best = Search(word);
  std::vector<Range> pieces;  // last first; unknown neighbours as one
  for (std::size_t end = word.size(); end > 0; end = best[end].begin) {
    const std::size_t begin = best[end].begin;
    const bool joins = !pieces.empty() && best[end].id == unknown_ &&
                       best[pieces.back().end].id == unknown_;
    if (joins) {
      pieces.back().begin = begin;
    } else {
      pieces.push_back({begin, end});
    }
  }
  for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) {
    const std::int32_t id = best[piece->end].id;
    if (id != unknown_) {
      ids.push_back(id);
    } else {
      AppendUnknown(word.substr(piece->begin, piece->end - piece->begin), ids);
    }
  }
}

}  // namespace tessera::engine

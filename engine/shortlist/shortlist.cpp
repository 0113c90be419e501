// The best entries of each source token, and lists made of them.
#include "engine/shortlist/shortlist.h"

#include <algorithm>
#include <optional>

#include "engine/shortlist/lexical_table.h"

namespace tessera::engine {
namespace {

// The most probable first; equal ones by id, so that a file has one meaning.
bool Before(const LexicalEntry& a, const LexicalEntry& b) {
  if (a.source != b.source) return a.source < b.source;
  if (a.probability != b.probability) return a.probability > b.probability;
  return a.target < b.target;
}

// [source vocabulary]: the target token of the same piece; -1: there is none.
std::vector<std::int32_t> SamePieces(const PieceIds& pieces,
                                     std::size_t source_vocabulary) {
  std::vector<std::int32_t> same(source_vocabulary, -1);
  for (const auto& [piece, id] : pieces.sources) {
    const auto found = pieces.targets.find(piece);
    if (found == pieces.targets.end()) continue;
    same[static_cast<std::size_t>(id)] = found->second;
  }
  return same;
}

void MakeSet(std::vector<std::int32_t>& ids) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace

Shortlist::Shortlist(const std::filesystem::path& file, ShortlistSize size,
                     const Tokenizer& tokenizer, const models::ModelInfo& model,
                     std::vector<std::string>& warnings) {
  const PieceIds pieces(tokenizer, model);
  std::vector<LexicalEntry> entries = ReadLexicalTable(file, pieces, warnings);
  std::ranges::sort(entries, Before);
  auto entry = entries.begin();
  const auto add_best = [&](std::int32_t source, std::size_t most,
                            std::vector<std::int32_t>& ids) {
    for (std::size_t n = 0; entry != entries.end() && entry->source == source;
         ++entry) {
      if (n++ < most) ids.push_back(entry->target);
    }
  };
  add_best(LexicalEntry::kNull, size.first, always_);
  AddAlways(size, tokenizer, model);
  const std::vector<std::int32_t> same =
      SamePieces(pieces, model.source_vocabulary);
  ends_.reserve(same.size());
  for (std::size_t source = 0; source < same.size(); ++source) {
    add_best(static_cast<std::int32_t>(source), size.best, targets_);
    if (same[source] >= 0) targets_.push_back(same[source]);
    ends_.push_back(targets_.size());
  }
  targets_.shrink_to_fit();
}

void Shortlist::AddAlways(const ShortlistSize& size, const Tokenizer& tokenizer,
                          const models::ModelInfo& model) {
  const std::size_t first = std::min(size.first, model.target_vocabulary);
  for (std::size_t id = 0; id < first; ++id) {
    always_.push_back(static_cast<std::int32_t>(id));
  }
  const models::GenerationConfig& config = model.generation;
  always_.insert(always_.end(), config.eos_token_ids.begin(),
                 config.eos_token_ids.end());
  for (const std::optional<std::int32_t> control :
       {std::optional(config.decoder_start_token_id),
        std::optional(config.pad_token_id), tokenizer.target_unknown()}) {
    if (control) always_.push_back(*control);
  }
  std::erase_if(always_, [&](std::int32_t id) {
    return id < 0 || static_cast<std::size_t>(id) >= model.target_vocabulary;
  });
  MakeSet(always_);
}

std::vector<std::int32_t> Shortlist::TokensFor(
    std::span<const std::int32_t> source,
    std::span<const std::int32_t> wanted) const {
  std::vector<std::int32_t> ids = always_;
  ids.insert(ids.end(), wanted.begin(), wanted.end());
  for (const std::int32_t token : source) {
    const auto i = static_cast<std::size_t>(token);
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    ids.insert(ids.end(), targets_.begin() + static_cast<std::ptrdiff_t>(begin),
               targets_.begin() + static_cast<std::ptrdiff_t>(ends_[i]));
  }
  MakeSet(ids);
  return ids;
}

}  // namespace tessera::engine

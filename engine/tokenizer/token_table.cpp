// Look-ups in both directions.
#include "engine/tokenizer/token_table.h"

#include <utility>

namespace tessera::engine {
namespace {

void RequireControlTokens(const FamilyTokenizerConfig& config,
                          const Vocabulary& vocabulary) {
  for (const std::string* token :
       {&config.pad, &config.unknown, &config.begin, &config.end}) {
    vocabulary.Id(*token);
  }
}

}  // namespace

TokenTable::TokenTable(FamilyTokenizerConfig config, Vocabulary source,
                       std::optional<Vocabulary> target)
    : config_(std::move(config)),
      source_(std::move(source)),
      target_(std::move(target)) {
  RequireControlTokens(config_, source_);
  if (target_) RequireControlTokens(config_, *target_);
}

EncodedText TokenTable::Encode(std::span<const std::string_view> tokens) const {
  const std::int32_t unknown = source_.Id(config_.unknown);
  EncodedText encoded = {.ids = {}, .empty = tokens.empty()};
  for (const std::string_view token : tokens) {
    encoded.ids.push_back(config_.IsControl(token)
                              ? unknown
                              : source_.Find(token).value_or(unknown));
  }
  if (config_.source_eos) encoded.ids.push_back(source_.Id(config_.end));
  return encoded;
}

std::vector<std::string_view> TokenTable::Decode(
    std::span<const std::int32_t> ids) const {
  std::vector<std::string_view> entries;
  for (const std::int32_t id : ids) {
    const std::optional<std::string_view> entry = target().Piece(id);
    if (entry == config_.end) break;  // first: it may be the padding as well
    if (!entry || entry == config_.pad || entry == config_.begin) continue;
    entries.push_back(*entry);
  }
  return entries;
}

std::string TokenTable::Piece(std::int32_t id) const {
  return std::string(target().Piece(id).value_or(config_.unknown));
}

std::string TokenTable::SourcePiece(std::int32_t id) const {
  return std::string(source_.Piece(id).value_or(config_.unknown));
}

}  // namespace tessera::engine

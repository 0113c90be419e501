// Weights from the model, tokens from the tokenizer.
#include "engine/attention_report.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "engine/translator_impl.h"
#include "kernels/context.h"

namespace tessera::engine {
namespace {

using Layers = std::vector<models::AttentionMap>;

// Tokens on an axis.
struct Tokens {
  std::vector<std::int32_t> ids;
  std::vector<std::string> pieces;  // of the ids
};

// The text's tokens, and the paddings that the model has added to them.
Tokens SourceTokens(std::vector<std::int32_t> ids, std::size_t read,
                    std::int32_t padding, const Tokenizer& tokenizer) {
  Tokens tokens = {.ids = std::move(ids), .pieces = {}};
  tokens.ids.resize(std::max(read, tokens.ids.size()), padding);
  for (const std::int32_t id : tokens.ids) {
    tokens.pieces.push_back(tokenizer.SourcePiece(id));
  }
  return tokens;
}

// The tokens that the decoder reads: its output, one step later.
Tokens ReadTokens(const Hypothesis& output, std::int32_t start,
                  const Tokenizer& tokenizer) {
  Tokens tokens = {.ids = {start}, .pieces = {tokenizer.Piece(start)}};
  tokens.ids.insert(tokens.ids.end(), output.ids.begin(), output.ids.end() - 1);
  tokens.pieces.insert(tokens.pieces.end(), output.pieces.begin(),
                       output.pieces.end() - 1);
  return tokens;
}

bool HasWeight(const Layers& layers, std::size_t key) {
  for (const models::AttentionMap& map : layers) {
    for (std::size_t i = key; i < map.weights.size(); i += map.keys) {
      if (map.weights[i] != 0) return true;
    }
  }
  return false;
}

// Whether all queries have to look past the key. Models hide no other token
// than the padding, and that one everywhere or nowhere.
bool IsHidden(const Layers& layers, const Tokens& keys, std::size_t key,
              std::int32_t padding) {
  return keys.ids[key] == padding && !HasWeight(layers, key);
}

AttentionTable MakeTable(std::vector<std::string> queries, const Tokens& keys,
                         Layers layers, std::int32_t padding) {
  AttentionTable table;
  table.visible.assign(queries.size() * keys.ids.size(), 1);
  for (std::size_t key = 0; key < keys.ids.size(); ++key) {
    if (!IsHidden(layers, keys, key, padding)) continue;
    for (std::size_t query = 0; query < queries.size(); ++query) {
      table.visible[query * keys.ids.size() + key] = 0;
    }
  }
  table.queries = std::move(queries);
  table.keys = keys.pieces;
  table.heads = layers.front().heads;
  for (models::AttentionMap& map : layers) {
    table.layers.push_back(std::move(map.weights));
  }
  return table;
}

void HideLaterKeys(AttentionTable& table) {
  const std::size_t keys = table.keys.size();
  for (std::size_t query = 0; query < table.queries.size(); ++query) {
    const auto row =
        table.visible.begin() + static_cast<std::ptrdiff_t>(query * keys);
    std::fill(row + static_cast<std::ptrdiff_t>(query) + 1,
              row + static_cast<std::ptrdiff_t>(keys), std::uint8_t{0});
  }
}

}  // namespace

AttentionReport Explain(std::string_view text, Hypothesis output,
                        const models::Model& model,
                        const Tokenizer& tokenizer) {
  const models::GenerationConfig& config = model.info().generation;
  const std::int32_t padding = config.pad_token_id;
  std::vector<std::int32_t> ids = tokenizer.Encode(text).ids;
  kernels::ExecContext context;
  models::AttentionMaps maps = model.Attend(ids, output.ids, context);

  const Tokens source = SourceTokens(std::move(ids), maps.encoder.front().keys,
                                     padding, tokenizer);
  const Tokens read =
      ReadTokens(output, config.decoder_start_token_id, tokenizer);
  AttentionReport report;
  report.encoder =
      MakeTable(source.pieces, source, std::move(maps.encoder), padding);
  report.decoder =
      MakeTable(output.pieces, read, std::move(maps.decoder), padding);
  HideLaterKeys(report.decoder);
  report.cross =
      MakeTable(output.pieces, source, std::move(maps.cross), padding);
  report.output = std::move(output);
  return report;
}

}  // namespace tessera::engine

tessera::AttentionReport tessera::Explain(const Translator& translator,
                                          std::string_view text,
                                          const TranslateOptions& options) {
  Translation translation = translator.Translate(text, options);
  if (!translation.ok()) throw Error(translation.error);
  Hypothesis& best = translation.hypotheses.front();
  if (best.ids.empty()) {
    throw Error("text: want at least one token to look at, found none");
  }
  const engine::Access::Impl& impl = engine::Access::Of(translator);
  return engine::Explain(text, std::move(best), impl.model(), impl.tokenizer());
}

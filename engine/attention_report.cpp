// Weights from the model, tokens from the tokenizer.
#include <tessera/attention_report.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "engine/translator_impl.h"
#include "kernels/context.h"
#include "kernels/inherited_state.h"

namespace tessera::engine {
namespace {

using Layers = std::vector<models::AttentionMap>;

AttentionTable MakeTable(std::vector<std::string> queries,
                         std::vector<std::string> keys,
                         std::span<const std::uint8_t> visible, Layers layers) {
  AttentionTable table;
  for (std::size_t query = 0; query < queries.size(); ++query) {
    table.visible.insert(table.visible.end(), visible.begin(), visible.end());
  }
  if (visible.empty()) table.visible.assign(queries.size() * keys.size(), 1);
  table.queries = std::move(queries);
  table.keys = std::move(keys);
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

AttentionReport Explain(const EncodedText& text, Hypothesis output,
                        const models::Model& model,
                        const Tokenizer& tokenizer) {
  kernels::ExecContext context;
  std::vector<std::int32_t> reads = text.prompt;
  if (reads.empty()) {
    reads = {model.info().generation.decoder_start_token_id};
  }
  reads.insert(reads.end(), output.ids.begin(), output.ids.end() - 1);
  models::AttentionMaps maps = model.Explain(text.ids, reads, context);
  std::vector<std::string> source, read;
  for (const std::int32_t id : maps.source) {
    source.push_back(tokenizer.SourcePiece(id));
  }
  for (const std::int32_t id : maps.read) read.push_back(tokenizer.Piece(id));
  AttentionReport report;
  report.encoder =
      MakeTable(source, source, maps.source_visible, std::move(maps.encoder));
  report.decoder = MakeTable(output.pieces, std::move(read), maps.read_visible,
                             std::move(maps.decoder));
  HideLaterKeys(report.decoder);
  report.cross = MakeTable(output.pieces, std::move(source),
                           maps.source_visible, std::move(maps.cross));
  report.output = std::move(output);
  return report;
}

}  // namespace tessera::engine

tessera::AttentionReport tessera::Explain(const Translator& translator,
                                          std::string_view text,
                                          const TranslateOptions& options) {
  TranslateOptions whole = options;
  whole.split = TextSplit::kNone;
  Translation translation = translator.Translate(text, whole);
  if (!translation.ok()) throw Error(translation.error);
  return ExplainOutput(translator, text,
                       std::move(translation.hypotheses.front()), whole);
}

tessera::AttentionReport tessera::ExplainOutput(
    const Translator& translator, std::string_view text, Hypothesis output,
    const TranslateOptions& options) {
  if (output.ids.empty()) {
    throw Error("text: want at least one token to look at, found none");
  }
  const engine::Access::Impl& impl = engine::Access::Of(translator);
  const kernels::MemoryBudget::Scope budget = impl.UseBudget();
  const kernels::DefaultFloats floats;
  engine::EncodedText encoded = impl.tokenizer().EncodeFor(
      {.source = options.source_language, .target = options.target_language},
      text);
  if (options.truncate) {
    impl.tokenizer().truncation().Cut(encoded,
                                      impl.model().info().max_source_tokens);
  }
  return engine::Explain(encoded, std::move(output), impl.model(),
                         impl.tokenizer());
}

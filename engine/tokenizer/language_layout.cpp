// LanguageLayout: what a folder says, with what a text asks for.
#include "engine/tokenizer/language_layout.h"

#include <utility>

#include "models/files/json.h"

namespace tessera::engine {
namespace {

bool Sets(const models::ModelFolder& folder, const char* key) {
  for (const char* file : {"generation_config.json", "config.json"}) {
    if (folder.Has(file) && folder.Json(file).IsSet(key)) return true;
  }
  return false;
}

const std::string& Choose(const std::string& own, const std::string& folder) {
  return own.empty() ? folder : own;
}

}  // namespace

LanguageLayout LanguageLayout::Read(const models::ModelFolder& folder,
                                    const PieceScheme& scheme,
                                    LanguageTable table) {
  constexpr const char* kConfig = "tokenizer_config.json";
  LanguageLayout layout = {.layout = scheme.layout,
                           .target_starts = scheme.target_starts,
                           .defaults = {.source = scheme.default_source},
                           .table = std::move(table)};
  if (folder.Has(kConfig)) {
    const models::JsonObject& config = folder.Json(kConfig);
    if (config.IsSet("src_lang")) {
      layout.defaults.source = config.String("src_lang");
    }
    if (config.IsSet("tgt_lang")) {
      layout.defaults.target = config.String("tgt_lang");
    }
    if (scheme.may_be_last && config.IsSet("legacy_behaviour") &&
        config.Boolean("legacy_behaviour")) {
      layout.layout = SourceLayout::kLanguageLast;
    }
  }
  layout.needs_target =
      !layout.table.empty() &&
      !Sets(folder, scheme.target_starts ? "decoder_start_token_id"
                                         : "forced_bos_token_id");
  return layout;
}

void LanguageLayout::Place(const Languages& languages,
                           EncodedText& encoded) const {
  const std::string& source = Choose(languages.source, defaults.source);
  const std::string& target = Choose(languages.target, defaults.target);
  if (!source.empty()) {
    const std::int32_t id = table.Id("source", source);
    const bool first = layout == SourceLayout::kLanguageFirst;
    encoded.ids.insert(first ? encoded.ids.begin() : encoded.ids.end(), id);
    ++(first ? encoded.opening : encoded.closing);
  }
  if (target.empty() && !needs_target) return;
  const std::int32_t id = table.Id("target", target);
  if (target_starts) {
    encoded.prompt = {id};
  } else {
    encoded.forced_first = id;
  }
}

}  // namespace tessera::engine

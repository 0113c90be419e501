// Reading of PieceNumbers.
#include "engine/tokenizer/piece_numbers.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "engine/tokenizer/language_codes.h"
#include "models/files/json.h"

namespace tessera::engine {
namespace {

constexpr const char* kConfig = "tokenizer_config.json";
// What is read of a folder stays below this.
constexpr std::int64_t kMostIds = 16'777'216;

// M2M100's class has another list for the models of WMT 2021.
std::vector<std::string> ClassLanguages(const models::ModelFolder& folder,
                                        const PieceScheme& scheme) {
  constexpr const char* kKey = "language_codes";
  if (scheme.languages == nullptr) return {};
  if (scheme.ids != PieceIds::kVocabulary || !folder.Has(kConfig) ||
      !folder.Json(kConfig).IsSet(kKey)) {
    return scheme.languages();
  }
  const models::JsonObject& config = folder.Json(kConfig);
  const std::string list = config.String(kKey);
  if (list == "wmt21") return Wmt21Languages();
  if (list != "m2m100") config.Fail(kKey, "\"m2m100\" or \"wmt21\"");
  return scheme.languages();
}

// A token as files spell it: NAME, or {"content": NAME, ...}.
std::string TokenName(const models::JsonObject& object,
                      const std::string& key) {
  if (object.IsString(key)) return object.String(key);
  return object.Object(key, object.where() + ": " + key).String("content");
}

// "__fr__" of M2M100 is the language fr; other classes' tokens are the codes.
std::string CodeOf(std::string_view token, const PieceScheme& scheme) {
  if (scheme.ids != PieceIds::kVocabulary) return std::string(token);
  return std::string(token.substr(2, token.size() - 4));
}
std::string TokenOf(const std::string& code, const PieceScheme& scheme) {
  return scheme.ids == PieceIds::kVocabulary ? "__" + code + "__" : code;
}

bool LooksLikeLanguage(std::string_view token, const PieceScheme& scheme) {
  if (scheme.layout == SourceLayout::kEnd) return false;
  if (scheme.ids != PieceIds::kVocabulary) return !token.starts_with("<");
  return token.size() > 4 && token.starts_with("__") && token.ends_with("__");
}

bool Sets(const models::ModelFolder& folder, const char* key) {
  for (const char* file : {"generation_config.json", "config.json"}) {
    if (folder.Has(file) && folder.Json(file).IsSet(key)) return true;
  }
  return false;
}

void AddControl(std::string name, std::int32_t id, PieceNumbers& numbers) {
  numbers.size = std::max(numbers.size, static_cast<std::size_t>(id) + 1);
  numbers.controls[id] = std::move(name);
}

// <s>, <pad>, </s>, <unk>, of fairseq the first ids.
void AddNamed(PieceNumbers& numbers) {
  std::int32_t next = 0;
  for (const char* name : {"<s>", "<pad>", "</s>", "<unk>"}) {
    const std::int32_t id =
        numbers.vocabulary ? numbers.vocabulary->Id(name) : next++;
    AddControl(name, id, numbers);
    if (std::string_view(name) == "</s>") numbers.end = id;
    numbers.unknown = id;
  }
}

void AddPegasus(PieceNumbers& numbers) {
  numbers.end = 1;
  AddControl("<pad>", 0, numbers);
  AddControl("</s>", 1, numbers);
  AddControl("<mask_1>", 2, numbers);
  AddControl("<mask_2>", 3, numbers);
  for (std::int32_t i = 2; i < kPegasusOffset; ++i) {
    AddControl(std::string("<unk_").append(std::to_string(i)).append(">"),
               i + 2, numbers);
  }
}

void AddControls(const SentencePiece& model, PieceNumbers& numbers) {
  const PieceIds ids = numbers.scheme.ids;
  if (ids == PieceIds::kVocabulary || ids == PieceIds::kFairseq) {
    return AddNamed(numbers);
  }
  numbers.unknown = numbers.IdOf(model.unknown());
  AddControl("<unk>", numbers.unknown, numbers);
  if (ids == PieceIds::kPegasus) return AddPegasus(numbers);
  numbers.end = model.Id("</s>");
  AddControl("<pad>", model.Id("<pad>"), numbers);
  AddControl("</s>", numbers.end, numbers);
}

// <extra_id_0> is the last.
void AddExtraIds(const models::ModelFolder& folder, std::int32_t pieces,
                 PieceNumbers& numbers) {
  if (!numbers.scheme.extra_ids) return;
  std::int64_t count = 100;
  if (folder.Has(kConfig)) {
    count = folder.Json(kConfig).IntegerOr("extra_ids", count, {0, 100'000});
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string name =
        std::string("<extra_id_").append(std::to_string(i)).append(">");
    const auto id = static_cast<std::int32_t>(pieces - 1 + count - i);
    numbers.extra_ids[name] = id;
    AddControl(name, id, numbers);
  }
}

// Ids and names of added_tokens_decoder.
std::vector<std::pair<std::int32_t, std::string>> ReadAdded(
    const models::ModelFolder& folder) {
  constexpr const char* kAdded = "added_tokens_decoder";
  std::vector<std::pair<std::int32_t, std::string>> tokens;
  if (!folder.Has(kConfig) || !folder.Json(kConfig).IsSet(kAdded)) {
    return tokens;
  }
  const models::JsonObject& config = folder.Json(kConfig);
  const models::JsonObject added =
      config.Object(kAdded, config.where() + ": " + kAdded);
  for (const std::string& key : added.Keys()) {
    std::int32_t number = -1;
    const char* const last = key.data() + key.size();
    const auto [end, error] = std::from_chars(key.data(), last, number);
    if (error != std::errc() || end != last || number < 0 ||
        number >= kMostIds) {
      added.Fail(key, "ids as keys");
    }
    tokens.emplace_back(number, TokenName(added, key));
  }
  return tokens;
}

// The languages that the folder lists, or else those of the class, behind the
// pieces.
void AddLanguages(const models::ModelFolder& folder, PieceNumbers& numbers) {
  const PieceScheme& scheme = numbers.scheme;
  const auto added = ReadAdded(folder);
  const bool lists = std::ranges::any_of(added, [&](const auto& token) {
    return LooksLikeLanguage(token.second, scheme);
  });
  if (!lists) {
    auto id = static_cast<std::int32_t>(numbers.size);
    for (const std::string& code : ClassLanguages(folder, scheme)) {
      numbers.languages.Add(code, id);
      AddControl(TokenOf(code, scheme), id++, numbers);
    }
  }
  for (const auto& [id, token] : added) {
    // A mask is for training: models may have no embedding of it.
    if (token == "<mask>") continue;
    if (numbers.extra_ids.contains(token)) numbers.extra_ids[token] = id;
    if (LooksLikeLanguage(token, scheme)) {
      numbers.languages.Add(CodeOf(token, scheme), id);
    }
    AddControl(token, id, numbers);
  }
}

void ReadDefaults(const models::ModelFolder& folder, PieceNumbers& numbers) {
  numbers.defaults.source = numbers.scheme.default_source;
  if (folder.Has(kConfig)) {
    const models::JsonObject& config = folder.Json(kConfig);
    if (config.IsSet("src_lang")) {
      numbers.defaults.source = config.String("src_lang");
    }
    if (config.IsSet("tgt_lang")) {
      numbers.defaults.target = config.String("tgt_lang");
    }
    if (numbers.scheme.may_be_last && config.IsSet("legacy_behaviour") &&
        config.Boolean("legacy_behaviour")) {
      numbers.scheme.layout = SourceLayout::kLanguageLast;
    }
  }
  numbers.needs_target =
      !numbers.languages.empty() &&
      !Sets(folder, numbers.scheme.target_starts ? "decoder_start_token_id"
                                                 : "forced_bos_token_id");
}

}  // namespace

PieceNumbers PieceNumbers::Read(const models::ModelFolder& folder,
                                const PieceScheme& scheme,
                                const SentencePiece& model) {
  PieceNumbers numbers = {.scheme = scheme, .unknown_piece = model.unknown()};
  if (scheme.ids == PieceIds::kVocabulary) {
    numbers.vocabulary = Vocabulary::Read(folder.File("vocab.json"));
    numbers.size = numbers.vocabulary->size();
  } else {
    numbers.size = static_cast<std::size_t>(numbers.IdOf(model.size() - 1)) + 1;
  }
  AddControls(model, numbers);
  AddExtraIds(folder, model.size(), numbers);
  AddLanguages(folder, numbers);
  ReadDefaults(folder, numbers);
  return numbers;
}

std::int32_t PieceNumbers::IdOf(std::int32_t piece) const {
  if (scheme.ids == PieceIds::kPegasus) return piece + kPegasusOffset;
  if (scheme.ids == PieceIds::kFairseq) {
    return piece == unknown_piece ? 3 : piece + 1;
  }
  return piece;
}

std::int32_t PieceNumbers::PieceOf(std::int32_t id) const {
  if (scheme.ids == PieceIds::kPegasus) return id - kPegasusOffset;
  return scheme.ids == PieceIds::kFairseq ? id - 1 : id;
}

}  // namespace tessera::engine

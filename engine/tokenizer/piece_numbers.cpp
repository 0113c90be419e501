// Reading of PieceNumbers.
#include "engine/tokenizer/piece_numbers.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/tokenizer/config_tokens.h"
#include "engine/tokenizer/language_codes.h"
#include "models/files/json.h"

namespace tessera::engine {
namespace {

constexpr const char* kConfig = "tokenizer_config.json";

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

// The languages that the folder lists, or else those of the class, behind the
// pieces.
LanguageTable AddLanguages(const models::ModelFolder& folder,
                           PieceNumbers& numbers) {
  const PieceScheme& scheme = numbers.scheme;
  LanguageTable languages;
  const std::vector<ListedToken> added = ReadAddedTokensDecoder(folder);
  const bool lists = std::ranges::any_of(added, [&](const ListedToken& token) {
    return LooksLikeLanguage(token.content, scheme);
  });
  if (!lists) {
    auto id = static_cast<std::int32_t>(numbers.size);
    for (const std::string& code : ClassLanguages(folder, scheme)) {
      languages.Add(code, id);
      AddControl(TokenOf(code, scheme), id++, numbers);
    }
  }
  for (const ListedToken& each : added) {
    const std::string& token = each.content;
    const std::int32_t id = each.id;
    // A mask is for training: models may have no embedding of it.
    if (token == "<mask>") continue;
    if (numbers.extra_ids.contains(token)) numbers.extra_ids[token] = id;
    if (LooksLikeLanguage(token, scheme)) {
      languages.Add(CodeOf(token, scheme), id);
    }
    AddControl(token, id, numbers);
  }
  return languages;
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
  numbers.languages =
      LanguageLayout::Read(folder, scheme, AddLanguages(folder, numbers));
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

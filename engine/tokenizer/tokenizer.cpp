// The tokenizers, by the names of their classes.
#include "engine/tokenizer/tokenizer.h"

#include <string>

#include "engine/tokenizer/blenderbot_small_tokenizer.h"
#include "engine/tokenizer/byte_pair_tokenizer.h"
#include "engine/tokenizer/byte_tokenizer.h"
#include "engine/tokenizer/family_tokenizers.h"
#include "engine/tokenizer/json_tokenizer.h"
#include "engine/tokenizer/marian_tokenizer.h"
#include "engine/tokenizer/piece_ids_tokenizer.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

template <const auto& kScheme>
std::unique_ptr<Tokenizer> ReadPieceIds(const models::ModelFolder& folder) {
  return PieceIdsTokenizer::Read(folder, kScheme);
}

using Reader = std::unique_ptr<Tokenizer>(const models::ModelFolder&);

// How a class finds its tokenizer in a folder: from files of its own if `file`
// is there, else from tokenizer.json if that is; classes with languages have a
// scheme for it.
struct Known {
  std::string_view tokenizer_class;
  const char* file = nullptr;
  Reader* read = nullptr;
  bool may_be_json = true;
  const PieceScheme* languages = nullptr;
};

constexpr const char* kPieces = "spiece.model";
constexpr const char* kBpePieces = "sentencepiece.bpe.model";
constexpr const char* kMerges = "merges.txt";

// A family of models adds its tokenizer here. Those of Hugging Face may have
// "Fast" behind their names. The last ones but Tessera's are what Transformers
// 5 calls BART's, and classes that are tokenizer.json alone.
constexpr Known kKnown[] = {
    {"MarianTokenizer", "source.spm", MarianTokenizer::Read},
    {"T5Tokenizer", kPieces, ReadPieceIds<kT5Pieces>},
    {"MT5Tokenizer", kPieces, ReadPieceIds<kT5Pieces>},
    {"ByT5Tokenizer", nullptr, ByteTokenizer::Read, false},
    {"PegasusTokenizer", kPieces, ReadPieceIds<kPegasusPieces>},
    {"MBartTokenizer", kBpePieces, ReadPieceIds<kMbartPieces>, true,
     &kMbartPieces},
    {"MBart50Tokenizer", kBpePieces, ReadPieceIds<kMbart50Pieces>, true,
     &kMbart50Pieces},
    {"NllbTokenizer", kBpePieces, ReadPieceIds<kNllbPieces>, true,
     &kNllbPieces},
    {"M2M100Tokenizer", kBpePieces, ReadPieceIds<kM2m100Pieces>, false},
    {"BartTokenizer", kMerges, BytePairTokenizer::ReadBart},
    {"BlenderbotTokenizer", kMerges, BytePairTokenizer::ReadBlenderbot},
    {"BlenderbotSmallTokenizer", kMerges, BlenderbotSmallTokenizer::Read,
     false},
    {"RobertaTokenizer", kMerges, BytePairTokenizer::ReadBart},
    {"PreTrainedTokenizer"},
    {"TokenizersBackend"},
    {"TesseraPieces", nullptr, PiecesTokenizer::Read, false},
    {"TesseraWords", nullptr, WordsTokenizer::Read, false},
};

std::unique_ptr<Tokenizer> ReadKnown(const models::ModelFolder& folder,
                                     const Known& known) {
  const bool has_own = known.file != nullptr && folder.Has(known.file);
  const bool has_json = known.may_be_json && folder.Has(JsonTokenizer::kFile);
  if (known.read != nullptr && (has_own || !has_json)) {
    return known.read(folder);
  }
  return JsonTokenizer::Read(folder, known.languages);
}

// The class of folders that name none, by model_type; of others Marian's.
struct Default {
  std::string_view model_type;
  std::string_view tokenizer_class;
};
constexpr Default kDefaults[] = {
    {"t5", "T5Tokenizer"},
    {"mt5", "T5Tokenizer"},
    {"umt5", "T5Tokenizer"},
    {"pegasus", "PegasusTokenizer"},
    {"mbart", "MBartTokenizer"},
    {"m2m_100", "M2M100Tokenizer"},
    {"bart", "BartTokenizer"},
    {"blenderbot", "BlenderbotTokenizer"},
    {"blenderbot-small", "BlenderbotSmallTokenizer"},
};

std::unique_ptr<Tokenizer> ReadClass(const models::ModelFolder& folder,
                                     const std::string& where,
                                     std::string_view name) {
  constexpr std::string_view kFast = "Fast";
  std::string_view own = name;
  if (own.ends_with(kFast)) own.remove_suffix(kFast.size());
  std::string names;
  for (const Known& known : kKnown) {
    if (own == known.tokenizer_class) return ReadKnown(folder, known);
    names += (names.empty() ? "" : ", ") + std::string(known.tokenizer_class);
  }
  models::Refuse(where + ": key \"tokenizer_class\"", "one of " + names,
                 models::QuoteText(name));
}

std::unique_ptr<Tokenizer> ReadNamed(const models::ModelFolder& folder) {
  constexpr std::string_view kKey = "tokenizer_class";
  for (const char* file : {"tokenizer_config.json", "config.json"}) {
    if (!folder.Has(file) || !folder.Json(file).IsSet(kKey)) continue;
    const models::JsonObject& config = folder.Json(file);
    return ReadClass(folder, config.where(), config.String(kKey));
  }
  if (!folder.Has("config.json")) return ReadKnown(folder, kKnown[0]);
  const models::JsonObject& config = folder.Json("config.json");
  const std::string type = config.StringOr("model_type", "");
  for (const Default& each : kDefaults) {
    if (type != each.model_type) continue;
    return ReadClass(folder, config.where(), each.tokenizer_class);
  }
  return ReadKnown(folder, kKnown[0]);
}

}  // namespace

EncodedText Tokenizer::EncodeFor(const Languages& languages,
                                 std::string_view text) const {
  const LanguageTable none;
  if (!languages.source.empty()) none.Id("source", languages.source);
  if (!languages.target.empty()) none.Id("target", languages.target);
  return Encode(text);
}

std::vector<std::int32_t> Tokenizer::EncodeTarget(const Languages& from_to,
                                                  std::string_view text) const {
  EncodedText encoded = EncodeFor(from_to, text);
  std::vector<std::int32_t>& ids = encoded.ids;
  if (languages().empty()) return ids;
  // Round a source stand its language and the end: of an output the end alone.
  const auto opening = static_cast<std::ptrdiff_t>(encoded.opening);
  const auto closing = static_cast<std::ptrdiff_t>(encoded.closing);
  ids.erase(ids.end() - closing + 1, ids.end());
  ids.erase(ids.begin(), ids.begin() + opening);
  if (encoded.forced_first) ids.insert(ids.begin(), *encoded.forced_first);
  return ids;
}

std::vector<std::int32_t> Tokenizer::EncodeWords(const Languages& from_to,
                                                 std::string_view text) const {
  const EncodedText encoded = EncodeFor(from_to, text);
  if (encoded.empty) return {};
  return {encoded.ids.begin() + static_cast<std::ptrdiff_t>(encoded.opening),
          encoded.ids.end() - static_cast<std::ptrdiff_t>(encoded.closing)};
}

std::unique_ptr<Tokenizer> LoadTokenizer(const models::ModelFolder& folder) {
  std::unique_ptr<Tokenizer> tokenizer = ReadNamed(folder);
  tokenizer->set_truncation(Truncation::Read(folder));
  return tokenizer;
}

}  // namespace tessera::engine

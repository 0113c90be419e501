// The tokenizers, by the names of their classes.
#include "engine/tokenizer/tokenizer.h"

#include <string>

#include "engine/tokenizer/byte_pair_tokenizer.h"
#include "engine/tokenizer/byte_tokenizer.h"
#include "engine/tokenizer/family_tokenizers.h"
#include "engine/tokenizer/marian_tokenizer.h"
#include "engine/tokenizer/piece_ids_tokenizer.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

template <const auto& kScheme>
std::unique_ptr<Tokenizer> ReadPieceIds(const models::ModelFolder& folder) {
  return PieceIdsTokenizer::Read(folder, kScheme);
}

struct Known {
  std::string_view tokenizer_class;
  std::unique_ptr<Tokenizer> (*read)(const models::ModelFolder&);
};

// A family of models adds its tokenizer here. Those of Hugging Face may have
// "Fast" behind their names.
constexpr Known kKnown[] = {
    {"MarianTokenizer", MarianTokenizer::Read},
    {"T5Tokenizer", ReadPieceIds<kT5Pieces>},
    {"MT5Tokenizer", ReadPieceIds<kT5Pieces>},
    {"ByT5Tokenizer", ByteTokenizer::Read},
    {"PegasusTokenizer", ReadPieceIds<kPegasusPieces>},
    {"MBartTokenizer", ReadPieceIds<kMbartPieces>},
    {"MBart50Tokenizer", ReadPieceIds<kMbart50Pieces>},
    {"NllbTokenizer", ReadPieceIds<kNllbPieces>},
    {"M2M100Tokenizer", ReadPieceIds<kM2m100Pieces>},
    {"BartTokenizer", BytePairTokenizer::ReadBart},
    {"BlenderbotTokenizer", BytePairTokenizer::ReadBlenderbot},
    {"TesseraPieces", PiecesTokenizer::Read},
    {"TesseraWords", WordsTokenizer::Read},
};

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
    if (own == known.tokenizer_class) return known.read(folder);
    names += (names.empty() ? "" : ", ") + std::string(known.tokenizer_class);
  }
  throw Error(where + ": key \"tokenizer_class\": want one of " + names +
              ", found \"" + std::string(name) + "\"");
}

}  // namespace

EncodedText Tokenizer::EncodeFor(const Languages& languages,
                                 std::string_view text) const {
  const LanguageTable none;
  if (!languages.source.empty()) none.Id("source", languages.source);
  if (!languages.target.empty()) none.Id("target", languages.target);
  return Encode(text);
}

std::vector<std::int32_t> Tokenizer::EncodeTarget(const Languages&,
                                                  std::string_view text) const {
  return Encode(text).ids;
}

std::unique_ptr<Tokenizer> LoadTokenizer(const models::ModelFolder& folder) {
  constexpr std::string_view kKey = "tokenizer_class";
  for (const char* file : {"tokenizer_config.json", "config.json"}) {
    if (!folder.Has(file) || !folder.Json(file).IsSet(kKey)) continue;
    const models::JsonObject& config = folder.Json(file);
    return ReadClass(folder, config.where(), config.String(kKey));
  }
  if (!folder.Has("config.json")) return MarianTokenizer::Read(folder);
  const models::JsonObject& config = folder.Json("config.json");
  const std::string type = config.StringOr("model_type", "");
  for (const Default& each : kDefaults) {
    if (type != each.model_type) continue;
    return ReadClass(folder, config.where(), each.tokenizer_class);
  }
  return MarianTokenizer::Read(folder);
}

}  // namespace tessera::engine

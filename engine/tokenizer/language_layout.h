// Where the languages of a multilingual model stand.
#ifndef TESSERA_ENGINE_TOKENIZER_LANGUAGE_LAYOUT_H_
#define TESSERA_ENGINE_TOKENIZER_LANGUAGE_LAYOUT_H_

#include "engine/tokenizer/languages.h"
#include "engine/tokenizer/piece_scheme.h"
#include "engine/tokenizer/tokenizer.h"
#include "models/files/model_folder.h"

namespace tessera::engine {

// The languages of a folder; of a scheme without any an empty table, with which
// Place does nothing.
struct LanguageLayout {
  // Reads src_lang, tgt_lang and, of schemes that have it, legacy_behaviour of
  // tokenizer_config.json if there is one, and whether generation_config.json
  // or config.json say what outputs begin with. Throws Error.
  static LanguageLayout Read(const models::ModelFolder& folder,
                             const PieceScheme& scheme, LanguageTable table);

  // Puts the source's language to the ids of a text, which </s> ends, and says
  // how the target's begins the output. Throws TextError.
  void Place(const Languages& languages, EncodedText& encoded) const;

  SourceLayout layout = SourceLayout::kEnd;
  bool target_starts = false;  // as in PieceScheme
  bool needs_target = false;   // nothing in the folder says what outputs are in
  Languages defaults = {};
  LanguageTable table = {};
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_LANGUAGE_LAYOUT_H_

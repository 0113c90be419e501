// Files of tokenizers, and what a tokenizer made of them does with texts.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "engine/shortlist/shortlist.h"
#include "engine/tokenizer/sentencepiece.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/vocabulary.h"
#include "models/files/model_folder.h"
#include "tests/fuzz/memory_folder.h"
#include "tests/fuzz/readers.h"
#include "tests/fuzz/targets.h"

namespace tessera::fuzz {

void SentencePieceTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  const auto file = folder.Write("source.spm", bytes);
  MayRefuse([&] {
    const auto pieces = engine::SentencePiece::Read(file);
    Expect(pieces.size() > 0, "a model has pieces");
    for (const std::string_view text : kTexts) {
      MayRefuse([&] {
        pieces.Decode(pieces.Encode(text));
        for (const std::int32_t id : pieces.EncodeIds(text)) {
          Expect(id >= 0 && id < pieces.size(), "ids have pieces");
        }
      });
    }
  });
}

void VocabularyTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  const auto file = folder.Write("vocab.json", bytes);
  for (const auto read :
       {engine::Vocabulary::Read, engine::Vocabulary::ReadLines}) {
    MayRefuse([&] {
      const engine::Vocabulary vocabulary = read(file);
      Expect(vocabulary.size() > 0, "a vocabulary has pieces");
      const auto end = static_cast<std::int32_t>(vocabulary.size());
      for (std::int32_t id = 0; id < end && id < 1000; ++id) {
        const auto piece = vocabulary.Piece(id);
        if (!piece) continue;
        ExpectUtf8(*piece, "a piece");
        const auto found = vocabulary.Find(*piece);
        Expect(!found || (*found >= 0 && *found < end), "ids are below size()");
      }
      Expect(!vocabulary.Piece(end), "nothing is beyond size()");
    });
  }
}

void TokenizerJsonTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  folder.Write("tokenizer.json", bytes);
  folder.Write("tokenizer_config.json",
               R"({"tokenizer_class":"PreTrainedTokenizerFast",)"
               R"("eos_token":"</s>","clean_up_tokenization_spaces":true})");
  MayRefuse([&] {
    const auto tokenizer =
        engine::LoadTokenizer(models::ModelFolder(folder.path()));
    for (const std::string_view text : kTexts) {
      UseTokenizer(*tokenizer, {}, text);
    }
    std::vector<std::int32_t> ids(
        std::min<std::size_t>(tokenizer->target_size(), 300));
    std::iota(ids.begin(), ids.end(), 0);
    ExpectUtf8(tokenizer->Decode(ids), "a decoded text");
  });
}

void ShortlistTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  static const auto tokenizer = engine::LoadTokenizer(models::ModelFolder(
      TESSERA_SOURCE_DIR "/tests/golden/tokenizer/separate"));
  static const models::ModelInfo model = [] {
    models::ModelInfo info;
    info.source_vocabulary = tokenizer->source_size();
    info.target_vocabulary = tokenizer->target_size();
    info.generation.eos_token_ids = {0};
    return info;
  }();
  const auto file = folder.Write("lex.s2t", bytes);
  MayRefuse([&] {
    std::vector<std::string> warnings;
    const engine::Shortlist shortlist(file, {.first = 1, .best = 3}, *tokenizer,
                                      model, warnings);
    for (const std::string& warning : warnings) {
      ExpectUtf8(warning, "a warning");
    }
    std::vector<std::int32_t> source(model.source_vocabulary);
    std::iota(source.begin(), source.end(), 0);
    const std::vector<std::int32_t> ids = shortlist.TokensFor(source, {});
    Expect(!ids.empty() && ids.front() >= 0 &&
               static_cast<std::size_t>(ids.back()) < model.target_vocabulary &&
               std::ranges::is_sorted(ids, std::ranges::less_equal()),
           "lists have rising ids of the target vocabulary");
  });
}

}  // namespace tessera::fuzz

// PiecesTokenizer with models written here, and the folders it refuses.
#include <gtest/gtest.h>
#include <tessera/error.h>
#include <tessera/options.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/tokenizer/family_tokenizers.h"
#include "tests/engine/tokenizer/folder_case.h"

namespace tessera::engine {
namespace {

enum PieceType : char { kNormal = 1, kUnknown = 2, kUserDefined = 4 };

// One piece of a serialised ModelProto.
std::string ProtoPiece(const std::string& text, PieceType type) {
  const std::string piece = "\x0A" +
                            std::string(1, static_cast<char>(text.size())) +
                            text + "\x18" + std::string(1, type);
  return "\x0A" + std::string(1, static_cast<char>(piece.size())) + piece;
}

const char kConfig[] =
    R"({"tokenizer_class": "TesseraPieces", "pad_token": "<pad>",
        "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"})";
const char kVocabulary[] = "<pad>\n<unk>\n<s>\n</s>\n▁\n▁ab\nc\n";

class PiecesTokenizerTest : public FolderCase {
 protected:
  PiecesTokenizerTest() {
    folder_.Write("bpe.model",
                  ProtoPiece("<unk>", kUnknown) + ProtoPiece("▁", kNormal) +
                      ProtoPiece("▁ab", kNormal) + ProtoPiece("c", kNormal));
    folder_.Write("bpe.vocab", kVocabulary);
    folder_.Write("tokenizer_config.json", kConfig);
  }

  void SetKey(std::string_view key_and_value) {
    std::string config = kConfig;
    config.insert(config.size() - 1, ", ")
        .insert(config.size() - 1, key_and_value);
    folder_.Write("tokenizer_config.json", config);
  }
};

TEST_F(PiecesTokenizerTest, LooksPiecesUpByTheirLines) {
  EXPECT_EQ(Encode("abc c"), (Ids{5, 6, 4, 6, 3}));
  EXPECT_EQ(Load()->source_size(), 7u);
  EXPECT_EQ(Load()->target_size(), 7u);
  EXPECT_EQ(Load()->target_end(), 3);
}

TEST_F(PiecesTokenizerTest, APieceThatTheVocabularyLacksIsUnknown) {
  folder_.Write("bpe.vocab", "<pad>\n<unk>\n<s>\n</s>\n▁\n▁ab\n");
  EXPECT_EQ(Encode("abc"), (Ids{5, 1, 3}));
}

TEST_F(PiecesTokenizerTest, EndsSourcesAsConfigured) {
  SetKey(R"("source_eos": false)");
  EXPECT_EQ(Encode("abc"), (Ids{5, 6}));
  EXPECT_EQ(Encode(""), Ids{});
}

TEST_F(PiecesTokenizerTest, SaysThatThereIsNothingToTranslate) {
  EXPECT_TRUE(Load()->Encode("").empty);
  EXPECT_TRUE(Load()->Encode("  ").empty);
  EXPECT_EQ(Encode(""), Ids{3});
  EXPECT_FALSE(Load()->Encode("c").empty);
}

TEST_F(PiecesTokenizerTest, TakesSpelledControlTokensForText) {
  for (const char* text : {"</s>", "<pad>", "<unk>", "<s>", "山</s>山"}) {
    EXPECT_EQ(Encode(text), (Ids{4, 1, 3})) << text;
  }
}

TEST_F(PiecesTokenizerTest, AUserDefinedControlTokenIsUnknownInATextToo) {
  folder_.Write("bpe.model", ProtoPiece("<unk>", kUnknown) +
                                 ProtoPiece("▁", kNormal) +
                                 ProtoPiece("</s>", kUserDefined));
  EXPECT_EQ(Encode("</s>"), (Ids{4, 1, 3}));
}

TEST_F(PiecesTokenizerTest, CutsAPieceAtItsWhiteSpace) {
  folder_.Write("bpe.vocab", "<pad>\n<unk>\n<s>\n</s>\n▁\n▁ab\nc\nd\ne\n");
  EXPECT_EQ(Encode("d\u3000e"), (Ids{4, 7, 8, 3}));
}

TEST_F(PiecesTokenizerTest, JoinsPiecesAndMakesMarksSpaces) {
  EXPECT_EQ(Decode({5, 6, 4, 6}), "abc c");
  EXPECT_EQ(Decode({4, 4, 5, 4}), "ab");
}

TEST_F(PiecesTokenizerTest, CutsOutputsAtTheFirstEnd) {
  EXPECT_EQ(Decode({5, 3, 6, 3}), "ab");
  EXPECT_EQ(Decode({3, 5}), "");
}

TEST_F(PiecesTokenizerTest, LeavesOutPaddingStartAndIdsWithoutAnEntry) {
  EXPECT_EQ(Decode({2, 5, 0, 6, -1, 7, INT32_MAX}), "abc");
}

TEST_F(PiecesTokenizerTest, KeepsUnknownPiecesInTheText) {
  EXPECT_EQ(Decode({5, 1, 6}), "ab<unk>c");
  EXPECT_EQ(Load()->Piece(7), "<unk>");
  EXPECT_EQ(Load()->Piece(5), "▁ab");
}

TEST_F(PiecesTokenizerTest, RefusesTextsThatAreTooLongOrNotUtf8) {
  const auto tokenizer = Load();
  EXPECT_THROW(tokenizer->Encode("\xFF"), Error);
  const std::string longest(kMaxTextBytes, 'c');
  EXPECT_EQ(tokenizer->Encode(longest).ids.back(), 3);
  EXPECT_THROW(tokenizer->Encode(longest + "c"), Error);
}

TEST_F(PiecesTokenizerTest, NamesTheFileThatIsMissing) {
  ExpectNamesWhatIsMissing({"bpe.model", "bpe.vocab"});
}

TEST_F(PiecesTokenizerTest, RefusesAVocabularyWithoutAControlToken) {
  folder_.Write("bpe.vocab", "<pad>\n<unk>\n<s>\n▁\n▁ab\nc\n");
  EXPECT_EQ(LoadFailure(),
            "bpe.vocab: want the piece \"</s>\", found no such piece");
}

TEST_F(PiecesTokenizerTest, RefusesAModelThatIsNone) {
  folder_.Write("bpe.model", "no model");
  EXPECT_NE(LoadFailure().find("bpe.model: want a SentencePiece model"),
            std::string::npos);
}

TEST_F(PiecesTokenizerTest, RefusesAConfigurationThatItCannotFollow) {
  const std::string where = "tokenizer_config.json: key ";
  const std::pair<const char*, std::string> cases[] = {
      {R"("lower_case": true)",
       where +
           R"("lower_case": want no such key of TesseraPieces, found true)"},
      {R"("sorce_eos": true)",
       where + R"("sorce_eos": want no such key of TesseraPieces, found true)"},
      {R"("source_eos": 1)",
       where + R"("source_eos": want true or false, found 1)"}};
  for (const auto& [key, message] : cases) {
    SetKey(key);
    EXPECT_EQ(LoadFailure(), message);
  }
}

TEST_F(PiecesTokenizerTest, WantsAllControlTokens) {
  for (const std::string key :
       {"pad_token", "unk_token", "bos_token", "eos_token"}) {
    std::string config = kConfig;
    config.replace(config.find(key), key.size(), "source_eos");
    folder_.Write("tokenizer_config.json", config);
    EXPECT_EQ(LoadFailure(), "tokenizer_config.json: key \"" + key +
                                 "\": want a string, found no such key");
  }
}

TEST_F(PiecesTokenizerTest, RefusesAnUnknownTokenThatIsAnotherToo) {
  std::string config = kConfig;
  config.replace(config.find("<unk>"), 5, "</s>");
  folder_.Write("tokenizer_config.json", config);
  EXPECT_EQ(LoadFailure(),
            "tokenizer_config.json: key \"unk_token\": want a token that is "
            "not pad_token, bos_token or eos_token too, found \"</s>\"");
}

}  // namespace
}  // namespace tessera::engine

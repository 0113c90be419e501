// SentencePiece models taken apart: damaged ones are refused or work, none
// crashes, and nothing that was not understood reaches the library.
#include "engine/tokenizer/spm_model.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "engine/tokenizer/protobuf.h"
#include "engine/tokenizer/sentencepiece.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

const std::string& BundledModel() {
  static const std::string model =
      ReadBytes(TESSERA_SOURCE_DIR "/models/bundled/tatoeba-en-fr/source.spm");
  return model;
}

std::string Failure(std::string_view model) {
  try {
    RebuildSentencePieceModel("source.spm", model);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// Loads a model and uses it on a text with all there is in the tables.
bool LoadsAndEncodes(const ScratchFolder& folder, std::string_view model) {
  try {
    const auto loaded = SentencePiece::Read(folder.Write("x.spm", model));
    const auto pieces = loaded.Encode(
        "Where is the caf\u00e9? \ufb01 \u2167 \uff76\uff9e e\u0301 \u3000 a");
    loaded.Decode(pieces);
    return true;
  } catch (const Error& error) {
    EXPECT_TRUE(std::string_view(error.what()).starts_with("x.spm: "))
        << error.what();
    return false;
  }
}

std::string Varint(std::uint64_t value) {
  std::string bytes;
  for (; value > 0x7F; value >>= 7) {
    bytes += static_cast<char>((value & 0x7F) | 0x80);
  }
  return bytes + static_cast<char>(value);
}

std::string Bytes(std::uint32_t number, std::string_view bytes) {
  std::string field;
  AppendBytesField(number, bytes, field);
  return field;
}

std::string Number(std::uint32_t number, std::uint64_t value) {
  std::string field;
  AppendVarintField(number, value, field);
  return field;
}

std::string Score(float score) {
  std::string bytes(4, '\0'), field;
  std::memcpy(bytes.data(), &score, 4);
  AppendFixed32Field(2, bytes, field);
  return field;
}

constexpr std::uint64_t kUserDefined = 4;
std::string PieceField(std::string_view text, std::uint64_t type = 1) {
  return Bytes(1, Bytes(1, text) + Number(3, type));
}

std::string Repeated(std::string_view unit, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += unit;
  return text;
}

// `count` user-defined pieces, each the opening of the next.
std::string Nested(std::string_view unit, std::size_t count) {
  std::string pieces;
  for (std::size_t i = count; i > 0; --i) {
    pieces += PieceField(Repeated(unit, i), kUserDefined);
  }
  return pieces;
}

TEST(SpmModelTest, AcceptsTheBundledModelAndKeepsWhatItSays) {
  const std::string rebuilt = RebuildSentencePieceModel("x", BundledModel());
  EXPECT_LE(rebuilt.size(), BundledModel().size());
  EXPECT_EQ(RebuildSentencePieceModel("x", rebuilt), rebuilt);
}

TEST(SpmModelTest, SaysWhatIsWrong) {
  const std::string want = "source.spm: want a SentencePiece model, found ";
  EXPECT_EQ(Failure(""), want + "one without pieces");
  EXPECT_EQ(Failure("\x0A\x7F"), want + "one that is cut short");
  EXPECT_EQ(Failure("GGUF"), want + "another kind of file");
  const std::string piece =
      "source.spm: piece 0: want UTF-8 of 1 to 1024 bytes without NUL, found "
      "other ";
  EXPECT_EQ(Failure(std::string_view("\x0A\x03\x0A\x01\0", 5)),
            piece + "1 bytes");
  EXPECT_EQ(Failure("\x0A\x03\x0A\x01\xFF"), piece + "1 bytes");
  EXPECT_EQ(Failure(PieceField("")), piece + "0 bytes");
  EXPECT_EQ(Failure(Bytes(1, Number(3, 1))), piece + "0 bytes");
  EXPECT_EQ(Failure(PieceField(Repeated("a", 1025))), piece + "1025 bytes");
}

TEST(SpmModelTest, SurvivesTruncation) {
  ScratchFolder folder;
  const std::string& model = BundledModel();
  for (std::size_t size = 0; size < model.size(); size += 997) {
    LoadsAndEncodes(folder, model.substr(0, size));
  }
}

TEST(SpmModelTest, SurvivesDamage) {
  ScratchFolder folder;
  std::mt19937 random(7);
  int loaded = 0;
  for (int round = 0; round < 300; ++round) {
    std::string model = BundledModel();
    for (int change = 0; change <= round % 8; ++change) {
      model[random() % model.size()] = static_cast<char>(random());
    }
    loaded += LoadsAndEncodes(folder, model) ? 1 : 0;
  }
  EXPECT_GT(loaded, 0);  // a changed score does no harm
  EXPECT_LT(loaded, 300);
}

TEST(SpmModelTest, TakesAsManyNestedSymbolsAsTheLibraryHasRoomFor) {
  ScratchFolder folder;
  const std::string most = BundledModel() + Nested("\u0259", 64);
  EXPECT_TRUE(LoadsAndEncodes(folder, most));
  const auto loaded = SentencePiece::Read(folder.Write("x.spm", most));
  EXPECT_FALSE(loaded.Encode(Repeated("\u0259", 500)).empty());
  const std::string want =
      "source.spm: want at most 64 user-defined pieces that open one another, "
      "found more";
  EXPECT_EQ(Failure(BundledModel() + Nested("\u0259", 65)), want);
  EXPECT_EQ(Failure(BundledModel() + Nested("\u0259", 500)), want);
  EXPECT_EQ(Failure(BundledModel() + Nested("qx", 65)), want);
  // Other pieces between them in the order of texts change nothing.
  std::string mixed = BundledModel() + Nested("\u0259", 65);
  for (std::size_t i = 1; i < 65; ++i) {
    mixed += PieceField(Repeated("\u0259", i) + "b", kUserDefined);
  }
  EXPECT_EQ(Failure(mixed), want);
  EXPECT_EQ(
      Failure(BundledModel() + Nested("\u0259", 64) + Nested("\u025A", 64)),
      "");
}

// A reader of 32-bit tags sees field 3, one of 64-bit tags a far one.
TEST(SpmModelTest, RefusesTagsOfMoreThan32Bits) {
  const std::string want =
      "source.spm: want a SentencePiece model, found another kind of file";
  for (std::uint64_t number = 0; number < 8; ++number) {
    for (const std::uint64_t high :
         {std::uint64_t{1} << 32, std::uint64_t{1} << 35,
          std::uint64_t{1} << 63}) {
      const std::string field = Varint((number << 3 | 2) + high) + Varint(0);
      EXPECT_EQ(Failure(BundledModel() + field), want) << number;
      // The same within a message.
      for (const std::uint32_t message : {2u, 3u, 5u}) {
        EXPECT_EQ(Failure(BundledModel() + Bytes(message, field)), want);
      }
      EXPECT_EQ(Failure(Bytes(1, Bytes(1, "a") + field)).substr(0, 19),
                "source.spm: piece 0");
    }
  }
  EXPECT_EQ(Failure(BundledModel() + Varint(2) + Varint(0)), want);  // field 0
  EXPECT_EQ(Failure(BundledModel() + Repeated("\xFF", 9) + "\x02"), want);
  EXPECT_EQ(Failure(BundledModel() + "\x1B"), want);  // a group begins
  EXPECT_EQ(Failure(BundledModel() + "\x1C"), want);  // and ends
}

TEST(SpmModelTest, LeavesOutWhatTheLibraryNeedNotSee) {
  const std::string rebuilt = RebuildSentencePieceModel("x", BundledModel());
  const std::string samples =
      Bytes(4, Bytes(1, Bytes(1, Repeated("\u0259", 1 << 19)) + Bytes(2, "a")));
  for (const std::string& added :
       {samples, Bytes(6, "x"), Number(7, 1), Bytes(536870911, "far"),
        Bytes(200, Repeated("y", 1000)), Varint(9 << 3 | 5) + "abcd",
        Varint(9 << 3 | 1) + "abcdefgh"}) {
    EXPECT_EQ(RebuildSentencePieceModel("x", BundledModel() + added), rebuilt);
    EXPECT_EQ(RebuildSentencePieceModel("x", added + BundledModel()), rebuilt);
  }
  // Unknown fields of pieces and of the trainer.
  EXPECT_EQ(RebuildSentencePieceModel(
                "x", Bytes(1, Bytes(1, "a") + Bytes(9, "x") + Score(-1)) +
                         Bytes(2, Number(4, 8000) + Number(35, 1))),
            Bytes(1, Bytes(1, "a") + Score(-1)) + Bytes(2, Number(35, 1)));
}

TEST(SpmModelTest, WritesNumbersInTheShortestWay) {
  const std::string longer = std::string("\x18\x81\x80\x80\x00", 5);  // type 1
  EXPECT_EQ(RebuildSentencePieceModel("x", Bytes(1, Bytes(1, "a") + longer)),
            PieceField("a"));
}

TEST(SpmModelTest, RefusesValuesThatTheFieldsDoNotHave) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::string a = Bytes(1, "a");
  for (const std::string& model :
       {PieceField("a", 0), PieceField("a", 7), PieceField("a", ~0ull),
        Bytes(1, a + Score(nan)), Bytes(1, a + Score(infinity)),
        Bytes(1, a + Score(-infinity)), Bytes(1, a + Number(2, 1)),
        Bytes(1, Number(1, 1)), Bytes(1, a + Bytes(3, "x")),
        PieceField("a") + Bytes(2, Number(3, 0)),
        PieceField("a") + Bytes(2, Number(3, 5)),
        PieceField("a") + Bytes(2, Number(35, 2)),
        PieceField("a") + Bytes(2, Bytes(44, "\xFF")),
        PieceField("a") + Bytes(3, Number(3, 1 << 20)),
        PieceField("a") + Number(3, 1), PieceField("a") + Number(1, 1),
        PieceField("a") + Bytes(3, Bytes(2, "\x01"))}) {
    EXPECT_NE(Failure(model), "");
  }
}

TEST(SpmModelTest, RefusesPiecesThatStandTwice) {
  const std::string want =
      "source.spm: piece \"a\": want each piece once, found it twice";
  EXPECT_EQ(Failure(PieceField("a") + PieceField("b") + PieceField("a")), want);
  EXPECT_EQ(Failure(PieceField("a") + PieceField("a", kUserDefined)), want);
  EXPECT_EQ(Failure(PieceField("a", 2) + PieceField("a", 3)), want);
  EXPECT_EQ(Failure(PieceField("a") + PieceField("a", 3)), "");
  // The escape sequence of a piece does not reach a terminal.
  EXPECT_EQ(Failure(PieceField("\x1B[2J") + PieceField("\x1B[2J")),
            "source.spm: piece \"\\u001b[2J\": want each piece once, found it "
            "twice");
}

TEST(SpmModelTest, RefusesTooManyPiecesBeforeItKeepsThem) {
  EXPECT_EQ(Failure(Repeated(Bytes(1, Bytes(1, "a")), 2'000'000)),
            "source.spm: want at most 1000000 pieces, found 2000000");
}

}  // namespace
}  // namespace tessera::engine

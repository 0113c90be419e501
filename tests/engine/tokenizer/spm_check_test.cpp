// Damaged SentencePiece models: each is refused or works, none crashes.
#include "engine/tokenizer/spm_check.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cstring>
#include <random>
#include <vector>

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
    CheckSentencePieceModel("source.spm", model);
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

TEST(SpmCheckTest, AcceptsTheBundledModel) {
  EXPECT_EQ(Failure(BundledModel()), "");
}

TEST(SpmCheckTest, SaysWhatIsWrong) {
  const std::string want = "source.spm: want a SentencePiece model, found ";
  EXPECT_EQ(Failure(""), want + "one without pieces");
  EXPECT_EQ(Failure("\x0A\x7F"), want + "one that is cut short");
  EXPECT_EQ(Failure("GGUF"), want + "another kind of file");
  EXPECT_EQ(Failure(std::string_view("\x0A\x03\x0A\x01\0", 5)),
            "source.spm: piece 0: want UTF-8 of 1 to 1024 bytes without NUL, "
            "found other 1 bytes");
  EXPECT_EQ(Failure("\x0A\x03\x0A\x01\xFF"),
            "source.spm: piece 0: want UTF-8 of 1 to 1024 bytes without NUL, "
            "found other 1 bytes");
}

TEST(SpmCheckTest, SurvivesTruncation) {
  ScratchFolder folder;
  const std::string& model = BundledModel();
  for (std::size_t size = 0; size < model.size(); size += 997) {
    LoadsAndEncodes(folder, model.substr(0, size));
  }
}

TEST(SpmCheckTest, SurvivesDamage) {
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

// A normalisation table of 256 units without keys, to which a test adds nodes.
class Charsmap {
 public:
  // In an empty node's unit no label fits the place: bit 31 is set.
  Charsmap() : units_(256, 0x80000000) { units_[0] = 0; }

  // Unit `at`: reached by `label`, its children at `children`.
  Charsmap& Node(std::size_t at, std::uint32_t label, std::size_t children,
                 bool value = false) {
    const auto offset = static_cast<std::uint32_t>(at ^ children);
    units_[at] = label | offset << 10 | (value ? 0x100u : 0u);
    return *this;
  }
  Charsmap& Value(std::size_t at, std::uint32_t value) {
    units_[at] = value | 0x80000000;
    return *this;
  }
  std::string Bytes(std::string_view strings) const {
    const auto size = static_cast<std::uint32_t>(units_.size() * 4);
    std::string bytes(4 + size, '\0');
    std::memcpy(bytes.data(), &size, 4);
    std::memcpy(bytes.data() + 4, units_.data(), size);
    return bytes.append(strings);
  }

 private:
  std::vector<std::uint32_t> units_;
};

std::string CharsmapFailure(std::string_view charsmap) {
  try {
    CheckCharsmap("x", charsmap);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

constexpr std::string_view kStrings("b\0", 2);

// The key "a", replaced by the string at `value`.
Charsmap OneKey(std::uint32_t value) {
  return Charsmap().Node(0, 0, 1).Node(1 ^ 'a', 'a', 2, true).Value(2, value);
}

TEST(CharsmapCheckTest, AcceptsASoundTable) {
  EXPECT_EQ(CharsmapFailure(""), "");
  EXPECT_EQ(CharsmapFailure(OneKey(0).Bytes(kStrings)), "");
}

TEST(CharsmapCheckTest, RefusesATableThatIsCutShort) {
  const std::string bytes = OneKey(0).Bytes(kStrings);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    // Cutting the replacement strings leaves one without its NUL.
    EXPECT_EQ(CharsmapFailure(bytes.substr(0, size)),
              "x: want a normalisation table with its strings, found one that "
              "is cut short")
        << size;
  }
}

TEST(CharsmapCheckTest, RefusesAReplacementPastTheEnd) {
  EXPECT_EQ(CharsmapFailure(OneKey(2).Bytes(kStrings)),
            "x: want a sound normalisation table, found a replacement past its "
            "end");
}

TEST(CharsmapCheckTest, RefusesAnOffsetPastTheEnd) {
  EXPECT_EQ(CharsmapFailure(Charsmap().Node(0, 0, 0x100).Bytes(kStrings)),
            "x: want a sound normalisation table, found an offset past its "
            "end");
}

TEST(CharsmapCheckTest, RefusesALoop) {
  // "a" leads to a node whose children are the root's: "a", "aa", "aaa", ...
  const auto loop = Charsmap().Node(0, 0, 1).Node(1 ^ 'a', 'a', 1);
  EXPECT_EQ(CharsmapFailure(loop.Bytes(kStrings)),
            "x: want a sound normalisation table, found a loop in it");
}

// The keys "\1", "\1\1", ...: node i is unit 2 i + 1, its value unit 2 i + 2.
std::string NestedKeys(std::uint32_t keys) {
  Charsmap map;
  map.Node(0, 0, 2);
  for (std::uint32_t i = 1; i <= keys; ++i) {
    map.Node(2 * i + 1, 1, 2 * i + 2, true).Value(2 * i + 2, 0);
  }
  return map.Bytes(kStrings);
}

TEST(CharsmapCheckTest, RefusesMoreMatchesThanTheLibraryHasRoomFor) {
  EXPECT_EQ(CharsmapFailure(NestedKeys(32)), "");
  EXPECT_EQ(CharsmapFailure(NestedKeys(33)),
            "x: want a sound normalisation table, found more than 32 keys that "
            "open one another");
}

}  // namespace
}  // namespace tessera::engine

// Normalisation tables that lead libsentencepiece outside of them, or to texts
// without bound: all are refused.
#include "engine/tokenizer/charsmap_check.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::engine {
namespace {

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

TEST(CharsmapCheckTest, RefusesATableWithoutUnits) {
  EXPECT_EQ(CharsmapFailure(std::string_view("\0\0\0\0b\0", 6)),
            "x: want a normalisation table with its strings, found one that is "
            "cut short");
}

TEST(CharsmapCheckTest, RefusesAReplacementThatGrowsTheTextTooMuch) {
  const auto failure = [](std::size_t bytes) {
    const std::string strings(bytes, 'b');
    return CharsmapFailure(OneKey(0).Bytes(strings + std::string(1, '\0')));
  };
  EXPECT_EQ(failure(16), "");
  for (const std::size_t bytes : {17u, 64u, 65u, 1000u, 1'000'000u}) {
    EXPECT_EQ(failure(bytes),
              "x: want a sound normalisation table, found a replacement much "
              "longer than its key")
        << bytes;
  }
}

TEST(CharsmapCheckTest, RefusesAReplacementWithinAnother) {
  EXPECT_EQ(CharsmapFailure(OneKey(1).Bytes(std::string_view("bc\0", 3))),
            "x: want a sound normalisation table, found a replacement that "
            "begins within another");
}

TEST(CharsmapCheckTest, RefusesStringsThatAreNotUtf8) {
  for (const char* bytes : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xE2\x82",
                            "\xF4\x90\x80\x80", "a\x80"}) {
    EXPECT_EQ(CharsmapFailure(
                  OneKey(0).Bytes(std::string(bytes) + std::string(1, '\0'))),
              "x: want a normalisation table with UTF-8 strings, found other "
              "bytes")
        << bytes;
  }
}

TEST(CharsmapCheckTest, RefusesATableOfMoreThanAMebiUnits) {
  std::string bytes(4 + 4 * ((1 << 20) + 1) + 1, '\0');
  const std::uint32_t size = 4 * ((1 << 20) + 1);
  std::memcpy(bytes.data(), &size, 4);
  EXPECT_EQ(CharsmapFailure(bytes),
            "x: want a normalisation table of at most 1048576 units, found "
            "1048577");
}

}  // namespace
}  // namespace tessera::engine

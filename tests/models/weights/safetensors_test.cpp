// OpenSafetensors: every rule of the format, one test each.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <random>
#include <string>

#include "models/weights/containers.h"
#include "tests/models/weights/test_folder.h"
#include "tests/models/weights/test_tensors.h"

namespace tessera::models {
namespace {

using Parts = std::initializer_list<std::string_view>;

// Expects a file with these bytes to be refused.
void ExpectRefused(const std::string& bytes, Parts parts) {
  const TestFolder folder;
  const auto path = folder.Write("model.safetensors", bytes);
  ExpectError([&] { OpenSafetensors(path); }, parts, bytes.substr(0, 80));
}

void ExpectHeaderRefused(const std::string& header, std::size_t data_bytes,
                         std::string_view why) {
  ExpectRefused(SafetensorsFileBytes(header, std::string(data_bytes, 'd')),
                {"model.safetensors: ", why});
}

// A header with one tensor "t".
std::string One(std::string_view dtype, std::string_view shape,
                std::size_t begin, std::size_t end) {
  return "{\"t\":" + HeaderEntry(dtype, shape, begin, end) + "}";
}

TensorFile OpenBytes(const TestFolder& folder, const std::string& bytes) {
  return OpenSafetensors(folder.Write("model.safetensors", bytes));
}

TEST(SafetensorsTest, ListsTensorsInTheOrderOfTheirData) {
  const TestFolder folder;
  const auto file = OpenBytes(
      folder, SafetensorsFileBytes({{"b", "F32", "[2, 1]", "01234567"},
                                    {"a", "I64", "[]", "abcdefgh"},
                                    {"none", "F32", "[3, 0]", ""},
                                    {"c", "BF16", "[1]", "xy"}}));
  ASSERT_EQ(file.tensors().size(), 4u);
  EXPECT_EQ(file.name(), "model.safetensors");
  EXPECT_EQ(file.tensors()[0].name, "b");
  EXPECT_EQ(file.tensors()[0].shape, (std::vector<std::size_t>{2, 1}));
  EXPECT_EQ(file.tensors()[1].dtype, DType::kI64);
  EXPECT_EQ(file.tensors()[1].elements(), 1u);
  EXPECT_EQ(file.tensors()[3].name, "c");
  std::string bytes(3, '\0');
  file.ReadAt(file.tensors()[1], 2, std::as_writable_bytes(std::span(bytes)));
  EXPECT_EQ(bytes, "cde");
}

TEST(SafetensorsTest, AcceptsWhitespaceRoundTheHeader) {
  const TestFolder folder;
  const std::string header = " \n" + One("U8", "[2]", 0, 2);
  const auto file = OpenBytes(
      folder, SafetensorsFileBytes(header + std::string(4096, ' '), "xy"));
  EXPECT_EQ(file.tensors()[0].bytes(), 2u);
}

TEST(SafetensorsTest, AcceptsAFileWithoutTensors) {
  const TestFolder folder;
  EXPECT_TRUE(
      OpenBytes(folder, SafetensorsFileBytes("{}", "")).tensors().empty());
}

TEST(SafetensorsTest, AcceptsZeroSizeTensorsBetweenOthers) {
  const TestFolder folder;
  const auto file =
      OpenBytes(folder, SafetensorsFileBytes({{"z", "F32", "[1]", "0123"},
                                              {"a", "F32", "[0]", ""},
                                              {"b", "F32", "[1]", "0123"}}));
  EXPECT_EQ(file.tensors().size(), 3u);
}

TEST(SafetensorsTest, RefusesAFileShorterThanItsLength) {
  for (const std::size_t size : {0u, 1u, 7u}) {
    ExpectRefused(std::string(size, '\0'),
                  {"model.safetensors: want a safetensors file of at least 8 "
                   "bytes, found " +
                   std::to_string(size)});
  }
}

TEST(SafetensorsTest, RefusesAHeaderLengthPastTheFileOrTheLimit) {
  const std::string data(100, ' ');
  for (const std::uint64_t length :
       {std::uint64_t{101}, std::uint64_t{1} << 31, std::uint64_t{1} << 32,
        std::uint64_t{1} << 63, UINT64_MAX, UINT64_MAX - 7}) {
    ExpectRefused(BytesOf(length) + data,
                  {"model.safetensors: want a header length of at most 100",
                   "found " + std::to_string(length)});
  }
  const std::uint64_t long_header = kMaxHeaderBytes + 1;
  ExpectRefused(BytesOf(long_header) + std::string(long_header, ' '),
                {"want a header length of at most 16777216 bytes"});
}

TEST(SafetensorsTest, RefusesAnEmptyHeader) {
  ExpectRefused(BytesOf(std::uint64_t{0}),
                {"model.safetensors: want valid JSON"});
}

TEST(SafetensorsTest, RefusesAHeaderThatIsNotAStrictObject) {
  ExpectHeaderRefused("[1]", 0, "want a JSON object");
  ExpectHeaderRefused("{", 0, "want valid JSON");
  ExpectHeaderRefused("{\"\xff\":1}", 0, "UTF-8");
  ExpectHeaderRefused("\xEF\xBB\xBF{}", 0, "byte order mark");
  ExpectHeaderRefused(One("U8", "[1]", 0, 1).substr(1), 1, "want");
}

TEST(SafetensorsTest, RefusesATensorNamedTwice) {
  const std::string entry = HeaderEntry("U8", "[1]", 0, 1);
  ExpectHeaderRefused("{\"t\":" + entry + ",\"t\":" + entry + "}", 1,
                      "key \"t\": want each key once");
}

TEST(SafetensorsTest, RefusesMetadataThatIsNotStrings) {
  ExpectHeaderRefused(R"({"__metadata__":{"format":1}})", 0,
                      R"(__metadata__: key "format": want a string)");
  ExpectHeaderRefused(R"({"__metadata__":["pt"]})", 0,
                      "__metadata__: want a JSON object");
  ExpectHeaderRefused(R"({"__metadata__":{"a":"1","a":"2"}})", 0, "key \"a\"");
}

TEST(SafetensorsTest, RefusesNamesThatAreNotPrintable) {
  const std::string entry = HeaderEntry("U8", "[1]", 0, 1);
  const std::string long_name(kMaxTensorNameBytes + 1, 'n');
  for (const std::string& name : {std::string(), std::string("a\\u0007b"),
                                  std::string("naïve"), long_name}) {
    ExpectHeaderRefused("{\"" + name + "\":" + entry + "}", 1,
                        "want tensor names of 1 to 256 printable ASCII");
  }
  const TestFolder folder;
  EXPECT_NO_THROW(OpenBytes(
      folder, SafetensorsFileBytes({{long_name.substr(1), "U8", "[1]", "x"}})));
}

TEST(SafetensorsTest, RefusesMoreTensorsThanTheLimit) {
  std::string header = "{";
  for (std::size_t i = 0; i <= kMaxTensors; ++i) {
    header += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":{}";
  }
  ExpectHeaderRefused(header + "}", 0, "want at most 65536 tensors");
}

TEST(SafetensorsTest, RefusesAnEntryWithMissingOrUnknownKeys) {
  ExpectHeaderRefused(R"({"t":3})", 0, "t: want a JSON object, found 3");
  ExpectHeaderRefused(R"({"t":{"shape":[1],"data_offsets":[0,1]}})", 1,
                      R"(t: key "dtype": want a string, found no such key)");
  ExpectHeaderRefused(R"({"t":{"dtype":"U8","data_offsets":[0,1]}})", 1,
                      R"(t: key "shape")");
  ExpectHeaderRefused(R"({"t":{"dtype":"U8","shape":[1]}})", 1,
                      R"(t: key "data_offsets")");
  ExpectHeaderRefused(
      R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}})", 1,
      R"(found "x")");
}

TEST(SafetensorsTest, RefusesUnknownTypesAndTheWrongCase) {
  for (const char* dtype : {"F33", "f32", "", "float32"}) {
    ExpectHeaderRefused(One(dtype, "[1]", 0, 4), 4,
                        "t: key \"dtype\": want a known element type");
  }
  ExpectHeaderRefused(R"({"t":{"dtype":32,"shape":[1],"data_offsets":[0,4]}})",
                      4, R"(key "dtype": want a string)");
}

TEST(SafetensorsTest, RefusesShapesThatAreNotSizes) {
  for (const char* shape : {"[-1]", "[1.5]", "[\"2\"]", "[true]", "[null]",
                            "[9223372036854775808]", "[[1]]", "4", "null"}) {
    ExpectHeaderRefused(One("U8", shape, 0, 1), 1,
                        "t: key \"shape\": want a list of integers");
  }
}

TEST(SafetensorsTest, RefusesMoreDimensionsThanTheLimit) {
  const TestFolder folder;
  EXPECT_NO_THROW(OpenBytes(
      folder, SafetensorsFileBytes({{"t", "U8", "[1,1,1,1,1,1,1,1]", "x"}})));
  ExpectHeaderRefused(One("U8", "[1,1,1,1,1,1,1,1,1]", 0, 1), 1,
                      "t: want at most 8 dimensions, found 9");
  std::string ones = "[1";
  for (int i = 1; i < 1'000'000; ++i) ones += ",1";
  ExpectHeaderRefused(One("U8", ones + "]", 0, 1), 1, "JSON values");
}

TEST(SafetensorsTest, RefusesShapesWhoseSizeOverflows) {
  for (const char* shape :
       {"[4294967296, 4294967296]", "[2147483648, 2147483648, 4]",
        "[9007199254740992, 2048]", "[2305843009213693952]"}) {
    ExpectHeaderRefused(One("F32", shape, 0, 4), 4, "t: ");
  }
  ExpectHeaderRefused(One("F32", "[4294967296, 4294967296]", 0, 4), 4,
                      "want a representable number of bytes");
  // 2^59 elements of 64 bits: elements fit, bits do not.
  ExpectHeaderRefused(One("F64", "[536870912, 1073741824]", 0, 8), 8,
                      "want a representable number of bytes");
}

TEST(SafetensorsTest, RefusesSubByteTypesThatEndInsideAByte) {
  const TestFolder folder;
  EXPECT_NO_THROW(
      OpenBytes(folder, SafetensorsFileBytes({{"t", "F4", "[4]", "xy"}})));
  ExpectHeaderRefused(One("F4", "[3]", 0, 2), 2, "t: want a representable");
}

TEST(SafetensorsTest, RefusesDataThatDoesNotFitTheShape) {
  ExpectHeaderRefused(One("F32", "[2]", 0, 7), 7,
                      "t: want 8 bytes for f32 [2], found 7");
  ExpectHeaderRefused(One("F32", "[2]", 0, 9), 9, "want 8 bytes");
  ExpectHeaderRefused(One("F32", "[]", 0, 8), 8, "want 4 bytes for f32 []");
  ExpectHeaderRefused(One("F32", "[0]", 0, 4), 4, "want 0 bytes");
}

TEST(SafetensorsTest, RefusesOffsetsOutOfOrderOrOutsideTheData) {
  const auto entry = [](const std::string& offsets) {
    return R"({"t":{"dtype":"U8","shape":[4],"data_offsets":)" + offsets + "}}";
  };
  for (const char* offsets : {"[4,0]", "[4]", "[0,4,4]", "[]"}) {
    ExpectHeaderRefused(entry(offsets), 4,
                        "t: key \"data_offsets\": want a begin and an end");
  }
  ExpectHeaderRefused(entry("[0,5]"), 4, "t: want 4 bytes for u8 [4], found 5");
  ExpectHeaderRefused(entry("[1,5]"), 4, "t: want data from byte 0 on");
  ExpectHeaderRefused(entry("[9007199254740988,9007199254740992]"), 4,
                      "t: want data from byte 0 on");
  for (const char* offsets : {"[-4,0]", "[0,4.0]", "[0,\"4\"]", "{}", "4",
                              "[0,18446744073709551619]"}) {
    ExpectHeaderRefused(entry(offsets), 4,
                        "t: key \"data_offsets\": want a list of integers");
  }
}

TEST(SafetensorsTest, RefusesOverlapsHolesAndTrailingBytes) {
  const auto two = [](std::size_t begin, std::size_t end) {
    return "{\"a\":" + HeaderEntry("U8", "[4]", 0, 4) +
           ",\"b\":" + HeaderEntry("U8", "[4]", begin, end) + "}";
  };
  EXPECT_NO_THROW(ParseSafetensorsHeader("f", two(4, 8), 8));
  ExpectHeaderRefused(two(3, 7), 7,
                      "b: want data from byte 4 on, without overlap");
  ExpectHeaderRefused(two(0, 4), 4,
                      "want data from byte 4 on, without overlap");
  ExpectHeaderRefused(two(5, 9), 9,
                      "b: want data from byte 4 on, without hole");
  ExpectHeaderRefused(two(4, 8), 9, "want 8 bytes of data");
  ExpectHeaderRefused(One("U8", "[4]", 1, 5), 5,
                      "t: want data from byte 0 on, without hole");
  ExpectHeaderRefused("{}", 1, "want 0 bytes of data");
}

TEST(SafetensorsTest, SaysThatAFileIsCutShort) {
  ExpectHeaderRefused(One("F32", "[2]", 0, 8), 7,
                      "want 8 bytes of data, the end of its last tensor, found "
                      "7 (the file is cut short)");
}

TEST(SafetensorsTest, NamesOtherFormats) {
  const std::string rest(100, 'x');
  ExpectRefused("GGUF\x03" + rest, {"model.safetensors", "GGUF"});
  ExpectRefused("PK\x03\x04" + rest, {"model.safetensors", "zip"});
  ExpectRefused("version https://git-lfs.github.com/spec/v1\n",
                {"model.safetensors", "git lfs pull"});
}

TEST(SafetensorsTest, ALengthThatLooksLikeAShortMagicNumberIsFine) {
  const TestFolder folder;
  // 0x0280: the first two bytes of a pickle; 0x8b1f: of a gzip archive.
  for (const std::size_t length : {std::size_t{0x0280}, std::size_t{0x8b1f}}) {
    std::string header = One("U8", "[1]", 0, 1);
    header.resize(length, ' ');
    EXPECT_NO_THROW(OpenBytes(folder, SafetensorsFileBytes(header, "x")));
  }
}

TEST(SafetensorsTest, ARandomlyDamagedHeaderIsReadOrRefused) {
  const std::string good =
      SafetensorsFileBytes({{"first", "F32", "[2, 1]", "01234567"},
                            {"second", "F16", "[2, 2]", "abcdefgh"}});
  const std::size_t header_end = good.size() - 16;
  std::mt19937 random(20240601);
  std::size_t refused = 0;
  for (int round = 0; round < 5'000; ++round) {
    std::string header = good.substr(8, header_end - 8);
    for (unsigned edit = 0; edit <= random() % 3; ++edit) {
      header[random() % header.size()] = static_cast<char>(random());
    }
    try {
      ParseSafetensorsHeader("f", header, 16);
    } catch (const Error& error) {
      ++refused;
      ASSERT_EQ(std::string(error.what()).substr(0, 3), "f: ");
    }
  }
  EXPECT_GT(refused, 1'000u);
}

}  // namespace
}  // namespace tessera::models

// Cases about tensors: shapes, offsets, types, names, values.
#include <cstring>
#include <limits>
#include <string>

#include "models/weights/tensor_file.h"
#include "tests/models/bad_model_corpus_builder.h"
#include "tests/models/weights/test_tensors.h"

namespace tessera::models {
namespace {

std::string SharedEntry(const std::string& dtype, const std::string& shape,
                        const std::string& offsets) {
  return "{\"dtype\":" + dtype + ",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

void AddShapes(Corpus& corpus) {
  const std::pair<std::string, std::string> shapes[] = {
      {"Negative", "[-8,4]"},
      {"Fraction", "[8.5,4]"},
      {"WholeFraction", "[8.0,4]"},
      {"String", "[\"8\",4]"},
      {"2To63", "[9223372036854775808]"},
      {"2To64", "[18446744073709551616]"},
      {"2To32Squared", "[4294967296,4294967296]"},
      {"2To64Product", "[2147483648,2147483648,4]"},
      {"Zero", "[0]"},
      {"ZeroTimesHuge", "[0,9007199254740992,9007199254740992]"},
      {"Scalar", "[]"},
      {"Rank9", "[8,4,1,1,1,1,1,1,1]"},
      {"OneMore", "[8,5]"},
      {"OneLess", "[8,3]"},
      {"Nested", "[[8,4]]"},
      {"Null", "null"},
      {"Number", "32"},
  };
  for (const auto& [name, shape] : shapes) {
    corpus.Entry("Shape" + name, SharedEntry("\"F32\"", shape, "[0,128]"), "");
  }
  corpus.Header(
      "ShapeRankAMillion",
      [](const std::string& t) {
        std::string ones = "1";
        for (int i = 1; i < 1'000'000; ++i) ones += ",1";
        return "{\"x\":" + SharedEntry("\"F32\"", "[" + ones + "]", "[0,4]") +
               "," + t.substr(1);
      },
      "JSON values");
}

void AddOffsets(Corpus& corpus) {
  const std::pair<std::string, std::string> offsets[] = {
      {"Swapped", "[128,0]"},
      {"Negative", "[-128,0]"},
      {"PastTheEnd", "[0,1000000]"},
      {"Wrapping", "[18446744073709551488,128]"},
      {"OneByteLess", "[0,127]"},
      {"OneByteMore", "[0,129]"},
      {"One", "[128]"},
      {"Three", "[0,64,128]"},
      {"Fraction", "[0,128.0]"},
      {"Strings", "[\"0\",\"128\"]"},
  };
  for (const auto& [name, value] : offsets) {
    corpus.Entry("Offsets" + name, SharedEntry("\"F32\"", "[8,4]", value), "");
  }
  const auto move_second = [](std::size_t begin) {
    return [begin](ModelDraft& d) {
      const auto [old_begin, end] = TinyRange(d.header[1].first);
      d.header[1].second =
          HeaderEntry("F32", "[4,4]", begin, begin + end - old_begin);
    };
  };
  corpus.Add("OffsetsHuge", move_second(9007199254740864), {kWeights, "hole"});
  corpus.Add("OffsetsOverlapBy1", move_second(127), {kWeights, "overlap"});
  corpus.Add("OffsetsOverlapBy4", move_second(124), {kWeights, "overlap"});
  corpus.Add("OffsetsShared", move_second(64), {kWeights, "overlap"});
  corpus.Add("OffsetsHoleOf1", move_second(129), {kWeights, "hole"});
  corpus.Add("TrailingByte", [](ModelDraft& d) { d.data += 'x'; },
             {kWeights, "bytes of data"});
  corpus.Add("MissingByte", [](ModelDraft& d) { d.data.pop_back(); },
             {kWeights, "cut short"});
}

void AddTypesAndNames(Corpus& corpus) {
  const std::pair<std::string, std::string> types[] = {
      {"Unknown", "\"F33\""}, {"LowerCase", "\"f32\""},   {"Number", "32"},
      {"Empty", "\"\""},      {"OfNumPy", "\"float32\""}, {"I32", "\"I32\""},
      {"U32", "\"U32\""},     {"Half", "\"F16\""},        {"Double", "\"F64\""},
      {"FourBits", "\"F4\""},
  };
  for (const auto& [name, type] : types) {
    corpus.Entry("Type" + name, SharedEntry(type, "[8,4]", "[0,128]"), "");
  }
  corpus.Add("TypeF64Consistent",
             [](ModelDraft& d) {
               d.header[0].second = HeaderEntry("F64", "[8,2]", 0, 128);
             },
             {kWeights, kShared, "found f64 [8, 2]"});
  const std::pair<std::string, std::string> names[] = {
      {"Empty", ""},
      {"TooLong", std::string(257, 'n')},
      {"Control", "a\\u0001b"},
      {"Newline", "a\\nb"},
      {"NotAscii", "poids\xC3\xA9"},
  };
  for (const auto& [label, name] : names) {
    corpus.Add("Name" + label,
               [name = name](ModelDraft& d) { d.header[0].first = name; },
               {kWeights, "tensor names"});
  }
  corpus.Add("NameLeadsElsewhere",
             [](ModelDraft& d) { d.header[0].first = "../x"; },
             {kWeights, kShared, "found no tensor"});
  corpus.Entry("EntryIsANumber", "3", "");
  corpus.Entry("EntryIsEmpty", "{}", "");
  corpus.Entry("EntryWithUnknownKey",
               R"({"dtype":"F32","shape":[8,4],"data_offsets":[0,128],)"
               R"("strides":[4,1]})",
               "strides");
}

void AddTensors(Corpus& corpus) {
  const std::vector<TinyTensor> tensors = TinyMarianTensors();
  for (const auto& [name, shape] : tensors) {
    const std::string tensor = name;
    if (tensor != kBias) {  // which may be absent
      corpus.Add("Missing" + Letters(tensor),
                 [tensor](ModelDraft& d) {
                   for (auto& entry : d.header) {
                     if (entry.first == tensor) entry.first = "unrelated";
                   }
                 },
                 {kWeights + ": " + tensor + ": want ", "found no tensor"});
    }
    corpus.Add("Nan" + Letters(tensor),
               [tensor](ModelDraft& d) {
                 const float nan = std::numeric_limits<float>::quiet_NaN();
                 const auto end = TinyRange(tensor).second;
                 std::memcpy(&d.data[end - 4], &nan, 4);
               },
               {kWeights + ": " + tensor, "want finite values"});
    if (shape.size() != 2 || shape[0] == shape[1]) continue;
    const std::vector<std::size_t> transposed = {shape[1], shape[0]};
    corpus.Add("Transposed" + Letters(tensor),
               [tensor, transposed](ModelDraft& d) {
                 const auto [begin, end] = TinyRange(tensor);
                 ModelDraft::Set(
                     d.header, tensor,
                     HeaderEntry("F32", FormatShape(transposed), begin, end));
               },
               {kWeights + ": " + tensor + ": want f32/f16/bf16/f64 " +
                    FormatShape(shape),
                "found f32 " + FormatShape(transposed)});
  }
  for (const float value : {std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()}) {
    corpus.Add(value > 0 ? "Infinity" : "MinusInfinity",
               [value](ModelDraft& d) { std::memcpy(&d.data[20], &value, 4); },
               {kWeights + ": " + kShared, "want finite values", "at [1, 1]"});
  }
}

}  // namespace

void AddTensorCases(Corpus& corpus) {
  AddShapes(corpus);
  AddOffsets(corpus);
  AddTypesAndNames(corpus);
  AddTensors(corpus);
}

}  // namespace tessera::models

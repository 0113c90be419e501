// Cases about the header of a weight file as text.
#include <cstdint>
#include <string>

#include "models/weights/containers.h"
#include "tests/models/bad_model_corpus_builder.h"
#include "tests/models/weights/test_tensors.h"

namespace tessera::models {
namespace {

using namespace std::string_literals;

std::string GoodFile() {
  const ModelDraft draft = TinyMarian();
  return SafetensorsFileBytes(ModelDraft::Text(draft.header), draft.data);
}

void AddFileSizes(Corpus& corpus) {
  for (const std::size_t size : {0u, 1u, 7u}) {
    corpus.File("FileOf" + std::to_string(size), kWeights,
                std::string(size, '\0'), "at least 8 bytes");
  }
  corpus.File("FileOf8Zeros", kWeights, std::string(8, '\0'), "JSON");
  const std::pair<std::string, std::uint64_t> lengths[] = {
      {"2To31", std::uint64_t{1} << 31}, {"2To32", std::uint64_t{1} << 32},
      {"2To63", std::uint64_t{1} << 63}, {"2To64Minus1", UINT64_MAX},
      {"2To64Minus8", UINT64_MAX - 7},
  };
  const auto with_length = [](std::uint64_t length) {
    return BytesOf(length) + GoodFile().substr(8);
  };
  for (const auto& [name, length] : lengths) {
    corpus.File("HeaderLength" + name, kWeights, with_length(length),
                "want a header length of at most");
  }
  const std::uint64_t rest = GoodFile().size() - 8;
  corpus.File("HeaderLengthOneTooLong", kWeights, with_length(rest + 1),
              "want a header length of at most");
  corpus.File("HeaderLengthIsTheRest", kWeights, with_length(rest), "JSON");
  corpus.File("HeaderLength0", kWeights, with_length(0), "JSON");
  corpus.File("HeaderLength1", kWeights, with_length(1), "JSON");
  corpus.LargeFile(
      "HeaderOf16MiBAnd1", kWeights,
      [] {
        return SafetensorsFileBytes(std::string(kMaxHeaderBytes + 1, ' '), "");
      },
      "want a header length of at most");
  corpus.LargeFile(
      "HeaderOf16MiBOfBrackets", kWeights,
      [] {
        return SafetensorsFileBytes(std::string(kMaxHeaderBytes, '['), "");
      },
      "nested");
  corpus.LargeFile(
      "HeaderOf16MiBOfEmptyArrays", kWeights,
      [] {
        std::string arrays = "{\"a\":[[]";
        while (arrays.size() < kMaxHeaderBytes - 4) arrays += ",[]";
        return SafetensorsFileBytes(arrays + "]}", "");
      },
      "JSON values");
  corpus.LargeFile(
      "HeaderOfOneLongName", kWeights,
      [] {
        const std::string name(kMaxHeaderBytes - 8, 'n');
        return SafetensorsFileBytes("{\"" + name + "\":1}", "");
      },
      "tensor names");
  corpus.LargeFile(
      "HeaderOfOneLongValue", kWeights,
      [] {
        const std::string value(kMaxHeaderBytes - 8, 'v');
        return SafetensorsFileBytes("{\"n\":\"" + value + "\"}", "");
      },
      "n: want a JSON object");
}

void AddHeaderSyntax(Corpus& corpus) {
  using Text = const std::string&;
  corpus.Header(
      "HeaderNotUtf8", [](Text t) { return "{\"\xff\xfe\":{}," + t.substr(1); },
      "UTF-8");
  corpus.Header(
      "HeaderByteOrderMark", [](Text t) { return "\xEF\xBB\xBF" + t; },
      "byte order mark");
  corpus.Header(
      "HeaderNul", [](Text t) { return t + "\0"s; }, "NUL");
  corpus.Header(
      "HeaderEscapedNul",
      [](Text t) { return R"({"\u0000":{},)" + t.substr(1); }, "NUL");
  corpus.Header(
      "HeaderIsAList", [](Text t) { return "[" + t + "]"; },
      "want a JSON object");
  corpus.Header(
      "HeaderOpenBracket", [](Text) { return "[1"s; }, "JSON");
  corpus.Header(
      "HeaderOpenBrace", [](Text) { return "{"s; }, "JSON");
  corpus.Header(
      "HeaderIsNull", [](Text) { return "null"s; }, "JSON object");
  corpus.Header(
      "HeaderIsEmptyObject", [](Text) { return "{}"s; },
      "want 0 bytes of data");
  corpus.Header(
      "HeaderTrailingComma",
      [](Text t) { return t.substr(0, t.size() - 1) + ",}"; }, "JSON");
  corpus.Header(
      "HeaderComment", [](Text t) { return t + "/* x */"; }, "JSON");
  corpus.Header(
      "HeaderLineComment", [](Text t) { return "//x\n" + t; }, "JSON");
  corpus.Header(
      "HeaderSecondObject", [](Text t) { return t + "{}"; }, "JSON");
  corpus.Header(
      "HeaderNested",
      [](Text) { return "{\"a\":" + std::string(100'000, '['); }, "nested");
  corpus.Header(
      "HeaderNestedObjects",
      [](Text) {
        std::string text;
        for (int i = 0; i < 100'000; ++i) text += "{\"a\":";
        return text;
      },
      "nested");
  corpus.Header(
      "HeaderNineDeep",
      [](Text t) {
        return "{\"__metadata__\":[[[[[[[[]]]]]]]]," + t.substr(1);
      },
      "nested");
}

void AddDuplicates(Corpus& corpus) {
  corpus.Add("DuplicateTensor",
             [](ModelDraft& d) { d.header.push_back(d.header.back()); },
             {kWeights, kBias, "want each key once"});
  corpus.Add(
      "DuplicateInnerKey",
      [](ModelDraft& d) { d.header[0].second.insert(1, "\"dtype\":\"F32\","); },
      {kWeights, "dtype", "want each key once"});
  corpus.Add("DuplicateMetadata",
             [](ModelDraft& d) {
               d.header.push_back({"__metadata__", "{}"});
               d.header.push_back({"__metadata__", "{}"});
             },
             {kWeights, "__metadata__", "want each key once"});
  corpus.Add("DuplicateConfigKeyWithAnotherValue",
             [](ModelDraft& d) {
               d.config.push_back({"d_model", "\"4\""});
             },
             {"config.json", "d_model", "want an integer"});
  corpus.Add("MetadataWithNumbers",
             [](ModelDraft& d) {
               d.header.push_back({"__metadata__", R"({"format":1})"});
             },
             {kWeights, "__metadata__", "want a string"});
}

}  // namespace

void AddHeaderCases(Corpus& corpus) {
  AddFileSizes(corpus);
  AddHeaderSyntax(corpus);
  AddDuplicates(corpus);
}

}  // namespace tessera::models

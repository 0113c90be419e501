// The two lists of the corpus.
#include "tests/models/bad_model_corpus.h"

#include <cstring>
#include <limits>

#include "tests/models/bad_model_corpus_builder.h"
#include "tests/models/weights/test_tensors.h"

namespace tessera::models {

std::vector<ModelCase> BadModels() {
  Corpus corpus;
  AddHeaderCases(corpus);
  AddTensorCases(corpus);
  AddConfigCases(corpus);
  AddFolderCases(corpus);
  return corpus.Take();
}

std::vector<ModelCase> OddModels() {
  Corpus corpus;
  corpus.Add("Good", [](ModelDraft&) {}, {});
  corpus.Header(
      "WhitespaceRoundTheHeader",
      [](const std::string& text) {
        return " \t\r\n" + text + std::string(5'000, ' ') + "\n";
      },
      "");
  corpus.Add("ExtraTensor",
             [](ModelDraft& d) {
               const std::size_t begin = d.data.size();
               d.data += std::string(8, 'x');
               d.header.push_back(
                   {"extra", HeaderEntry("I64", "[1]", begin, begin + 8)});
             },
             {});
  corpus.Add("ZeroSizeTensor",
             [](ModelDraft& d) {
               d.header.push_back({"empty", HeaderEntry("F32", "[0]", 0, 0)});
             },
             {});
  corpus.Add("UnalignedTensors",
             [](ModelDraft& d) {
               d.header = {{"byte", HeaderEntry("U8", "[1]", 0, 1)}};
               d.data.assign(1, 'x');
               AppendTinyTensors(d);
             },
             {});
  corpus.Add("SubnormalWeight",
             [](ModelDraft& d) {
               const float tiny = std::numeric_limits<float>::denorm_min();
               std::memcpy(d.data.data(), &tiny, 4);
             },
             {});
  corpus.Add("HugeWeights",
             [](ModelDraft& d) {
               const float huge = 3e38f;
               for (std::size_t i = 0; i < d.data.size(); i += 4) {
                 std::memcpy(&d.data[i], &huge, 4);
               }
             },
             {});
  corpus.Add("NoBias",
             [](ModelDraft& d) {
               ModelDraft::Set(d.header, "unrelated", d.header.back().second);
               std::erase_if(d.header,
                             [](auto& entry) { return entry.first == kBias; });
             },
             {});
  corpus.Config("UnknownConfigKeys", "no_such_key", "{\"a\":[1,{}]}", {});
  corpus.Add("Metadata",
             [](ModelDraft& d) {
               d.header.push_back({"__metadata__", R"({"format":"pt"})"});
             },
             {});
  return corpus.Take();
}

}  // namespace tessera::models

// JSON by nlohmann-json, keys in the order that people read them.
#include "tools/tessera/json_output.h"

#include <nlohmann/json.hpp>

namespace tessera::tools {

namespace {

using Json = nlohmann::ordered_json;

void AddAlignment(const Hypothesis& hypothesis, ShownAlignments alignments,
                  Json& object) {
  if (alignments == ShownAlignments::kHard) {
    Json pairs = Json::array();
    for (std::size_t i = 0; i < hypothesis.alignment.size(); ++i) {
      if (hypothesis.alignment[i] < 0) continue;
      pairs.push_back({hypothesis.alignment[i], i});
    }
    object["alignment"] = std::move(pairs);
  } else if (!hypothesis.attention.empty()) {
    Json& rows = object["attention"];
    const std::size_t columns =
        hypothesis.attention.size() / hypothesis.ids.size();
    for (auto row = hypothesis.attention.begin();
         row != hypothesis.attention.end();
         row += static_cast<std::ptrdiff_t>(columns)) {
      rows.push_back(
          std::vector<float>(row, row + static_cast<std::ptrdiff_t>(columns)));
    }
  }
}

Json TranslationsOf(const std::vector<Hypothesis>& hypotheses,
                    ShownAlignments alignments) {
  Json translations = Json::array();
  for (const Hypothesis& hypothesis : hypotheses) {
    translations.push_back({{"text", hypothesis.text},
                            {"pieces", hypothesis.pieces},
                            {"ids", hypothesis.ids},
                            {"score", hypothesis.score},
                            {"log_probs", hypothesis.log_probs}});
    if (alignments != ShownAlignments::kNone) {
      AddAlignment(hypothesis, alignments, translations.back());
    }
  }
  return translations;
}

// Of a line or of a sentence.
template <class Result>
Json ObjectOf(std::string source, const Result& result,
              ShownAlignments alignments) {
  Json object = {{"source", std::move(source)}};
  if (alignments != ShownAlignments::kNone) {
    object["source_pieces"] = result.source_pieces;
  }
  object["translations"] = TranslationsOf(result.hypotheses, alignments);
  return object;
}

}  // namespace

std::string ToJson(const std::string& source, const Translation& translation,
                   ShownAlignments alignments) {
  Json line = ObjectOf(source, translation, alignments);
  for (const Sentence& sentence : translation.sentences) {
    line["sentences"].push_back(
        ObjectOf(source.substr(sentence.begin, sentence.end - sentence.begin),
                 sentence, alignments));
  }
  if (!translation.ok()) line["error"] = translation.error;
  constexpr int kOneLine = -1;
  constexpr bool kAscii = false;
  return line.dump(kOneLine, ' ', kAscii, Json::error_handler_t::replace);
}

}  // namespace tessera::tools

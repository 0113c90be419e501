// Alignments stand as in the program's lines of JSON.
#include "tools/serve/translation_json.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "tools/serve/service.h"
#include "tools/tessera/json_output.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::ordered_json;

Json ToJson(const Hypothesis& hypothesis, const ReturnedParts& returned) {
  Json json = {{"text", hypothesis.text}, {"score", hypothesis.score}};
  if (returned.tokens || returned.aligned()) {
    json["pieces"] = hypothesis.pieces;
  }
  if (returned.tokens) {
    json["ids"] = hypothesis.ids;
    json["log_probs"] = hypothesis.log_probs;
  }
  if (returned.alignments) {
    AddAlignment(hypothesis, ShownAlignments::kHard, json);
  }
  if (returned.attention) {
    AddAlignment(hypothesis, ShownAlignments::kSoft, json);
  }
  return json;
}

Json ToJson(const std::vector<Hypothesis>& hypotheses,
            const ReturnedParts& returned) {
  Json list = Json::array();
  for (const Hypothesis& hypothesis : hypotheses) {
    list.push_back(ToJson(hypothesis, returned));
  }
  return list;
}

void Forget(std::vector<Hypothesis>& hypotheses) {
  for (Hypothesis& hypothesis : hypotheses) hypothesis.attention = {};
}

}  // namespace

Json ToJson(const Translation& translation, std::size_t index,
            const ReturnedParts& returned) {
  Json json = {{"index", index},
               {"text", translation.text()},
               {"translations", ToJson(translation.hypotheses, returned)},
               {"error", nullptr}};
  if (returned.aligned()) json["source_pieces"] = translation.source_pieces;
  if (returned.attention) {
    for (const Sentence& sentence : translation.sentences) {
      json["sentences"].push_back(
          {{"source_pieces", sentence.source_pieces},
           {"translations", ToJson(sentence.hypotheses, returned)}});
    }
  }
  for (const UnknownWord& word : translation.unknown) {
    json["unknown"].push_back(
        {{"text", word.text}, {"begin", word.begin}, {"end", word.end}});
  }
  if (translation.truncated_tokens > 0) {
    json["truncated_tokens"] = translation.truncated_tokens;
  }
  if (!translation.ok()) {
    const Response error =
        ToResponse(ErrorForm::kNative, FailureOf(translation));
    json["error"] = Json::parse(error.body)["error"];
  }
  return json;
}

void ForgetAttention(Translation& translation) {
  Forget(translation.hypotheses);
  for (Sentence& sentence : translation.sentences) Forget(sentence.hypotheses);
}

}  // namespace tessera::tools::serve

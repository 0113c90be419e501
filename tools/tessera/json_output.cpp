// JSON by nlohmann-json, keys in the order that people read them.
#include "tools/tessera/json_output.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::tools {

namespace {

using Json = nlohmann::ordered_json;

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

// Adds to an object what became of a text or of a sentence.
template <class Result>
void AddResult(std::string source, const Result& result,
               ShownAlignments alignments, Json& object) {
  object["source"] = std::move(source);
  if (alignments != ShownAlignments::kNone) {
    object["source_pieces"] = result.source_pieces;
  }
  object["translations"] = TranslationsOf(result.hypotheses, alignments);
}

}  // namespace

void AddAlignment(const Hypothesis& hypothesis, ShownAlignments alignments,
                  nlohmann::ordered_json& object) {
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

std::string ToJson(const SourceText& source, const Translation& translation,
                   ShownAlignments alignments) {
  Json line = source.label.empty() ? Json::object() : Json::parse(source.label);
  AddResult(source.text, translation, alignments, line);
  for (const Sentence& sentence : translation.sentences) {
    Json part = Json::object();
    AddResult(source.text.substr(sentence.begin, sentence.end - sentence.begin),
              sentence, alignments, part);
    line["sentences"].push_back(std::move(part));
  }
  for (const UnknownWord& word : translation.unknown) {
    line["unknown"].push_back(
        {{"text", word.text}, {"begin", word.begin}, {"end", word.end}});
  }
  if (translation.truncated_tokens > 0) {
    line["truncated_tokens"] = translation.truncated_tokens;
  }
  if (!translation.ok()) line["error"] = translation.error;
  return JsonLine(line);
}

std::string EscapeLineEnds(const std::string& json) {
  constexpr std::pair<std::string_view, std::string_view> kEnds[] = {
      {"\u0085", "\\u0085"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}};
  std::string escaped;
  for (std::string_view rest = json; !rest.empty();) {
    std::string_view from = rest.substr(0, 1), to = from;
    for (const auto& [character, escape] : kEnds) {
      if (!rest.starts_with(character)) continue;
      from = character;
      to = escape;
    }
    escaped += to;
    rest.remove_prefix(from.size());
  }
  return escaped;
}

std::string JsonLine(const nlohmann::ordered_json& json) {
  constexpr int kOneLine = -1;
  constexpr bool kAscii = false;
  return EscapeLineEnds(
      json.dump(kOneLine, ' ', kAscii, Json::error_handler_t::replace));
}

}  // namespace tessera::tools

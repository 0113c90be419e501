// Pairs and weights.
#include "tools/tessera/alignment_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <vector>

namespace tessera::tools {
namespace {

std::string HardText(const std::vector<std::int32_t>& alignment) {
  std::string text;
  for (std::size_t i = 0; i < alignment.size(); ++i) {
    if (alignment[i] < 0) continue;
    if (!text.empty()) text += ' ';
    text += std::to_string(alignment[i]) + "-" + std::to_string(i);
  }
  return text;
}

void AppendSoftText(const Hypothesis& hypothesis, std::string& text) {
  if (hypothesis.ids.empty()) return;
  const std::size_t columns =
      hypothesis.attention.size() / hypothesis.ids.size();
  for (std::size_t i = 0; i < hypothesis.attention.size(); ++i) {
    const bool begins = i % columns == 0;
    if (!text.empty()) text += begins ? ' ' : ',';
    char weight[32];
    std::snprintf(weight, sizeof weight, "%.6g",
                  static_cast<double>(hypothesis.attention[i]));
    text += weight;
  }
}

}  // namespace

std::string AlignmentText(const Translation& translation,
                          ShownAlignments alignments, std::size_t rank) {
  if (translation.hypotheses.size() <= rank) return "";
  const Hypothesis& output = translation.hypotheses[rank];
  if (alignments == ShownAlignments::kHard) return HardText(output.alignment);
  std::string text;
  if (translation.sentences.empty()) AppendSoftText(output, text);
  for (const Sentence& sentence : translation.sentences) {
    const std::size_t last = sentence.hypotheses.size() - 1;
    AppendSoftText(sentence.hypotheses[std::min(rank, last)], text);
  }
  return text;
}

}  // namespace tessera::tools

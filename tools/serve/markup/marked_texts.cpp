// A run is a text of the engine's, so that long pages share batches.
#include "tools/serve/markup/marked_texts.h"

#include <span>

#include "models/files/message.h"
#include "tools/serve/translation_json.h"

namespace tessera::tools::serve {
namespace {

// Each takes some kilobytes until all are done.
constexpr std::size_t kMaxRuns = 4096;

}  // namespace

MarkedTexts::MarkedTexts(const std::vector<std::string>& texts,
                         const MarkupRules& rules) {
  std::size_t runs = 0;
  for (const std::string& text : texts) {
    runs += texts_.emplace_back(text, rules).runs().size();
  }
  if (runs <= kMaxRuns) return;
  models::Refuse("markup",
                 models::Cat("at most ", kMaxRuns, " stretches of text"),
                 models::Cat(runs));
}

void MarkedTexts::Fill(Job& job) const {
  job.texts.clear();
  job.trim = ForgetAttention;
  for (const Markup& text : texts_) {
    for (const Run& run : text.runs()) {
      job.texts.push_back(run.text);
      job.options.alignments |= !run.marks.empty();
    }
  }
}

std::vector<std::string> MarkedTexts::Put(
    const std::vector<Translation>& translations) const {
  std::vector<std::string> put;
  std::span<const Translation> rest = translations;
  for (const Markup& text : texts_) {
    put.push_back(text.Put(rest.first(text.runs().size())));
    rest = rest.subspan(text.runs().size());
  }
  return put;
}

}  // namespace tessera::tools::serve

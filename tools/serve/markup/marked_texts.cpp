// A run is a text of the engine's, so that long pages share batches.
#include "tools/serve/markup/marked_texts.h"

#include <span>

#include "models/files/message.h"
#include "tools/serve/translation_json.h"

namespace tessera::tools::serve {
namespace {

// Each takes some kilobytes until all are done.
constexpr std::size_t kMaxRuns = 4096;
// Each takes 60 bytes, and is compared with the words of its run: a tag has
// three bytes, so a megabyte of them would hold up the loop for seconds. So
// many, read and placed, hold it up for 13 ms, those of a text for less than 1.
constexpr std::size_t kMaxMarks = 16384;

void CheckCount(std::size_t count, std::size_t most, const char* what) {
  if (count <= most) return;
  models::Refuse("markup", models::Cat("at most ", most, " ", what),
                 models::Cat(count));
}

}  // namespace

MarkedTexts::MarkedTexts(const std::vector<std::string>& texts,
                         const MarkupRules& rules) {
  std::size_t runs = 0, marks = 0;
  for (const std::string& text : texts) {
    for (const Run& run : texts_.emplace_back(text, rules).runs()) {
      ++runs;
      marks += run.marks.size();
    }
    CheckCount(runs, kMaxRuns, "stretches of text");
    CheckCount(marks, kMaxMarks, "tags inside of them");
  }
}

void MarkedTexts::Fill(Job& job) const {
  job.texts.clear();
  job.trim = ForgetAttention;
  job.options.n_best = 1;  // each output would be aligned
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

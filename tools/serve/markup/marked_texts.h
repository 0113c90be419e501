// The texts of a request that have tags.
#ifndef TESSERA_TOOLS_SERVE_MARKUP_MARKED_TEXTS_H_
#define TESSERA_TOOLS_SERVE_MARKUP_MARKED_TEXTS_H_

#include <tessera/translation.h>

#include <deque>
#include <string>
#include <vector>

#include "tools/serve/markup/markup.h"
#include "tools/serve/scheduler.h"

namespace tessera::tools::serve {

class MarkedTexts {
 public:
  // Throws Error for texts that Markup refuses, and for more than 4,096 runs or
  // 16,384 marks.
  MarkedTexts(const std::vector<std::string>& texts, const MarkupRules& rules);

  // Gives a job what is to be translated, maybe nothing, into one output each,
  // with alignments where tags need them.
  void Fill(Job& job) const;

  // The texts, of the translations of the job. Requires that none has failed.
  std::vector<std::string> Put(
      const std::vector<Translation>& translations) const;

 private:
  std::deque<Markup> texts_;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_MARKUP_MARKED_TEXTS_H_

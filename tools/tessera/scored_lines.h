// Lines of source and target in, what the model thinks of the target out.
#ifndef TESSERA_TOOLS_TESSERA_SCORED_LINES_H_
#define TESSERA_TOOLS_TESSERA_SCORED_LINES_H_

#include <tessera/translator.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tools/tessera/output.h"
#include "tools/tessera/progress.h"
#include "tools/tessera/text_source.h"

namespace tessera::tools {

// Scores all lines of an input, each "source TAB target". Of each it writes
//   text  total TAB perplexity TAB log-probability of each token, with spaces
//   json  {"source", "target", "total", "perplexity", "pieces", "ids",
//         "log_probs"}
// where total is the sum of the log-probabilities and perplexity e to the power
// of their mean with the sign turned. A line that fails gives an empty one, or
// an object with "error", and a message with its number.
class ScoredLines {
 public:
  struct Options {
    bool json = false;
    TranslateOptions translate = {};
  };

  // All four must outlive it.
  ScoredLines(const Translator& translator, TextSource& input, Output& output,
              Progress& progress, Options options);

  // Returns the number of lines that failed. Lines are scored together as they
  // come: a thousand, or as many as there are when no more come for a while.
  std::size_t Run();
  std::size_t texts() const { return texts_; }  // lines read

 private:
  struct Line {
    ScorePair pair = {};
    std::string error = {};  // why it is no pair
    std::string place = {};
    std::uint64_t end = 0;  // where it ends in the input
  };

  bool Read();
  void ScoreAll();
  void Write(const Line& line, const Translation& scored);

  const Translator& translator_;
  TextSource& input_;
  Output& output_;
  Progress& progress_;
  const Options options_;
  std::vector<Line> lines_;  // read and not scored
  std::size_t bytes_ = 0;    // in them
  std::size_t texts_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_SCORED_LINES_H_

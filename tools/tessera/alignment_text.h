// Alignments as text.
#ifndef TESSERA_TOOLS_TESSERA_ALIGNMENT_TEXT_H_
#define TESSERA_TOOLS_TESSERA_ALIGNMENT_TEXT_H_

#include <tessera/translation.h>

#include <cstddef>
#include <string>

#include "tools/tessera/common_options.h"

namespace tessera::tools {

// The alignment of a hypothesis, the best has rank 0.
//   kHard  "0-0 2-1", source and output tokens from 0, in the Pharaoh form
//   kSoft  the weights of each output token, with commas between, output tokens
//          with spaces; of a split text those of its sentences one after
//          another, each over the source tokens of its own
std::string AlignmentText(const Translation& translation,
                          ShownAlignments alignments, std::size_t rank = 0);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_ALIGNMENT_TEXT_H_

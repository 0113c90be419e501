// What the command line means: what newcomers mistype is named, with what they
// may have meant.
#ifndef TESSERA_TOOLS_TESSERA_COMMAND_LINE_H_
#define TESSERA_TOOLS_TESSERA_COMMAND_LINE_H_

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::tools {

// The word of `known` that `word` may have been meant to be: a third of its
// letters or fewer, two at least, are missing, added or another. Empty: none,
// or a word of fewer than four.
std::string Nearest(std::string_view word, std::span<const std::string> known);

// Of all options of a subcommand: the last one of several counts, so that
// wrappers can be overruled, unless all are taken; numbers (type "N", "ID",
// "X", "P" or "SIZE" in the help) are written in decimal digits, zeros before
// them do not count.
void MakeStrict(CLI::App& command);

// Throws CLI::ParseError if the subcommand was given options or words that it
// does not know.
void CheckKnown(const CLI::App& command);

// The arguments in the order that CLI11 reads them, `help` and `help COMMAND`
// as the option of that name. Throws CLI::ParseError for a first word that is
// no subcommand.
std::vector<std::string> Arguments(int argc, char** argv,
                                   const CLI::App& program);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_COMMAND_LINE_H_

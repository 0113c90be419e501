// Options that several commands have.
#ifndef TESSERA_TOOLS_TESSERA_COMMON_OPTIONS_H_
#define TESSERA_TOOLS_TESSERA_COMMON_OPTIONS_H_

#include <tessera/options.h>
#include <tessera/translator.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tessera::tools {

// --model, for FindModel().
CLI::Option* AddModelOption(CLI::App& command,
                            std::optional<std::filesystem::path>& folder);

// --precision.
void AddPrecisionOption(CLI::App& command, Precision& precision);

// --ignore-unsupported.
void AddIgnoreOption(CLI::App& command, bool& ignore_unsupported);

// Tells ModelInfo::warnings on standard error.
void TellWarnings(const Translator& translator);

// --threads.
void AddThreadsOption(CLI::App& command, LoadOptions& load);

// --text, which may be repeated.
CLI::Option* AddTextOption(CLI::App& command, std::vector<std::string>& texts,
                           const char* help);

// --source-lang, --target-lang.
void AddLanguageOptions(CLI::App& command, TranslateOptions& translate);

// --split, --normalize.
void AddSplitOption(CLI::App& command, TranslateOptions& translate);

// --NAME and --no-NAME, of which the last counts; what was there stays where
// neither is given. (CLI11 itself sets an optional of a flag to false then.)
void AddSwitch(CLI::App& command, const std::string& name,
               std::optional<bool>& value, const std::string& text);

// --keep, --keep-placeholders.
void AddKeepOptions(CLI::App& command, TranslateOptions& translate);

// --time-limit.
void AddTimeLimitOption(CLI::App& command, TranslateOptions& translate);

// How alignments are written.
enum class ShownAlignments { kNone, kHard, kSoft };

// --alignments, --alignment-layer, --alignment-head.
void AddAlignmentOptions(CLI::App& command, TranslateOptions& translate,
                         ShownAlignments& shown);

// --memory.
void AddMemoryOption(CLI::App& command, std::size_t& bytes);

// --shortlist, --shortlist-first, --shortlist-best.
void AddShortlistOptions(CLI::App& command, LoadOptions& load);

// --beam-size, --length-penalty, --max-length, --max-new-tokens,
// --source-lang, --target-lang, and those of AddTokenOptions().
void AddSearchOptions(CLI::App& command, TranslateOptions& translate);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_COMMON_OPTIONS_H_

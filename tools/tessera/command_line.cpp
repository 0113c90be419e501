// Checks before and after CLI11's own.
#include "tools/tessera/command_line.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace tessera::tools {
namespace {

// Levenshtein's distance, row by row.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

[[noreturn]] void Refuse(const std::string& what, std::string_view word,
                         std::span<const std::string> known) {
  const std::string nearest = Nearest(word, known);
  throw CLI::ParseError(what + std::string(word) +
                            (nearest.empty() ? "" : "; did you mean ") +
                            nearest + (nearest.empty() ? "" : "?"),
                        CLI::ExitCodes::ExtrasError);
}

std::vector<std::string> Names(const std::vector<const CLI::Option*>& options) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  return names;
}

// A count: digits, of which leading zeros would make octal numbers.
std::string CheckCount(std::string& text) {
  const bool digits = !text.empty() && std::ranges::all_of(text, [](char c) {
    return c >= '0' && c <= '9';
  });
  if (!digits) return "want a number in decimal digits, found \"" + text + '"';
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
  return "";
}

// A decimal fraction; hexadecimal ones are for other programs.
std::string CheckNumber(std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  const bool whole = !text.empty() && end == text.c_str() + text.size();
  if (whole && text.find_first_of("xX ") == std::string::npos) return "";
  return "want a number, found \"" + text + '"';
}

// Bytes with their unit, for CLI::AsSizeValue, which takes -1 for 2^64 - 1.
std::string CheckBytes(std::string& text) {
  if (!text.empty() && text.front() >= '0' && text.front() <= '9') return "";
  return "want bytes as 800M or 4G, found \"" + text + '"';
}

}  // namespace

std::string Nearest(std::string_view word, std::span<const std::string> known) {
  if (word.size() < 4) return "";
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  std::string nearest;
  for (const std::string& candidate : known) {
    const std::size_t distance = Distance(word, candidate);
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

void MakeStrict(CLI::App& command) {
  command.allow_extras();  // for CheckKnown
  for (CLI::Option* option : command.get_options()) {
    if (option->get_items_expected_max() == 1 &&
        option->get_multi_option_policy() == CLI::MultiOptionPolicy::Throw) {
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
    const std::string type = option->get_type_name();
    const std::string name = type.substr(0, type.find(':'));
    const bool count = name == "N" || name == "ID";
    const bool number = name == "X" || name == "P";
    if (count) option->transform(CLI::Validator(CheckCount, ""));
    if (type.starts_with("SIZE")) {
      option->transform(CLI::Validator(CheckBytes, ""));
    }
    if (number) option->transform(CLI::Validator(CheckNumber, ""));
  }
}

void CheckKnown(const CLI::App& command) {
  const std::vector<std::string> unknown = command.remaining();
  if (unknown.empty()) return;
  const std::string& word = unknown.front();
  if (!word.starts_with('-')) {
    Refuse(command.get_name() + ": unexpected argument ", word, {});
  }
  Refuse(command.get_name() + ": unknown option ",
         word.substr(0, word.find('=')), Names(command.get_options()));
}

std::vector<std::string> Arguments(int argc, char** argv,
                                   const CLI::App& program) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) return words;
  std::vector<std::string> known = Names(program.get_options());
  known.insert(known.end(), {"-h", "help"});
  for (const CLI::App* command : program.get_subcommands({})) {
    known.push_back(command->get_name());
  }
  const std::string first = words.front();
  if (std::ranges::find(known, first) == known.end()) {
    const bool option = first.starts_with('-');
    Refuse(option ? "unknown option " : "unknown subcommand ", first, known);
  }
  if (first == "help") {
    words.erase(words.begin());
    words.insert(words.begin() + (words.empty() ? 0 : 1), "--help");
  }
  std::ranges::reverse(words);  // CLI11 takes them from the end
  return words;
}

}  // namespace tessera::tools

// What a model is made of, and what this CPU will run.
#include "tools/tessera/inspect_command.h"

#include <tessera/translator.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/catalogue.h"
#include "kernels/isa.h"
#include "tools/tessera/common_options.h"
#include "tools/tessera/model_path.h"
#include "tools/tessera/output.h"

namespace tessera::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  tessera inspect
  tessera inspect --model opus-mt-en-de
  tessera inspect --kernels
  TESSERA_ISA=avx2 tessera inspect --kernels)";

struct Arguments {
  std::optional<std::filesystem::path> model;
  bool kernels = false;
};

using Facts = std::vector<std::pair<std::string, std::string>>;

// Names and values in two columns.
std::string Table(const Facts& facts) {
  std::size_t width = 0;
  for (const auto& [name, value] : facts) width = std::max(width, name.size());
  std::string table;
  for (const auto& [name, value] : facts) {
    table += name + std::string(width + 2 - name.size(), ' ') + value + "\n";
  }
  return table;
}

std::string DescribeModel(const std::filesystem::path& folder) {
  const Translator translator(folder);
  Facts facts = {{"folder", folder.string()}};
  for (auto& fact : translator.Describe()) facts.push_back(std::move(fact));
  return Table(facts);
}

std::string Features(bool present) {
  std::string names;
  for (const kernels::CpuFeature& feature : kernels::CpuFeatures()) {
    if (feature.present != present) continue;
    names += (names.empty() ? "" : " ") + std::string(feature.name);
  }
  return names.empty() ? "none" : names;
}

std::string Level() {
  const std::string active(kernels::Name(kernels::ActiveIsa()));
  const std::string detected(kernels::Name(kernels::DetectedIsa()));
  if (active == detected) return active + " (the highest that this CPU has)";
  return active + " (TESSERA_ISA; this CPU has " + detected + ")";
}

std::string DescribeKernel(const kernels::CatalogueRow& implementation) {
  std::string line = implementation.runs ? "  * " : "    ";
  line += implementation.name;
  if (implementation.isa > kernels::ActiveIsa()) {
    line += " (needs " + std::string(kernels::Name(implementation.isa)) + ")";
  } else if (implementation.runs && implementation.when) {
    line += " (" + std::string(implementation.when) + ")";
  }
  return line + "\n";
}

// The operations that translations call, or those that none calls.
std::string DescribeOperations(bool translates) {
  std::string text;
  for (const kernels::CatalogueEntry& operation : kernels::Catalogue()) {
    if (operation.translates != translates) continue;
    for (const auto& row : operation.rows) text += DescribeKernel(row);
  }
  return text;
}

std::string DescribeKernels() {
  return Table({{"CPU has", Features(true)},
                {"CPU lacks", Features(false)},
                {"level", Level()}}) +
         "\nImplementations, best first; * marks those that run, in brackets "
         "the calls they\ntake where the next one takes the rest:\n" +
         DescribeOperations(true) + "\nNo translation calls these yet:\n" +
         DescribeOperations(false);
}

}  // namespace

std::function<int()> AddInspectCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command = *program.add_subcommand(
      "inspect", "Tell what a model is made of, or what this CPU will run");
  command.footer(kExamples);
  CLI::Option* const model = AddModelOption(command, arguments->model);
  command
      .add_flag("--kernels", arguments->kernels,
                "tell CPU features and, for each operation, its "
                "implementations and those that run")
      ->excludes(model);
  return [arguments] {
    const std::string text = arguments->kernels
                                 ? DescribeKernels()
                                 : DescribeModel(ModelFolder(arguments->model));
    Output({}, -1).Write(text);
    return 0;
  };
}

}  // namespace tessera::tools

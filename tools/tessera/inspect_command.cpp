// What a model is made of, and what this CPU will run.
#include <tessera/translator.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/precision.h"
#include "kernels/catalogue.h"
#include "kernels/isa.h"
#include "tools/tessera/commands.h"
#include "tools/tessera/common_options.h"
#include "tools/tessera/model_path.h"
#include "tools/tessera/output.h"
#include "tools/tessera/terminal_text.h"

namespace tessera::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  tessera inspect
  tessera inspect --model opus-mt-en-de
  tessera inspect --kernels
  TESSERA_ISA=avx2 tessera inspect --kernels)";

struct Arguments {
  std::optional<std::filesystem::path> model;
  Precision precision = Precision::kAuto;
  bool kernels = false;
};

using Facts = std::vector<std::pair<std::string, std::string>>;

// Names and values in two columns.
std::string Table(const Facts& facts) {
  std::size_t width = 0;
  for (const auto& [name, value] : facts) width = std::max(width, name.size());
  std::string table;
  for (const auto& [name, value] : facts) {
    table += name + std::string(width + 2 - name.size(), ' ') + Escaped(value) +
             "\n";
  }
  return table;
}

std::string Short(double number, const char* format) {
  char text[64];
  std::snprintf(text, sizeof(text), format, number);
  return text;
}

std::string Pair(std::size_t source, std::size_t target) {
  return std::to_string(source) + ", " + std::to_string(target);
}

std::string Joined(const std::vector<std::string>& names) {
  if (names.empty()) return "none";
  std::string all;
  for (const std::string& name : names) {
    all += (all.empty() ? "" : ", ") + name;
  }
  return all;
}

void AddModel(const ModelInfo& info, Precision precision, Facts& facts) {
  const double mebibytes = static_cast<double>(info.memory_bytes) / (1 << 20);
  facts.emplace_back("architecture", info.architecture);
  facts.insert(facts.end(), info.dimensions.begin(), info.dimensions.end());
  facts.emplace_back("vocabulary (source, target)",
                     Pair(info.source_vocabulary, info.target_vocabulary));
  facts.emplace_back("parameters", std::to_string(info.parameters));
  facts.emplace_back("stored types", info.stored_types);
  std::string reason = engine::WeightsOf(precision).reason;
  if (!info.packed_for.empty()) {
    reason.assign("packed for ").append(info.packed_for);
  }
  facts.emplace_back("run-time type", info.compute_type + " (" + reason + ")");
  facts.emplace_back("keys and values", info.cache_type);
  facts.emplace_back("weights in memory", Short(mebibytes, "%.1f MiB"));
  facts.emplace_back("unused tensors", Joined(info.unused_tensors));
  for (const std::string& warning : info.warnings) {
    facts.emplace_back("warning", warning);
  }
  facts.emplace_back("tokenizer entries (source, target)",
                     Pair(info.source_pieces, info.target_pieces));
  if (!info.languages.empty()) {
    facts.emplace_back("languages", Joined(info.languages));
  }
}

void AddDefaults(const ModelInfo& info, Facts& facts) {
  facts.emplace_back("beam size", std::to_string(info.beam_size));
  facts.emplace_back("length penalty", Short(info.length_penalty, "%g"));
  facts.emplace_back("length penalty form", info.length_penalty_form);
  facts.emplace_back("early stopping", info.early_stopping);
  facts.emplace_back("max length", std::to_string(info.max_length));
}

std::string DescribeModel(const std::filesystem::path& folder,
                          Precision precision) {
  const Translator translator(
      folder, {.precision = precision, .ignore_unsupported = true});
  Facts facts = {{"folder", folder.string()}};
  AddModel(translator.info(), precision, facts);
  AddDefaults(translator.info(), facts);
  facts.emplace_back("instruction set", kernels::Name(kernels::ActiveIsa()));
  facts.emplace_back("threads", std::to_string(translator.threads()));
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

RunCommand AddInspectCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command = *program.add_subcommand(
      "inspect", "Tell what a model is made of, or what this CPU will run");
  command.footer(kExamples);
  CLI::Option* const model = AddModelOption(command, arguments->model);
  AddPrecisionOption(command, arguments->precision);
  command
      .add_flag("--kernels", arguments->kernels,
                "tell CPU features and, for each operation, its "
                "implementations and those that run")
      ->excludes(model);
  return [arguments] {
    const std::string text =
        arguments->kernels
            ? DescribeKernels()
            : DescribeModel(FindModel(arguments->model), arguments->precision);
    Output output(std::nullopt);
    output.Write(text);
    output.Close();
    return 0;
  };
}

}  // namespace tessera::tools

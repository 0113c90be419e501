// Options of `tessera pack`.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "engine/pack_folder.h"
#include "tools/tessera/commands.h"
#include "tools/tessera/common_options.h"
#include "tools/tessera/model_path.h"

namespace tessera::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  tessera pack opus-mt-en-de packed
  tessera translate --model packed < text.en
  tessera pack opus-mt-en-de exact --precision f32
  TESSERA_ISA=avx2 tessera pack opus-mt-en-de for-avx2

A packed folder starts at once, its memory is shared by all processes that use
it, and it gives the same translations. It is made for the level of this CPU and
for this release: others refuse it and say so. The folder that it was made of is
not needed any more, but for making it again.)";

struct Arguments {
  std::filesystem::path model;
  std::filesystem::path packed;
  Precision precision = Precision::kAuto;
};

}  // namespace

RunCommand AddPackCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command = *program.add_subcommand(
      "pack", "Make a folder that loads at once on CPUs like this one");
  command.footer(kExamples);
  command.add_option("MODEL", arguments->model, "Hugging Face folder")
      ->required()
      ->type_name("");
  command
      .add_option("OUT", arguments->packed,
                  "folder to make, which must not be there yet")
      ->required()
      ->type_name("");
  AddPrecisionOption(command, arguments->precision);
  return [arguments] {
    engine::PackFolder(FindModel(arguments->model), arguments->packed,
                       arguments->precision);
    return 0;
  };
}

}  // namespace tessera::tools

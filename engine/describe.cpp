// Facts as text.
#include "engine/describe.h"

#include <cstdio>

#include "kernels/isa.h"

namespace tessera::engine {
namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

std::string Short(double number, const char* format) {
  char text[64];
  std::snprintf(text, sizeof(text), format, number);
  return text;
}

std::string Mebibytes(std::size_t bytes) {
  return Short(static_cast<double>(bytes) / (1 << 20), "%.1f MiB");
}

std::string EarlyStopping(models::EarlyStopping rule) {
  switch (rule) {
    case models::EarlyStopping::kFirst:
      return "true";
    case models::EarlyStopping::kNever:
      return "never";
    case models::EarlyStopping::kTopBeam:
      return "top_beam";
    case models::EarlyStopping::kHeuristic:
      break;
  }
  return "false";
}

std::string LengthPenaltyForm(models::LengthPenaltyForm form) {
  return form == models::LengthPenaltyForm::kGnmt ? "gnmt" : "power";
}

std::string Joined(const std::vector<std::string>& names) {
  if (names.empty()) return "none";
  std::string all;
  for (const std::string& name : names) {
    all += (all.empty() ? "" : ", ") + name;
  }
  return all;
}

void AddModel(const models::ModelInfo& model, Facts& facts) {
  facts.emplace_back("architecture", model.architecture);
  facts.insert(facts.end(), model.dimensions.begin(), model.dimensions.end());
  facts.emplace_back("vocabulary (source, target)",
                     std::to_string(model.source_vocabulary) + ", " +
                         std::to_string(model.target_vocabulary));
  facts.emplace_back("parameters", std::to_string(model.parameters));
  facts.emplace_back("stored types", model.stored_types);
  facts.emplace_back("run-time type", model.compute_type);
  facts.emplace_back("weights in memory", Mebibytes(model.memory_bytes));
  facts.emplace_back("unused tensors", Joined(model.unused_tensors));
}

void AddGeneration(const models::GenerationConfig& generation, Facts& facts) {
  facts.emplace_back("beam size", std::to_string(generation.num_beams));
  facts.emplace_back("length penalty", Short(generation.length_penalty, "%g"));
  facts.emplace_back("length penalty form",
                     LengthPenaltyForm(generation.length_penalty_form));
  facts.emplace_back("early stopping",
                     EarlyStopping(generation.early_stopping));
  facts.emplace_back("max length", std::to_string(generation.max_length));
}

}  // namespace

Facts Describe(const Runtime& runtime) {
  Facts facts;
  const models::ModelInfo& model = runtime.model().info();
  AddModel(model, facts);
  facts.emplace_back("tokenizer entries (source, target)",
                     std::to_string(runtime.tokenizer().source_size()) + ", " +
                         std::to_string(runtime.tokenizer().target_size()));
  AddGeneration(model.generation, facts);
  facts.emplace_back("instruction set",
                     std::string(kernels::Name(kernels::ActiveIsa())));
  facts.emplace_back("threads", std::to_string(runtime.threads()));
  return facts;
}

}  // namespace tessera::engine

// Pairs through Translator::Score, some at a time.
#include "tools/tessera/scored_lines.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "tools/tessera/json_output.h"

namespace tessera::tools {
namespace {

constexpr std::size_t kLines = 1000;
constexpr std::size_t kBytes = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kPause{2};

double Perplexity(const Hypothesis& target) {
  return std::exp(-target.score / static_cast<double>(target.ids.size()));
}

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", value);
  return text;
}

std::string ToText(const Hypothesis& target) {
  std::string text =
      Number(target.score) + "\t" + Number(Perplexity(target)) + "\t";
  for (std::size_t i = 0; i < target.log_probs.size(); ++i) {
    text.append(i == 0 ? "" : " ").append(Number(target.log_probs[i]));
  }
  return text;
}

std::string ToJson(const ScorePair& pair, const Hypothesis* target,
                   const std::string& error) {
  using Json = nlohmann::ordered_json;
  Json line = {{"source", pair.source}, {"target", pair.target}};
  if (target != nullptr) {
    line["total"] = target->score;
    line["perplexity"] = Perplexity(*target);
    line["pieces"] = target->pieces;
    line["ids"] = target->ids;
    line["log_probs"] = target->log_probs;
  }
  if (!error.empty()) line["error"] = error;
  return JsonLine(line);
}

}  // namespace

ScoredLines::ScoredLines(const Translator& translator, TextSource& input,
                         Output& output, Progress& progress, Options options)
    : translator_(translator),
      input_(input),
      output_(output),
      progress_(progress),
      options_(std::move(options)) {}

std::size_t ScoredLines::Run() {
  while (Read()) {
  }
  ScoreAll();
  return failed_;
}

// Reads a line, or scores those that have been read. Returns false at the end.
bool ScoredLines::Read() {
  SourceText text;
  const TextSource::Status status =
      input_.Next(text, lines_.empty() ? std::nullopt : std::optional(kPause));
  if (status == TextSource::Status::kEnd) return false;
  if (status == TextSource::Status::kIdle) {
    ScoreAll();
    return true;
  }
  const std::string& line = text.text;
  const std::size_t tab = line.find('\t');
  Line read = {.error = text.error, .place = text.place, .end = text.end};
  if (tab == std::string::npos) {
    read.pair.source = line;
    if (read.error.empty()) {
      read.error = "want source, tab, target, found no tab";
    }
  } else {
    read.pair = {.source = line.substr(0, tab), .target = line.substr(tab + 1)};
    if (line.find('\t', tab + 1) != std::string::npos) {
      read.error = "want source, tab, target, found more than one tab";
    }
  }
  bytes_ += line.size();
  lines_.push_back(std::move(read));
  if (lines_.size() == kLines || bytes_ > kBytes) ScoreAll();
  return true;
}

void ScoredLines::ScoreAll() {
  std::vector<ScorePair> pairs;
  for (const Line& line : lines_) {
    if (line.error.empty()) pairs.push_back(line.pair);
  }
  const std::vector<Translation> scored =
      translator_.Score(pairs, options_.translate);
  auto next = scored.begin();
  const Translation none;
  for (const Line& line : lines_) {
    Write(line, line.error.empty() ? *next++ : none);
  }
  lines_.clear();
  bytes_ = 0;
}

void ScoredLines::Write(const Line& line, const Translation& scored) {
  const std::string& error = line.error.empty() ? scored.error : line.error;
  const Hypothesis* const target =
      scored.hypotheses.empty() ? nullptr : &scored.hypotheses.front();
  const std::string text = options_.json ? ToJson(line.pair, target, error)
                           : target      ? ToText(*target)
                                         : std::string();
  output_.Write(text + "\n");
  ++texts_;
  if (!error.empty()) {
    ++failed_;
    progress_.Report(line.place + ": " + error);
  }
  progress_.Add(target == nullptr ? 0 : target->ids.size(), line.end);
}

}  // namespace tessera::tools

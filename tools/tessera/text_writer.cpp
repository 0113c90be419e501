// Lines, JSON and folders of outputs.
#include "tools/tessera/text_writer.h"

#include <tessera/error.h>

#include <cstdio>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "tools/tessera/alignment_text.h"
#include "tools/tessera/json_output.h"
#include "tools/tessera/line_text.h"

namespace tessera::tools {
void LineWriter::Write(const SourceText& text, const Translation& translation) {
  output_.Write(Line(text, translation) + "\n");
}

std::string LineWriter::Line(const SourceText& text,
                             const Translation& translation) {
  if (!translation.ok()) return "";
  std::string line = lines_.keeps_space
                         ? LineText(text.text, translation.text())
                         : OneLine(translation.text());
  if (lines_.alignments != ShownAlignments::kNone) {
    line += " ||| " + AlignmentText(translation, lines_.alignments);
  }
  return lines_.format ? lines_.format->Write(text.line, line) : line;
}

void NBestWriter::Write(const SourceText&, const Translation& translation) {
  std::string lines;
  for (std::size_t rank = 0; rank < translation.hypotheses.size(); ++rank) {
    const Hypothesis& output = translation.hypotheses[rank];
    lines += std::to_string(texts_) + " ||| " + OneLine(output.text) + " ||| ";
    if (lines_.alignments != ShownAlignments::kNone) {
      lines += AlignmentText(translation, lines_.alignments, rank) + " ||| ";
    }
    char score[32];
    std::snprintf(score, sizeof score, "%.6g", output.score);
    lines.append(score).append("\n");
  }
  ++texts_;
  output_.Write(lines);
}

void JsonWriter::Write(const SourceText& text, const Translation& translation) {
  const std::string object = ToJson(text, translation, lines_.alignments);
  output_.Write(
      (lines_.format ? lines_.format->WriteJson(text.line, object) : object) +
      "\n");
}

FolderWriter::FolderWriter(std::filesystem::path folder,
                           const std::vector<std::filesystem::path>& files)
    : folder_(std::move(folder)) {
  std::set<std::filesystem::path> names;
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (!std::filesystem::is_directory(folder_, error)) {
    throw Error(folder_.string() + ": want a folder to write into, found none");
  }
  for (const std::filesystem::path& file : files) {
    const std::filesystem::path name = file.filename();
    if (!names.insert(name).second) {
      throw Error("--output-dir: want files of different names, found two of " +
                  name.string());
    }
    if (std::filesystem::equivalent(file, folder_ / name, error)) {
      throw Error((folder_ / name).string() +
                  ": want an output file, found the input");
    }
  }
}

void FolderWriter::Write(const SourceText& text,
                         const Translation& translation) {
  if (!translation.ok()) return;
  const std::filesystem::path name =
      std::filesystem::path(text.place).filename();
  Output output(folder_ / name);
  output.Write(std::string(translation.text()) + "\n");
  output.Close();
}

}  // namespace tessera::tools

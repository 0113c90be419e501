// The forms in which outputs are written.
#ifndef TESSERA_TOOLS_TESSERA_TEXT_WRITER_H_
#define TESSERA_TOOLS_TESSERA_TEXT_WRITER_H_

#include <tessera/translation.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/tessera/common_options.h"
#include "tools/tessera/line_format.h"
#include "tools/tessera/output.h"
#include "tools/tessera/text_source.h"

namespace tessera::tools {

class TextWriter {
 public:
  virtual ~TextWriter() = default;
  virtual void Write(const SourceText& text,
                     const Translation& translation) = 0;
  // Reports what a file system tells of late.
  virtual void Close() {}
  virtual bool IsTerminal() const { return false; }
  // Texts whose outputs were written before.
  virtual std::size_t written() const { return 0; }
};

// What lines hold beside the best output.
struct WrittenLines {
  // What the texts came in; nothing: they were the lines.
  const LineFormat* format = nullptr;
  ShownAlignments alignments = ShownAlignments::kNone;
  bool keeps_space = false;  // that round the source, in text
  bool blocks = false;       // the texts came in blocks, which are written
};

// The best output on a line of its own, empty for a text that failed.
class LineWriter final : public TextWriter {
 public:
  LineWriter(Output& output, const WrittenLines& lines)
      : output_(output), lines_(lines) {}
  void Write(const SourceText& text, const Translation& translation) override;

 private:
  std::string Line(const SourceText& text, const Translation& translation);

  Output& output_;
  const WrittenLines lines_;
};

// Every output on a line of its own, "NUMBER ||| TEXT ||| SCORE", the texts
// counted from 0, where alignments are wanted with one before the score; none
// of a text that failed.
class NBestWriter final : public TextWriter {
 public:
  NBestWriter(Output& output, const WrittenLines& lines)
      : output_(output), lines_(lines) {}
  void Write(const SourceText& text, const Translation& translation) override;

 private:
  Output& output_;
  const WrittenLines lines_;
  std::size_t texts_ = 0;
};

// An object a line: see ToJson.
class JsonWriter final : public TextWriter {
 public:
  JsonWriter(Output& output, const WrittenLines& lines)
      : output_(output), lines_(lines) {}
  void Write(const SourceText& text, const Translation& translation) override;

 private:
  Output& output_;
  const WrittenLines lines_;
};

// A file a document, of the same name, in a folder. Texts that failed get none.
class FolderWriter final : public TextWriter {
 public:
  // Makes the folder unless it is there. Throws Error, also if two of `files`
  // have one name, or if one is in that folder already.
  FolderWriter(std::filesystem::path folder,
               const std::vector<std::filesystem::path>& files);
  void Write(const SourceText& text, const Translation& translation) override;

 private:
  std::filesystem::path folder_;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_TEXT_WRITER_H_

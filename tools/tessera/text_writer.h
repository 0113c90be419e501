// The forms in which outputs are written.
#ifndef TESSERA_TOOLS_TESSERA_TEXT_WRITER_H_
#define TESSERA_TOOLS_TESSERA_TEXT_WRITER_H_

#include <tessera/translation.h>

#include <filesystem>
#include <vector>

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
};

// The best output on a line of its own, empty for a text that failed.
class LineWriter final : public TextWriter {
 public:
  explicit LineWriter(Output& output) : output_(output) {}
  void Write(const SourceText& text, const Translation& translation) override;

 private:
  Output& output_;
};

// An object a line: see ToJson.
class JsonWriter final : public TextWriter {
 public:
  explicit JsonWriter(Output& output) : output_(output) {}
  void Write(const SourceText& text, const Translation& translation) override;

 private:
  Output& output_;
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

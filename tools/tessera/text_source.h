// Where the texts of a command come from, one by one, in bounded memory.
#ifndef TESSERA_TOOLS_TESSERA_TEXT_SOURCE_H_
#define TESSERA_TOOLS_TESSERA_TEXT_SOURCE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/tessera/line_format.h"
#include "tools/tessera/line_reader.h"

namespace tessera::tools {

struct Block;

// A text and its name.
struct SourceText {
  std::string text;
  std::string place;  // for messages: "line 3", "record 3", "letters/a.txt"
  // What JSON output says of it beside its text: {"id": 17}, "" for nothing.
  std::string label = {};
  std::uint64_t end = 0;   // where it ends in the input
  std::string error = {};  // why there is no text; empty if there is
  std::string line = {};   // of a LineFormat: what the text was taken from
  std::optional<TranslateOptions> options = {};  // its own, if it has some
  // Of a file in blocks: what it stands in, the how manieth of its texts.
  std::shared_ptr<const Block> block = {};
  std::size_t part = 0;
};

// Whether two paths lead to one regular file.
bool SameFile(const std::filesystem::path& a, const std::filesystem::path& b);

class TextSource {
 public:
  virtual ~TextSource() = default;

  enum class Status { kText, kIdle, kEnd };

  // Puts the next text into `text`, waiting for it without end or until no more
  // has come for `patience`, which gives kIdle. Throws Error if reading fails.
  virtual Status Next(SourceText& text,
                      std::optional<std::chrono::milliseconds> patience) = 0;

  // Bytes of all texts, where that is known.
  virtual std::optional<std::uint64_t> size_bytes() const = 0;
  // Whether the output must not be this file, which is being read.
  virtual bool Reads(const std::filesystem::path& file) const = 0;
};

// Where lines come from: texts of the command line, a line each, if there are
// some; else a file, or standard input.
struct LineInput {
  std::optional<std::filesystem::path> file = {};
  std::vector<std::string> texts = {};
};

// A text a line.
class LineSource final : public TextSource {
 public:
  // Throws Error if the file cannot be opened.
  explicit LineSource(const LineInput& input) : texts_(input.texts) {
    if (texts_.empty()) lines_.emplace(input.file);
  }

  Status Next(SourceText& text,
              std::optional<std::chrono::milliseconds> patience) override;
  std::optional<std::uint64_t> size_bytes() const override;
  bool Reads(const std::filesystem::path& file) const override;

 private:
  Status NextText(SourceText& text);

  std::vector<std::string> texts_;
  std::optional<LineReader> lines_;  // if there are no texts
  std::size_t count_ = 0;
  std::uint64_t position_ = 0;  // in the texts
};

// A text a line that holds other things, too.
class FormattedSource final : public TextSource {
 public:
  // `options` are those of a line that says nothing else. The format must
  // outlive it.
  FormattedSource(const LineInput& input, const LineFormat& format,
                  const TranslateOptions& options)
      : lines_(input), format_(format), options_(options) {}

  Status Next(SourceText& text,
              std::optional<std::chrono::milliseconds> patience) override;
  std::optional<std::uint64_t> size_bytes() const override {
    return lines_.size_bytes();
  }
  bool Reads(const std::filesystem::path& file) const override {
    return lines_.Reads(file);
  }

 private:
  LineSource lines_;
  const LineFormat& format_;
  const TranslateOptions& options_;
};

// A text a record: lines of JSON, each an object with the text under a key, and
// perhaps an "id", which outputs repeat, or the text alone. Blank lines are no
// records.
class RecordSource final : public TextSource {
 public:
  RecordSource(const std::optional<std::filesystem::path>& file,
               std::string key)
      : lines_({.file = file}), key_(std::move(key)) {}

  Status Next(SourceText& text,
              std::optional<std::chrono::milliseconds> patience) override;
  std::optional<std::uint64_t> size_bytes() const override {
    return lines_.size_bytes();
  }
  bool Reads(const std::filesystem::path& file) const override {
    return lines_.Reads(file);
  }

 private:
  LineSource lines_;
  std::string key_;
};

// A text a file, without line ends at its end; "-" is standard input. Files are
// opened when their turn comes.
class DocumentSource final : public TextSource {
 public:
  explicit DocumentSource(std::vector<std::filesystem::path> files)
      : files_(std::move(files)) {}

  Status Next(SourceText& text,
              std::optional<std::chrono::milliseconds> patience) override;
  std::optional<std::uint64_t> size_bytes() const override;
  bool Reads(const std::filesystem::path& file) const override;

 private:
  std::vector<std::filesystem::path> files_;
  std::size_t next_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_TEXT_SOURCE_H_

// Where translations go: a file or standard output.
#ifndef TESSERA_TOOLS_TESSERA_OUTPUT_H_
#define TESSERA_TOOLS_TESSERA_OUTPUT_H_

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::tools {

// Unbuffered: what was written is there even if the program dies. A write takes
// a microsecond, a translation a thousand. A regular file is written beside, as
// FILE.part, and takes its name at the end: until then what had that name
// stays.
class Output {
 public:
  // Standard output (none, or "-"), or a file. With `resumes` it goes on behind
  // the last whole line of a FILE.part that is there. Throws Error.
  explicit Output(const std::optional<std::filesystem::path>& file,
                  bool resumes = false);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Writes all of `bytes`; throws Error if the reader is gone, the disk is
  // full, ...
  void Write(std::string_view bytes);

  // Gives the file its name. Reports what a file system tells of late.
  void Close();

  // Lines that were there.
  std::size_t lines_kept() const { return lines_kept_; }

  bool IsTerminal() const;

 private:
  [[noreturn]] void Fail() const;
  void OpenBeside(bool resumes);
  void KeepWholeLines();

  std::string name_;
  std::string part_;  // while it is written beside
  std::size_t lines_kept_ = 0;
  int descriptor_;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_OUTPUT_H_

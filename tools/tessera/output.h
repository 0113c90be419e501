// Where translations go: a file or standard output.
#ifndef TESSERA_TOOLS_TESSERA_OUTPUT_H_
#define TESSERA_TOOLS_TESSERA_OUTPUT_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::tools {

// Unbuffered: what was written is there even if the program dies. A write takes
// a microsecond, a translation a thousand.
class Output {
 public:
  // Standard output (none, or "-"), or a file, which is emptied if it exists.
  // Throws Error.
  explicit Output(const std::optional<std::filesystem::path>& file);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Writes all of `bytes`; throws Error if the reader is gone, the disk is
  // full, ...
  void Write(std::string_view bytes);

  // Reports what a file system tells of late.
  void Close();

  bool IsTerminal() const;

 private:
  [[noreturn]] void Fail() const;

  std::string name_;
  int descriptor_;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_OUTPUT_H_

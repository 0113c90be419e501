// Lines of text from a file, pipe or terminal, in bounded memory.
#ifndef TESSERA_TOOLS_TESSERA_LINE_READER_H_
#define TESSERA_TOOLS_TESSERA_LINE_READER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::tools {

// A line ends with LF or CR LF, the last one also with the input. A byte order
// mark at the start of the input is skipped, and is no line if it is alone.
class LineReader {
 public:
  // A longer line is read past, not kept.
  static constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;

  // Standard input (none, or "-"), or a file. Throws Error if it cannot be
  // opened.
  explicit LineReader(const std::optional<std::filesystem::path>& file);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  enum class Status { kLine, kTooLong, kIdle, kEnd };

  // Puts the next line into `line` (nothing, if it is too long), waiting for it
  // without end or until no more has come for `patience`, which gives kIdle.
  // Throws Error if reading fails, or if the input begins as UTF-16 does.
  Status Next(std::string& line,
              std::optional<std::chrono::milliseconds> patience);

  // Bytes in a regular file; nothing for a pipe or terminal.
  std::optional<std::uint64_t> size_bytes() const;
  // The bytes behind the last line given: LF, CR LF or none; and those before
  // it, a byte order mark or none.
  std::string_view ending() const { return ending_; }
  std::string_view opening() const { return opening_; }
  // Bytes up to the end of the last line given.
  std::uint64_t position_bytes() const { return position_; }

  int descriptor() const { return descriptor_; }

 private:
  Status Finish(std::string& line, std::string_view ending);
  void Keep(std::string_view part);
  bool WaitForInput(std::chrono::milliseconds patience) const;
  void Fill();
  void CheckEncoding() const;

  std::string name_;
  int descriptor_;
  std::string buffer_;     // bytes read ...
  std::size_t begin_ = 0;  // ... of which these have been used
  std::string partial_;    // the line so far
  bool open_ = false;      // a byte of it has come
  bool too_long_ = false;  // it exceeds the limit
  bool first_ = true;      // it is the input's first
  bool ended_ = false;     // the input was read to its end
  std::uint64_t position_ = 0;
  std::string_view ending_;
  std::string_view opening_;
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_LINE_READER_H_

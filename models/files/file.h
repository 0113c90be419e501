// Regular files read piece by piece into memory that the caller owns, or
// mapped.
//
// Files that others write are read: whoever downloads or copies into a folder
// may cut a file short, and a mapped file then kills the process with SIGBUS,
// while a read gives an error. A file is mapped only if this program alone
// writes it, under another name first, so that it is replaced as a whole and
// what was mapped stays: packed_file.h.
#ifndef TESSERA_MODELS_FILES_FILE_H_
#define TESSERA_MODELS_FILES_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace tessera::models {

// The bytes of a file, read only, shared with all who map it; they stay as long
// as `owner` has owners.
struct MappedBytes {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
};

// An open regular file.
class File {
 public:
  // Opens for reading. Throws tessera::Error with the path when it is absent,
  // unreadable, not a regular file (a directory, pipe or device; a symbolic
  // link is followed), or longer than max_bytes.
  static File Open(
      const std::filesystem::path& path,
      std::uint64_t max_bytes = std::numeric_limits<std::uint64_t>::max());
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  // The base name, with which messages about the contents begin.
  const std::string& name() const { return name_; }
  // At the time of opening.
  std::uint64_t size_bytes() const { return size_bytes_; }

  // Fills `out` with the bytes at [offset, offset + out.size()). Throws
  // tessera::Error when that is past the end, which it can become if the file
  // shrinks after it was opened.
  void ReadAt(std::uint64_t offset, std::span<std::byte> out) const;

  // The same into new memory: text, and a little-endian number of 8 bytes.
  std::string Read(std::uint64_t offset, std::uint64_t bytes) const;
  std::uint64_t ReadNumber(std::uint64_t offset) const;

  // All of it, from a page's beginning. Throws tessera::Error.
  MappedBytes Map() const;

  // Throws tessera::Error "NAME: byte 123: want WANT, found FOUND".
  [[noreturn]] void Fail(std::uint64_t at, const std::string& want,
                         const std::string& found) const;

 private:
  File(int descriptor, std::string name, std::uint64_t size_bytes)
      : descriptor_(descriptor),
        name_(std::move(name)),
        size_bytes_(size_bytes) {}

  int descriptor_ = -1;
  std::string name_;
  std::uint64_t size_bytes_ = 0;
};

// The contents of a regular file of at most max_bytes. Throws tessera::Error
// for what stands in its place (PlaceholderKind, foreign_folder.h).
std::string ReadWholeFile(const std::filesystem::path& path,
                          std::uint64_t max_bytes);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_FILES_FILE_H_

// File over POSIX open, fstat and pread.
#include "models/files/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <tessera/error.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tessera::models {
namespace {

std::string SystemMessage(int error) {
  return std::generic_category().message(error);
}

const char* Kind(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  if (S_ISSOCK(mode)) return "a socket";
  return "something else";
}

}  // namespace

File File::Open(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const std::string shown = path.string();
  // O_NONBLOCK: opening a pipe that nobody writes to must not wait.
  const int descriptor =
      open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) {
    throw Error(shown +
                ": want a readable file, found: " + SystemMessage(errno));
  }
  File file(descriptor, path.filename().string(), 0);
  struct stat status {};
  if (fstat(descriptor, &status) != 0) {
    throw Error(shown +
                ": want a readable file, found: " + SystemMessage(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    throw Error(shown + ": want a regular file, found " + Kind(status.st_mode));
  }
  file.size_bytes_ = static_cast<std::uint64_t>(status.st_size);
  if (file.size_bytes_ > max_bytes) {
    throw Error(shown + ": want at most " + std::to_string(max_bytes) +
                " bytes, found " + std::to_string(file.size_bytes_));
  }
  return file;
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      name_(std::move(other.name_)),
      size_bytes_(other.size_bytes_) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(name_, other.name_);
  std::swap(size_bytes_, other.size_bytes_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

void File::ReadAt(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset > size_bytes_ || out.size() > size_bytes_ - offset) {
    throw Error(name_ + ": want " + std::to_string(out.size()) +
                " bytes at byte " + std::to_string(offset) +
                ", found the end of the file at " +
                std::to_string(size_bytes_));
  }
  while (!out.empty()) {
    const ssize_t count =
        pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(name_ + ": " + SystemMessage(errno));
    if (count == 0) {
      throw Error(name_ + ": want " + std::to_string(size_bytes_) +
                  " bytes as when it was opened, found only " +
                  std::to_string(offset));
    }
    offset += static_cast<std::uint64_t>(count);
    out = out.subspan(static_cast<std::size_t>(count));
  }
}

void File::Fail(std::uint64_t at, const std::string& want,
                const std::string& found) const {
  throw Error(name_ + ": byte " + std::to_string(at) + ": want " + want +
              ", found " + found);
}

std::string ReadWholeFile(const std::filesystem::path& path,
                          std::uint64_t max_bytes) {
  const File file = File::Open(path, max_bytes);
  std::string text(static_cast<std::size_t>(file.size_bytes()), '\0');
  file.ReadAt(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace tessera::models

// File over POSIX open, fstat, pread and mmap.
#include "models/files/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <system_error>
#include <utility>

#include "models/files/foreign_folder.h"
#include "models/files/message.h"

namespace tessera::models {
namespace {

std::string SystemMessage() { return std::generic_category().message(errno); }

[[noreturn]] void FailToOpen(const std::string& shown) {
  const std::string message = SystemMessage();
  struct stat link {};
  const bool broken = errno == ENOENT && lstat(shown.c_str(), &link) == 0;
  throw Error(Cat(shown, ": want a readable file, found: ", message,
                  broken ? " behind this link; download it again" : ""));
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
  if (descriptor < 0) FailToOpen(shown);
  File file(descriptor, path.filename().string(), 0);
  struct stat status {};
  if (fstat(descriptor, &status) != 0) FailToOpen(shown);
  if (!S_ISREG(status.st_mode)) {
    Refuse(shown, "a regular file", Kind(status.st_mode));
  }
  file.size_bytes_ = static_cast<std::uint64_t>(status.st_size);
  if (file.size_bytes_ > max_bytes) {
    Refuse(shown, Cat("at most ", max_bytes, " bytes"), file.size_bytes_);
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
    Refuse(name_, Cat(out.size(), " bytes at byte ", offset),
           Cat("the end of the file at ", size_bytes_));
  }
  while (!out.empty()) {
    const ssize_t count =
        pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(name_ + ": " + SystemMessage());
    if (count == 0) {
      Refuse(name_, Cat(size_bytes_, " bytes as when it was opened"),
             Cat("only ", offset));
    }
    offset += static_cast<std::uint64_t>(count);
    out = out.subspan(static_cast<std::size_t>(count));
  }
}

std::string File::Read(std::uint64_t offset, std::uint64_t bytes) const {
  std::string text(static_cast<std::size_t>(bytes), '\0');
  ReadAt(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

std::uint64_t File::ReadNumber(std::uint64_t offset) const {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t number = 0;
  ReadAt(offset, std::as_writable_bytes(std::span(&number, 1)));
  return number;
}

MappedBytes File::Map() const {
  const auto size = static_cast<std::size_t>(size_bytes_);
  if (size == 0) return {};
  void* const data = mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor_, 0);
  if (data == MAP_FAILED) throw Error(name_ + ": mmap: " + SystemMessage());
  const auto unmap = [size](const void* p) {
    munmap(const_cast<void*>(p), size);
  };
  return {.bytes = {static_cast<const std::byte*>(data), size},
          .owner = std::shared_ptr<const void>(data, unmap)};
}

void File::Fail(std::uint64_t at, const std::string& want,
                const std::string& found) const {
  Refuse(Cat(name_, ": byte ", at), want, found);
}

std::string ReadWholeFile(const std::filesystem::path& path,
                          std::uint64_t max_bytes) {
  const File file = File::Open(path, max_bytes);
  std::string text = file.Read(0, file.size_bytes());
  const std::string_view kind = PlaceholderKind(text);
  if (!kind.empty()) Refuse(file.name(), "the file itself", kind);
  return text;
}

}  // namespace tessera::models

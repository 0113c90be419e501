// Output on POSIX descriptors.
#include "tools/tessera/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <tessera/error.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tessera::tools {
namespace {

bool IsFile(int descriptor, const struct stat& file) {
  struct stat own;
  return fstat(descriptor, &own) == 0 && S_ISREG(own.st_mode) &&
         own.st_dev == file.st_dev && own.st_ino == file.st_ino;
}

}  // namespace

Output::Output(const std::optional<std::filesystem::path>& file, int input)
    : name_(file && *file != "-" ? file->string() : "standard output"),
      descriptor_(STDOUT_FILENO) {
  const bool named = file && *file != "-";
  struct stat to;
  const bool known =
      named ? stat(file->c_str(), &to) == 0 : fstat(STDOUT_FILENO, &to) == 0;
  if (known && IsFile(input, to)) {
    throw Error(name_ + ": want an output file, found the input");
  }
  if (!named) return;
  descriptor_ =
      open(file->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) Fail();
}

Output::~Output() {
  if (descriptor_ > STDOUT_FILENO) close(descriptor_);
}

void Output::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      Fail();
    }
  }
}

void Output::Close() {
  if (close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) Fail();
}

bool Output::IsTerminal() const { return isatty(descriptor_) == 1; }

void Output::Fail() const {
  throw Error(name_ + ": want to write, found: " + std::strerror(errno));
}

}  // namespace tessera::tools

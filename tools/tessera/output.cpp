// Output on POSIX descriptors.
#include "tools/tessera/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <tessera/error.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

namespace tessera::tools {

Output::Output(const std::optional<std::filesystem::path>& file, bool resumes)
    : name_(file && *file != "-" ? file->string() : "standard output"),
      descriptor_(STDOUT_FILENO) {
  if (!file || *file == "-") return;
  std::error_code unknown;
  const auto kind = std::filesystem::status(*file, unknown).type();
  if (kind == std::filesystem::file_type::regular ||
      kind == std::filesystem::file_type::not_found) {
    // A link stays one; what it leads to is written.
    name_ = std::filesystem::weakly_canonical(*file, unknown).string();
    if (unknown) name_ = file->string();
    OpenBeside(resumes);
    return;
  }
  descriptor_ = open(file->c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor_ < 0) Fail();
}

void Output::OpenBeside(bool resumes) {
  part_ = name_ + ".part";
  descriptor_ =
      open(part_.c_str(),
           O_RDWR | O_CREAT | O_CLOEXEC | (resumes ? 0 : O_TRUNC), 0666);
  if (descriptor_ < 0) Fail();
  struct stat old;
  if (stat(name_.c_str(), &old) == 0) fchmod(descriptor_, old.st_mode & 0777);
  if (resumes) KeepWholeLines();
}

// Counts the lines and cuts off one that has no end.
void Output::KeepWholeLines() {
  std::string bytes(std::size_t{64} << 10, '\0');
  off_t read_to = 0, whole = 0;
  for (;;) {
    const ssize_t count = read(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) Fail();
    if (count == 0) break;
    for (ssize_t i = 0; i < count; ++i) {
      if (bytes[static_cast<std::size_t>(i)] != '\n') continue;
      ++lines_kept_;
      whole = read_to + i + 1;
    }
    read_to += count;
  }
  if (ftruncate(descriptor_, whole) != 0 ||
      lseek(descriptor_, whole, SEEK_SET) != whole) {
    Fail();
  }
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
  if (!part_.empty() && rename(part_.c_str(), name_.c_str()) != 0) Fail();
}

bool Output::IsTerminal() const { return isatty(descriptor_) == 1; }

void Output::Fail() const {
  throw Error(name_ + ": want to write, found: " + std::strerror(errno));
}

}  // namespace tessera::tools

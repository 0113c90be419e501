// Output on POSIX descriptors.
#include "tools/tessera/output.h"

#include <fcntl.h>
#include <tessera/error.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tessera::tools {
Output::Output(const std::optional<std::filesystem::path>& file)
    : name_(file && *file != "-" ? file->string() : "standard output"),
      descriptor_(STDOUT_FILENO) {
  if (!file || *file == "-") return;
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

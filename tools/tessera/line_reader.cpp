// LineReader on POSIX descriptors.
#include "tools/tessera/line_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <tessera/error.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "tools/tessera/encoding.h"

namespace tessera::tools {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kReadBytes = std::size_t{64} << 10;

[[noreturn]] void Fail(const std::string& name) {
  throw Error(name + ": want to read, found: " + std::strerror(errno));
}

}  // namespace

LineReader::LineReader(const std::optional<std::filesystem::path>& file)
    : name_(file && *file != "-" ? file->string() : "standard input"),
      descriptor_(STDIN_FILENO) {
  if (!file || *file == "-") return;
  descriptor_ = open(file->c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) Fail(name_);
}

LineReader::~LineReader() {
  if (descriptor_ != STDIN_FILENO) close(descriptor_);
}

LineReader::Status LineReader::Next(
    std::string& line, std::optional<std::chrono::milliseconds> patience) {
  for (;;) {
    const auto rest = std::string_view(buffer_).substr(begin_);
    const std::size_t newline = rest.find('\n');
    Keep(rest.substr(0, newline));
    if (newline != std::string_view::npos) {
      begin_ += newline + 1;
      position_ += 1;
      return Finish(line, "\r\n");
    }
    begin_ = buffer_.size();
    const bool mark_alone = first_ && partial_ == kByteOrderMark;
    if (ended_) {
      return open_ && !mark_alone ? Finish(line, "\r") : Status::kEnd;
    }
    if (patience && !WaitForInput(*patience)) return Status::kIdle;
    Fill();
  }
}

void LineReader::Keep(std::string_view part) {
  position_ += part.size();
  open_ = open_ || !part.empty();
  // A CR that belongs to the line's end does not count.
  too_long_ = too_long_ || partial_.size() + part.size() > kMaxLineBytes + 1;
  if (too_long_) {
    partial_.clear();
  } else {
    partial_ += part;
  }
}

// `ending` is that of a line that ends with CR.
LineReader::Status LineReader::Finish(std::string& line,
                                      std::string_view ending) {
  line = std::exchange(partial_, {});
  const bool marked =
      std::exchange(first_, false) && line.starts_with(kByteOrderMark);
  opening_ = marked ? kByteOrderMark : "";
  line.erase(0, opening_.size());
  const bool returns = line.ends_with('\r');
  if (returns) line.pop_back();
  ending_ = ending.substr(returns ? 0 : 1);
  open_ = false;
  const bool kept = !std::exchange(too_long_, false);
  if (kept && line.size() <= kMaxLineBytes) return Status::kLine;
  line.clear();
  return Status::kTooLong;
}

bool LineReader::WaitForInput(std::chrono::milliseconds patience) const {
  pollfd input = {.fd = descriptor_, .events = POLLIN, .revents = 0};
  return poll(&input, 1, static_cast<int>(patience.count())) != 0;
}

void LineReader::Fill() {
  buffer_.resize(kReadBytes);
  begin_ = 0;
  ssize_t count = 0;
  do {
    count = read(descriptor_, buffer_.data(), buffer_.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) Fail(name_);
  buffer_.resize(static_cast<std::size_t>(count));
  ended_ = count == 0;
  if (position_ == 0 && !open_) CheckEncoding();
}

// Of the first bytes that came.
void LineReader::CheckEncoding() const {
  const std::string encoding(WideEncoding(buffer_));
  if (encoding.empty()) return;
  throw Error(name_ + ": want UTF-8, found " + encoding + "; iconv -f " +
              encoding + " -t UTF-8 makes the one of the other");
}

std::optional<std::uint64_t> LineReader::size_bytes() const {
  struct stat status;
  if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace tessera::tools

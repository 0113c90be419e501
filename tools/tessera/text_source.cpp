// Lines, records and documents as texts.
#include "tools/tessera/text_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <tessera/error.h>
#include <tessera/options.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "models/files/json.h"
#include "models/files/json_document.h"

namespace tessera::tools {
namespace {

using Patience = std::optional<std::chrono::milliseconds>;

constexpr const char* kStandardInput = "-";

std::string TooLong(std::size_t most) {
  return "want at most " + std::to_string(most) + " bytes, found more";
}

// {"KEY": VALUE}, for SourceText::label.
std::string Label(const char* key, nlohmann::json value) {
  constexpr int kOneLine = -1;
  constexpr bool kAscii = false;
  return nlohmann::json{{key, std::move(value)}}.dump(
      kOneLine, ' ', kAscii, nlohmann::json::error_handler_t::replace);
}

// Text and label of a record. Throws Error.
void ReadRecord(const std::string& line, const std::string& key,
                SourceText& text) {
  models::JsonDocument document = models::ParseJson(text.place, line, {});
  nlohmann::json& record = document.root;
  if (record.is_object() && record.contains("id")) {
    text.label = Label("id", record["id"]);
  }
  const nlohmann::json* found = &record;
  if (record.is_object()) {
    if (!record.contains(key)) {
      throw Error("want the key \"" + key + "\", found none such");
    }
    found = &record[key];
  }
  if (!found->is_string()) {
    throw Error("want a text, found " + models::QuoteJson(*found));
  }
  text.text = found->get<std::string>();
}

bool IsBlank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& file)
      : number_(file == kStandardInput
                    ? STDIN_FILENO
                    : open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (number_ > STDIN_FILENO) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

// Reads what there is, but no more than `most` bytes. False on failure.
bool ReadUpTo(int descriptor, std::size_t most, std::string& bytes) {
  bytes.resize(most);
  std::size_t size = 0;
  while (size < most) {
    const ssize_t count = read(descriptor, bytes.data() + size, most - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  bytes.resize(size);
  return true;
}

void DropMarkAndLineEnds(std::string& text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
}

// The file of a descriptor, for SameFile.
std::filesystem::path PathOf(int descriptor) {
  return "/proc/self/fd/" + std::to_string(descriptor);
}

}  // namespace

bool SameFile(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code error;
  return std::filesystem::is_regular_file(a, error) &&
         std::filesystem::equivalent(a, b, error);
}

TextSource::Status LineSource::NextText(SourceText& text) {
  text = {};
  if (count_ == texts_.size()) return Status::kEnd;
  text.text = texts_[count_++];
  text.place = "text " + std::to_string(count_);
  position_ += text.text.size();
  text.end = position_;
  return Status::kText;
}

TextSource::Status LineSource::Next(SourceText& text, Patience patience) {
  if (!lines_) return NextText(text);
  text = {};
  const LineReader::Status status = lines_->Next(text.text, patience);
  if (status == LineReader::Status::kEnd) return Status::kEnd;
  if (status == LineReader::Status::kIdle) return Status::kIdle;
  text.place = "line " + std::to_string(++count_);
  text.end = lines_->position_bytes();
  if (status == LineReader::Status::kTooLong) {
    text.error = TooLong(LineReader::kMaxLineBytes);
  }
  return Status::kText;
}

std::optional<std::uint64_t> LineSource::size_bytes() const {
  if (lines_) return lines_->size_bytes();
  std::uint64_t sum = 0;
  for (const std::string& text : texts_) sum += text.size();
  return sum;
}

bool LineSource::Reads(const std::filesystem::path& file) const {
  return lines_ && SameFile(PathOf(lines_->descriptor()), file);
}

TextSource::Status FormattedSource::Next(SourceText& text, Patience patience) {
  const Status status = lines_.Next(text, patience);
  if (status != Status::kText || !text.error.empty()) return status;
  text.line = std::move(text.text);
  LineContent content = format_.Read(text.line, options_);
  text.text = std::move(content.text);
  text.options = std::move(content.options);
  text.error = std::move(content.error);
  return status;
}

TextSource::Status RecordSource::Next(SourceText& text, Patience patience) {
  for (;;) {
    const Status status = lines_.Next(text, patience);
    if (status != Status::kText || !text.error.empty()) return status;
    if (IsBlank(text.text)) continue;
    const std::string line = std::exchange(text.text, {});
    try {
      ReadRecord(line, key_, text);
    } catch (const Error& error) {
      text.error = error.what();
      // Errors of JSON name the place themselves.
      const std::string place = text.place + ": ";
      if (text.error.starts_with(place)) text.error.erase(0, place.size());
    }
    return status;
  }
}

TextSource::Status DocumentSource::Next(SourceText& text, Patience) {
  if (next_ == files_.size()) return Status::kEnd;
  const std::filesystem::path& file = files_[next_++];
  text = {};
  text.place = file == kStandardInput ? "standard input" : file.string();
  if (file != kStandardInput) text.label = Label("file", file.string());
  const Descriptor descriptor(file);
  // A longer text is refused anyway; some line ends may follow it.
  constexpr std::size_t kMost = kMaxTextBytes + 1024;
  if (descriptor.number() < 0 ||
      !ReadUpTo(descriptor.number(), kMost, text.text)) {
    text.text.clear();
    text.error = std::string("want to read, found: ") + std::strerror(errno);
    return Status::kText;
  }
  position_ += text.text.size();
  text.end = position_;
  DropMarkAndLineEnds(text.text);
  if (text.text.size() > kMaxTextBytes) {
    text.text.clear();
    text.error = TooLong(kMaxTextBytes);
  }
  return Status::kText;
}

std::optional<std::uint64_t> DocumentSource::size_bytes() const {
  std::uint64_t sum = 0;
  for (const std::filesystem::path& file : files_) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error) return std::nullopt;
    sum += size;
  }
  return sum;
}

bool DocumentSource::Reads(const std::filesystem::path& file) const {
  return std::ranges::any_of(files_, [&](const std::filesystem::path& own) {
    return SameFile(own == kStandardInput ? PathOf(STDIN_FILENO) : own, file);
  });
}

}  // namespace tessera::tools

// What fuzz targets share: a folder in memory, and how errors must look.
#ifndef TESSERA_TESTS_FUZZ_MEMORY_FOLDER_H_
#define TESSERA_TESTS_FUZZ_MEMORY_FOLDER_H_

#include <stdlib.h>
#include <tessera/error.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/tokenizer/text.h"

namespace tessera::fuzz {

// A finding, with what was promised.
inline void Expect(bool kept, const std::string& promise) {
  if (!kept) throw std::logic_error("broken promise: " + promise);
}

inline void ExpectUtf8(std::string_view text, const std::string& what) {
  Expect(engine::ValidUtf8Prefix(text) == text.size(), what + " is UTF-8");
}

// Runs what may refuse its input, with an error that is fit for a terminal:
// one short line without control characters, whatever the input holds.
template <class Action>
void MayRefuse(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    const std::string_view message = error.what();
    ExpectUtf8(message, "a message");
    Expect(!message.empty() && message.size() < 4000, "messages are short");
    for (const char c : message) {
      Expect(static_cast<unsigned char>(c) >= 0x20,
             "one line without control characters in: " + std::string(message));
    }
  }
}

// A folder that disappears with the object, in memory where the system has
// /dev/shm: a target writes thousands of files a second.
class MemoryFolder {
 public:
  MemoryFolder() {
    const std::filesystem::path memory = "/dev/shm";
    std::error_code error;
    const auto parent = std::filesystem::is_directory(memory, error)
                            ? memory
                            : std::filesystem::temp_directory_path();
    std::string name = (parent / "tessera-fuzz-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("cannot make a folder like " + name);
    }
    path_ = name;
  }
  ~MemoryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path Write(std::string_view name,
                              std::string_view bytes) const {
    const std::filesystem::path file = path_ / name;
    std::ofstream out(file, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) throw std::runtime_error("cannot write " + file.string());
    return file;
  }

 private:
  std::filesystem::path path_;
};

inline std::string ReadBytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace tessera::fuzz

#endif  // TESSERA_TESTS_FUZZ_MEMORY_FOLDER_H_

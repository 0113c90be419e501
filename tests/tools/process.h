// The program under test as a child process.
#ifndef TESSERA_TESTS_TOOLS_PROCESS_H_
#define TESSERA_TESTS_TOOLS_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

struct Outcome {
  int code = 0;  // of exit; 128 + the number of the signal that ended it
  std::string out;
  std::string err;
};

// Runs `tessera` with the arguments and standard input given, to its end.
// `environment` adds "NAME=value" entries.
Outcome RunTessera(const std::vector<std::string>& arguments,
                   std::string_view input = "",
                   const std::vector<std::string>& environment = {});

// A `tessera` that one talks to while it runs, through pipes.
class Conversation {
 public:
  explicit Conversation(const std::vector<std::string>& arguments);
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  void Send(std::string_view bytes);
  // The next line of output, with its end; less if none comes in time.
  std::string ReadLine(std::chrono::seconds timeout);
  void CloseInput();
  void CloseOutput();
  void Signal(int number);
  int Wait();  // the exit code

 private:
  pid_t child_ = -1;
  int input_ = -1;
  int output_ = -1;
};

// A folder of a test's own, gone when the test ends.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string Path(std::string_view name) const;
  std::string Write(std::string_view name, std::string_view bytes) const;

 private:
  std::filesystem::path path_;
};

std::string ReadFile(const std::filesystem::path& path);

// The lines of a text, each without its end; the last must have one.
std::vector<std::string> Lines(std::string_view text);

}  // namespace tessera

#endif  // TESSERA_TESTS_TOOLS_PROCESS_H_

// Children by posix_spawn.
#include "tests/tools/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tessera {
namespace {

void Require(bool success, const char* what) {
  if (!success) throw std::runtime_error(std::string(what) + " failed");
}

// Descriptors of the child's standard streams; -1: that of the parent.
struct Streams {
  int in = -1;
  int out = -1;
  int err = -1;
};

pid_t Spawn(const std::vector<std::string>& arguments, const Streams& streams,
            const std::vector<std::string>& environment) {
  std::vector<std::string> words = {TESSERA_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv, envp;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> variables = environment;
  for (std::string& variable : variables) envp.push_back(variable.data());
  for (char** entry = environ; *entry != nullptr; ++entry) {
    envp.push_back(*entry);
  }
  envp.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int wanted[] = {streams.in, streams.out, streams.err};
  for (int i = 0; i < 3; ++i) {
    if (wanted[i] >= 0)
      posix_spawn_file_actions_adddup2(&actions, wanted[i], i);
  }
  pid_t child = -1;
  const int error = posix_spawn(&child, TESSERA_PROGRAM, &actions, nullptr,
                                argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  Require(error == 0, "posix_spawn of " TESSERA_PROGRAM);
  return child;
}

int WaitFor(pid_t child) {
  int status = 0;
  Require(waitpid(child, &status, 0) == child, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : value_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {
    Require(value_ >= 0, "open");
  }
  ~Descriptor() { close(value_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

}  // namespace

Outcome RunTessera(const std::vector<std::string>& arguments,
                   std::string_view input,
                   const std::vector<std::string>& environment) {
  const TestFolder folder;
  const std::string in_path = folder.Write("in", input);
  const std::string out_path = folder.Path("out");
  const std::string err_path = folder.Path("err");
  const Descriptor in(in_path, O_RDONLY);
  const Descriptor out(out_path, O_WRONLY | O_CREAT);
  const Descriptor err(err_path, O_WRONLY | O_CREAT);
  const pid_t child = Spawn(
      arguments, {.in = in.value(), .out = out.value(), .err = err.value()},
      environment);
  Outcome outcome;
  outcome.code = WaitFor(child);
  outcome.out = ReadFile(out_path);
  outcome.err = ReadFile(err_path);
  return outcome;
}

Conversation::Conversation(const std::vector<std::string>& arguments) {
  int to_child[2], from_child[2];
  Require(pipe2(to_child, O_CLOEXEC) == 0, "pipe2");
  Require(pipe2(from_child, O_CLOEXEC) == 0, "pipe2");
  child_ = Spawn(arguments, {.in = to_child[0], .out = from_child[1]}, {});
  close(to_child[0]);
  close(from_child[1]);
  input_ = to_child[1];
  output_ = from_child[0];
}

Conversation::~Conversation() {
  CloseInput();
  CloseOutput();
  if (child_ > 0) Wait();
}

void Conversation::Send(std::string_view bytes) {
  Require(write(input_, bytes.data(), bytes.size()) ==
              static_cast<ssize_t>(bytes.size()),
          "write");
}

std::string Conversation::ReadLine(std::chrono::seconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  std::string line;
  while (!line.ends_with('\n')) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd ready = {.fd = output_, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 ||
        poll(&ready, 1, static_cast<int>(left.count())) <= 0) {
      break;
    }
    char byte = 0;
    if (read(output_, &byte, 1) != 1) break;
    line += byte;
  }
  return line;
}

void Conversation::CloseInput() {
  if (input_ >= 0) close(input_);
  input_ = -1;
}

void Conversation::CloseOutput() {
  if (output_ >= 0) close(output_);
  output_ = -1;
}

void Conversation::Signal(int number) {
  Require(kill(child_, number) == 0, "kill");
}

int Conversation::Wait() {
  const int code = WaitFor(child_);
  child_ = -1;
  return code;
}

TestFolder::TestFolder() {
  std::string name = testing::TempDir() + "tessera_XXXXXX";
  Require(mkdtemp(name.data()) != nullptr, "mkdtemp");
  path_ = name;
}

TestFolder::~TestFolder() { std::filesystem::remove_all(path_); }

std::string TestFolder::Path(std::string_view name) const {
  return (path_ / name).string();
}

std::string TestFolder::Write(std::string_view name,
                              std::string_view bytes) const {
  std::ofstream(path_ / name, std::ios::binary) << bytes;
  return Path(name);
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    Require(end != std::string_view::npos, "a line's end");
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace tessera

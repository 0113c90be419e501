// Standard streams as shells hand them over: named by a dash, full, closed, or
// one file at both ends.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/tools/process.h"
#include "tests/tools/text.h"

namespace tessera {
namespace {

// The exit code of a shell command, in which "$T" is the program.
int Shell(const std::string& command) {
  setenv("T", TESSERA_PROGRAM, 1);
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(StandardStreamsTest, ADashIsAStandardStream) {
  const std::string wanted = RunTessera({"translate"}, "Hello!\n").out;
  EXPECT_EQ(RunTessera({"translate", "--input", "-"}, "Hello!\n").out, wanted);
  EXPECT_EQ(RunTessera({"translate", "--output", "-"}, "Hello!\n").out, wanted);
  EXPECT_EQ(RunTessera({"attention", "--text", "a", "--output", "-"}).out,
            RunTessera({"attention", "--text", "a"}).out);
  EXPECT_FALSE(std::filesystem::exists("-"));
}

TEST(StandardStreamsTest, RefusesAnOutputThatIsTheInput) {
  const TestFolder folder;
  const std::string text = Repeated("Tom left.\n", 20'000);  // above a read
  for (const char* command :
       {"\"$T\" translate --input a >> a", "\"$T\" translate < a >> a",
        "\"$T\" translate --input a --output a",
        "ln -s a b; \"$T\" translate --input b >> a",
        "ln a c; \"$T\" translate --input a >> c",
        "\"$T\" generate --records a >> a"}) {
    folder.Write("a", text);
    EXPECT_EQ(Shell("cd " + folder.Path(".") + "; " + command + " 2> err"), 2)
        << command;
    EXPECT_EQ(ReadFile(folder.Path("a")), text) << command;
    ExpectContains(ReadFile(folder.Path("err")), "found the input");
  }
}

TEST(StandardStreamsTest, EverySubcommandNoticesAFullDisk) {
  for (const char* command :
       {"--version", "--help", "help", "translate --help", "inspect",
        "inspect --kernels", "attention --text a",
        "attention --text a --format html", "profile < /dev/null",
        "translate < a", "translate --format json < a"}) {
    const TestFolder folder;
    folder.Write("a", "Hello!\n");
    EXPECT_EQ(Shell("cd " + folder.Path(".") + "; \"$T\" " + command +
                    " > /dev/full 2> err"),
              2)
        << command;
    ExpectContains(ReadFile(folder.Path("err")),
                   "standard output: want to write, found: No space left");
  }
}

TEST(StandardStreamsTest, ClosedDescriptorsAreNotTakenForFiles) {
  const std::string wanted = RunTessera({"translate"}, "Hello!\nHello!\n").out;
  for (const char* closed : {"2>&-", "0<&- 2>&-", "1>&-", "1>&- 2>&-"}) {
    const TestFolder folder;
    folder.Write("a", "Hello!\nHello!\n");
    EXPECT_EQ(Shell("cd " + folder.Path(".") +
                    "; \"$T\" translate --input a --output o " + closed),
              0)
        << closed;
    EXPECT_EQ(ReadFile(folder.Path("o")), wanted) << closed;
  }
  const TestFolder folder;
  folder.Write("a", "caf\xE9\nHello!\n");
  EXPECT_EQ(Shell("cd " + folder.Path(".") +
                  "; \"$T\" translate --output o < a 2>&-"),
            3);
  EXPECT_EQ(Lines(ReadFile(folder.Path("o"))).size(), 2u);
  EXPECT_EQ(Shell("\"$T\" translate 0<&- > /dev/null"), 0);  // no input
}

}  // namespace
}  // namespace tessera

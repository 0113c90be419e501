// Pickles that grow without end.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tests/models/weights/bad_torch_cases.h"
#include "tests/models/weights/test_torch.h"

namespace tessera::models {

namespace p = pickle;
using namespace std::string_literals;

void AddGrowth(BadTorchCases& cases) {
  const auto repeated = [](std::string_view piece, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += piece;
    return text;
  };
  const auto add = [&](const std::string& name,
                       std::function<std::string()> object,
                       const std::string& message) {
    cases.push_back(
        {name, [=] { return TorchZip("\x80\x02" + object()); }, message});
  };
  add(
      "DeepLists", [=] { return repeated("]", 1'000'000); }, "objects in work");
  add(
      "DeepTuples", [=] { return ")" + repeated("\x85", 4'000'000); },
      "at most 1048576 values");
  add(
      "ManyMarks", [=] { return repeated("(", 1'000'000); },
      "at most 1000 marks");
  add(
      "DoublingMemo",
      [=] { return ")q\1" + repeated("h\1\x86q\1", 4'000'000); }, "items");
  add(
      "EndlessMemo",
      [=] {
        std::string text;
        for (std::uint64_t i = 0; i < 3'000'000; ++i) {
          text += "r"s + LittleEndian(i, 4);
        }
        return "]" + text;
      },
      "memo slots");
  add(
      "ListsOfLists",
      [=] { return "]" + repeated("(" + repeated("]", 60'000) + "e", 200); },
      "at most 1048576");
  add(
      "ListOfOneObject",
      [=] {
        return "]q\1(" + repeated("h\1", 60'000) + "e" +
               repeated("(" + repeated("h\1", 60'000) + "e", 100);
      },
      "items");
  add(
      "LongStrings",
      [=] {
        const std::string text = "X"s + LittleEndian(65'536, 4);
        return "](" + repeated(text + std::string(65'536, 'x'), 400);
      },
      "at most 16777216 bytes");
  add(
      "ManyStorages",
      [=] {
        std::string text = "](";
        for (int i = 0; i < 60'000; ++i) {
          text += p::Storage({.key = std::to_string(i), .elements = 0});
        }
        return text + "e.";
      },
      "");
}

}  // namespace tessera::models

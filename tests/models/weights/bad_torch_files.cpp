// All hostile files of torch.save, and the old streams among them.
#include "tests/models/weights/bad_torch_files.h"

#include <string>
#include <vector>

#include "tests/models/weights/bad_torch_cases.h"
#include "tests/models/weights/test_torch.h"

namespace tessera::models {
namespace {

namespace p = pickle;
using namespace std::string_literals;

void AddStreams(BadTorchCases& cases) {
  const auto add = [&](const std::string& name, const StreamParts& parts,
                       const std::string& message) {
    cases.push_back(
        {"Stream" + name, [=] { return TorchStream(parts); }, message});
  };
  add("BigEndian",
      {.machine = p::Object(p::Dict({p::Text("little_endian"), "\x89"}))},
      "want a little-endian file");
  add("MachineIsAList", {.machine = p::Object("]")}, "want a dict");
  add("KeysAreADict", {.keys = p::Object("}")}, "want a list");
  add("KeyUnknown", {.keys = p::Object(p::List({p::Text("1")}))},
      "want each storage of the object once");
  add("KeyTwice", {.keys = p::Object(p::List({p::Text("0"), p::Text("0")}))},
      "want each storage of the object once");
  add("KeyMissing", {.keys = p::Object("]"), .storages = ""},
      "want the end of the file after 1 storages");
  add("OtherSize", {.storages = LittleEndian(5, 8) + Floats(5)},
      "want the 6 elements of storage \"0\", found 5");
  add("NegativeSize", {.storages = std::string(8, '\xff') + Floats(6)},
      "want the 6 elements");
  add("DataCut", {.storages = LittleEndian(6, 8) + Floats(5)},
      "want the 6 elements");
  add("TrailingByte", {.storages = LittleEndian(6, 8) + Floats(6) + "x"},
      "found 1 bytes after");
  cases.push_back({"StreamOfAnotherVersion",
                   [] {
                     std::string file = TorchStream();
                     file[18] = '\x01';
                     return file;
                   },
                   "found a Python pickle"});
  cases.push_back({"Empty", [] { return ""s; }, "want a file of torch.save"});
  cases.push_back({"OldTar",
                   [] {
                     return "sys_info"s + std::string(249, '\0') + "ustar\0"s +
                            std::string(250, '\0');
                   },
                   "found a tar archive"});
  cases.push_back(
      {"GitLfs", [] { return "version https://git-lfs.github.com/spec/v1\n"s; },
       "git lfs pull"});
}

}  // namespace

void AddArchive(BadTorchCases& cases, const std::string& name,
                const std::string& object, const std::string& message) {
  cases.push_back({name, [=] { return TorchZip(p::Object(object)); }, message});
}

void AddObject(BadTorchCases& cases, const std::string& name,
               const std::string& object, const std::string& message) {
  AddArchive(cases, name, object, message);
  cases.push_back({name + "InStream",
                   [=] { return TorchStream({.object = p::Object(object)}); },
                   message});
}

std::vector<BadTorch> BadTorchFiles() {
  BadTorchCases cases;
  AddPickles(cases);
  AddGrowth(cases);
  AddTensors(cases);
  AddArchives(cases);
  AddStreams(cases);
  return cases;
}

}  // namespace tessera::models

// Archives that are bad around good pickles and storages.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/models/weights/bad_torch_cases.h"
#include "tests/models/weights/test_torch.h"

namespace tessera::models {
namespace {

namespace p = pickle;

using Members = std::vector<ZipMember>;

const std::string kGood = p::Object(p::Dict({p::Text("a"), p::Tensor()}));

// An archive of which `spoil` makes a bad one.
void AddSpoilt(BadTorchCases& cases, const std::string& name,
               std::function<void(std::vector<ZipMember>&)> spoil,
               const std::string& message) {
  cases.push_back({"Zip" + name,
                   [=] {
                     auto members = TorchMembers(kGood);
                     spoil(members);
                     return ZipBytes(members);
                   },
                   message});
}

void AddMembers(BadTorchCases& cases) {
  AddSpoilt(
      cases, "Compressed", [](Members& m) { m[2].method = 8; },
      "\"archive/data/0\" by method 8");
  AddSpoilt(
      cases, "CompressedPickle", [](Members& m) { m[0].method = 8; },
      "without compression");
  AddSpoilt(
      cases, "TwoSizes", [](Members& m) { m[2].said_packed = 23; },
      "without compression");
  AddSpoilt(
      cases, "Encrypted", [](Members& m) { m[2].flags |= 1; },
      "\"archive/data/0\" encrypted");
  AddSpoilt(
      cases, "Masked", [](Members& m) { m[2].flags |= 0x2000; }, "encrypted");
  AddSpoilt(
      cases, "TooLarge", [](Members& m) { m[3].said_bytes = 2'000; },
      "to end before the directory");
  AddSpoilt(
      cases, "OverTheNext", [](Members& m) { m[2].said_bytes = 40; },
      "want members that do not overlap");
  AddSpoilt(
      cases, "TwiceTheSame",
      [](Members& m) { m[3].said_local = 0, m[3].local_name = ""; },
      "want the header of");
  AddSpoilt(
      cases, "OneInTwo",
      [](Members& m) {
        m[3].name = m[0].name;
        m[3].said_local = 0;
        m[3].said_bytes = static_cast<std::int64_t>(m[0].bytes.size());
      },
      "want members that do not overlap");
  AddSpoilt(
      cases, "NameTwice", [](Members& m) { m[3] = m[2]; },
      "want each name once");
  AddSpoilt(
      cases, "OtherLocalName",
      [](Members& m) { m[2].local_name = "archive/data/1"; },
      "want the header of");
  AddSpoilt(
      cases, "LocalOutside", [](Members& m) { m[2].said_local = 1 << 30; },
      "want a member before the directory");
  AddSpoilt(
      cases, "WideOutside",
      [](Members& m) { m[2].wide = true, m[2].said_local = INT64_MAX; },
      "before the directory");
  AddSpoilt(
      cases, "WideTooLarge",
      [](Members& m) { m[2].wide = true, m[2].said_bytes = INT64_MAX; },
      "before the directory");
}

void AddContents(BadTorchCases& cases) {
  AddSpoilt(
      cases, "NoPickle", [](Members& m) { m.erase(m.begin()); },
      "want one member data.pkl, found 0");
  AddSpoilt(
      cases, "TwoPickles",
      [](Members& m) { m.push_back(m[0]), m.back().name = "b/data.pkl"; },
      "found 2");
  AddSpoilt(
      cases, "NoData", [](Members& m) { m.erase(m.begin() + 2); },
      "found no such member");
  AddSpoilt(
      cases, "BigEndian", [](Members& m) { m[1].bytes = "big"; },
      "want the byte order little, found \"big\"");
  AddSpoilt(
      cases, "LongByteOrder",
      [](Members& m) { m[1].bytes = std::string(100'000, '\n'); },
      "want the byte order");
  AddSpoilt(
      cases, "Script", [](Members& m) { m[3].name = "archive/constants.pkl"; },
      "found a TorchScript program");
  AddSpoilt(
      cases, "EmptyPickle", [](Members& m) { m[0].bytes = ""; },
      "want a pickle that ends with STOP");
  AddSpoilt(
      cases, "PickleBeyondItsMember", [](Members& m) { m[0].said_bytes = 20; },
      "want a pickle that ends with STOP");
}

void AddDirectories(BadTorchCases& cases) {
  const auto edit = [&](const std::string& name, std::size_t from_end,
                        const std::string& bytes, const std::string& message) {
    cases.push_back({"Zip" + name,
                     [=] {
                       std::string file = TorchZip(kGood);
                       std::ranges::copy(
                           bytes, file.end() - static_cast<long>(from_end));
                       return file;
                     },
                     message});
  };
  edit("MoreMembers", 14, LittleEndian(5, 2) + LittleEndian(5, 2),
       "want 5 members, found 4");
  edit("FewerMembers", 14, LittleEndian(3, 2) + LittleEndian(3, 2),
       "want 3 members, found 4");
  edit("SeveralDisks", 18, LittleEndian(1, 2), "want an archive in one file");
  edit("DirectoryElsewhere", 6, LittleEndian(3, 4),
       "want a directory that ends at");
  edit("DirectoryHuge", 10, LittleEndian(0xffffffff, 4),
       "want a directory that ends at");
  edit("NoEnd", 22, "xx", "want the end record of a zip archive");
  cases.push_back({"ZipTrailingBytes", [] { return TorchZip(kGood) + "x"; },
                   "want the end record"});
  cases.push_back({"ZipLeadingBytes", [] { return "PK\3\4" + TorchZip(kGood); },
                   "want a directory that ends at"});
}

}  // namespace

void AddArchives(BadTorchCases& cases) {
  AddMembers(cases);
  AddContents(cases);
  AddDirectories(cases);
}

}  // namespace tessera::models

// The end record, then the directory, then every local header.
#include "models/weights/zip.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/message.h"

namespace tessera::models {
namespace {

constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kLocatorBytes = 20;
constexpr std::uint64_t kEnd64Bytes = 56;
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint64_t kEntryBytes = 46;
constexpr std::uint64_t kMaxCommentBytes = 65'535;
constexpr std::uint64_t k32 = 0xffffffff;  // "see the ZIP64 field"

// Part of the file, with little-endian numbers in it.
struct Record {
  std::uint64_t at = 0;  // in the file
  std::string bytes;

  std::uint64_t Number(std::size_t offset, std::size_t size) const {
    std::uint64_t number = 0;
    for (std::size_t i = size; i-- > 0;) {
      number = number << 8 | static_cast<unsigned char>(bytes[offset + i]);
    }
    return number;
  }
};

Record ReadRecord(const File& file, std::uint64_t at, std::uint64_t size) {
  return {at, file.Read(at, size)};
}

struct Directory {
  std::uint64_t begin = 0;
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  std::uint64_t limit = 0;  // where the records of the end begin
};

// The end record stands before the comment, which ends with the file.
Record FindEnd(const File& file) {
  const std::uint64_t size =
      std::min(file.size_bytes(), kEndBytes + kMaxCommentBytes);
  const std::uint64_t at = file.size_bytes() - size;
  const Record tail = ReadRecord(file, at, size);
  for (std::size_t end = tail.bytes.size(); end-- >= kEndBytes;) {
    const std::size_t begin = end + 1 - kEndBytes;
    if (tail.bytes.compare(begin, 4, "PK\5\6") == 0 &&
        tail.Number(begin + 20, 2) == tail.bytes.size() - begin - kEndBytes) {
      return {at + begin, tail.bytes.substr(begin, kEndBytes)};
    }
  }
  file.Fail(file.size_bytes(), "the end record of a zip archive before it",
            "none (the file is cut short)");
}

Directory FindDirectory(const File& file) {
  const Record end = FindEnd(file);
  Directory found{.begin = end.Number(16, 4),
                  .bytes = end.Number(12, 4),
                  .entries = end.Number(10, 2),
                  .limit = end.at};
  bool one_disk = end.Number(4, 4) == 0 && end.Number(8, 2) == found.entries;
  if (end.at >= kLocatorBytes) {
    const Record locator =
        ReadRecord(file, end.at - kLocatorBytes, kLocatorBytes);
    if (locator.bytes.starts_with("PK\6\7")) {
      const std::uint64_t at = locator.Number(8, 8);
      if (at > locator.at || locator.at - at < kEnd64Bytes) {
        file.Fail(locator.at + 8, "a place before it", Cat(at));
      }
      const Record end64 = ReadRecord(file, at, kEnd64Bytes);
      if (!end64.bytes.starts_with("PK\6\6")) {
        file.Fail(at, "a ZIP64 end record", "another signature");
      }
      found = {.begin = end64.Number(48, 8),
               .bytes = end64.Number(40, 8),
               .entries = end64.Number(32, 8),
               .limit = at};
      one_disk =
          end64.Number(16, 8) == 0 && end64.Number(24, 8) == found.entries;
    }
  }
  if (!one_disk) file.Fail(end.at, "an archive in one file", "one of several");
  if (found.begin > found.limit || found.limit - found.begin != found.bytes) {
    file.Fail(end.at, Cat("a directory that ends at byte ", found.limit),
              Cat(found.bytes, " bytes of it at byte ", found.begin));
  }
  if (found.bytes > kMaxZipDirectoryBytes || found.entries > kMaxZipEntries) {
    file.Fail(end.at,
              Cat("a directory of at most ", kMaxZipEntries, " members and ",
                  kMaxZipDirectoryBytes, " bytes"),
              Cat(found.entries, " in ", found.bytes));
  }
  return found;
}

struct Member {
  std::uint64_t local = 0;  // where its local header begins
  std::uint64_t bytes = 0;
  std::string name;
};

// Sizes and the place, from the ZIP64 field where they do not fit.
void ReadWideNumbers(const File& file, const Record& directory,
                     std::size_t extra, std::size_t extra_end,
                     std::uint64_t& packed, Member& member) {
  while (extra_end - extra >= 4) {
    const std::uint64_t kind = directory.Number(extra, 2);
    const std::uint64_t size = directory.Number(extra + 2, 2);
    extra += 4;
    if (size > extra_end - extra) break;
    std::size_t at = extra;
    extra += static_cast<std::size_t>(size);
    if (kind != 1) continue;
    for (std::uint64_t* number : {&member.bytes, &packed, &member.local}) {
      if (*number != k32) continue;
      if (extra - at < 8) break;
      *number = directory.Number(at, 8);
      at += 8;
    }
    return;
  }
  file.Fail(directory.at + extra, "a ZIP64 field", "none");
}

// Reads the entry at `at` of the directory and moves on behind it.
Member ReadMember(const File& file, const Record& directory, std::size_t& at) {
  const std::uint64_t place = directory.at + at;
  if (directory.bytes.size() - at < kEntryBytes ||
      directory.bytes.compare(at, 4, "PK\1\2") != 0) {
    file.Fail(place, "a member of the directory", "none");
  }
  const std::size_t name = at + kEntryBytes;
  const std::size_t extra = name + directory.Number(at + 28, 2);
  const std::size_t comment = extra + directory.Number(at + 30, 2);
  const std::size_t next = comment + directory.Number(at + 32, 2);
  if (next > directory.bytes.size()) {
    file.Fail(place, "a member that ends in the directory", "a longer one");
  }
  Member member{.local = directory.Number(at + 42, 4),
                .bytes = directory.Number(at + 24, 4),
                .name = directory.bytes.substr(name, extra - name)};
  std::uint64_t packed = directory.Number(at + 20, 4);
  if (member.bytes == k32 || packed == k32 || member.local == k32) {
    ReadWideNumbers(file, directory, extra, comment, packed, member);
  }
  constexpr std::uint64_t kEncrypted = 0x2041;  // bits 0, 6 and 13
  const std::uint64_t method = directory.Number(at + 10, 2);
  if ((directory.Number(at + 8, 2) & kEncrypted) != 0) {
    file.Fail(place, "members as they are",
              Cat(QuoteText(member.name), " encrypted"));
  }
  if (method != 0 || packed != member.bytes) {
    file.Fail(place, "members without compression (as torch.save writes them)",
              Cat(QuoteText(member.name), " by method ", method));
  }
  at = next;
  return member;
}

// Where a member's data begins, which its local header alone tells.
std::uint64_t DataBegin(const File& file, const Member& member,
                        std::uint64_t limit) {
  const std::uint64_t name_bytes = member.name.size();
  if (member.local > limit || limit - member.local < kLocalBytes + name_bytes) {
    file.Fail(member.local, "a member before the directory",
              QuoteText(member.name));
  }
  const Record local = ReadRecord(file, member.local, kLocalBytes + name_bytes);
  if (!local.bytes.starts_with("PK\3\4") || local.Number(26, 2) != name_bytes ||
      local.bytes.compare(kLocalBytes, name_bytes, member.name) != 0) {
    file.Fail(member.local, Cat("the header of ", QuoteText(member.name)),
              "another");
  }
  const std::uint64_t begin =
      member.local + local.bytes.size() + local.Number(28, 2);
  if (begin > limit || member.bytes > limit - begin) {
    file.Fail(member.local,
              Cat(QuoteText(member.name), " to end before the directory"),
              Cat(member.bytes, " bytes"));
  }
  return begin;
}

}  // namespace

ZipEntries ReadZipDirectory(const File& file) {
  const Directory found = FindDirectory(file);
  const Record directory = ReadRecord(file, found.begin, found.bytes);
  std::vector<Member> members;
  for (std::size_t at = 0; at < directory.bytes.size();) {
    members.push_back(ReadMember(file, directory, at));
  }
  if (members.size() != found.entries) {
    file.Fail(found.limit, Cat(found.entries, " members"), Cat(members.size()));
  }
  std::ranges::sort(members, {}, &Member::local);
  ZipEntries entries;
  std::uint64_t end = 0;
  for (Member& member : members) {
    const std::uint64_t begin = DataBegin(file, member, found.begin);
    if (member.local < end) {
      file.Fail(member.local, "members that do not overlap",
                Cat(QuoteText(member.name), " inside of another"));
    }
    end = begin + member.bytes;
    const auto [entry, inserted] = entries.try_emplace(
        std::move(member.name), ZipEntry{begin, member.bytes});
    if (!inserted) {
      file.Fail(member.local, "each name once", QuoteText(entry->first));
    }
  }
  return entries;
}

}  // namespace tessera::models

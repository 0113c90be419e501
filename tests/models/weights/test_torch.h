// Files of torch.save for tests, put together from parts that may be wrong.
#ifndef TESSERA_TESTS_MODELS_WEIGHTS_TEST_TORCH_H_
#define TESSERA_TESTS_MODELS_WEIGHTS_TEST_TORCH_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::models {

inline std::string LittleEndian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value);
  return text;
}

// Pieces of a pickle of protocol 2; each leaves one object on the stack.
namespace pickle {

inline std::string Text(std::string_view text) {
  return std::string("X").append(LittleEndian(text.size(), 4)).append(text);
}
inline std::string Integer(std::int64_t value) {
  return "\x8a\x08" + LittleEndian(static_cast<std::uint64_t>(value), 8);
}
inline std::string Global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string Tuple(const std::vector<std::string>& members) {
  std::string text = "(";
  for (const std::string& member : members) text += member;
  return text + "t";
}
inline std::string Integers(const std::vector<std::int64_t>& values) {
  std::vector<std::string> members;
  for (const std::int64_t value : values) members.push_back(Integer(value));
  return Tuple(members);
}
inline std::string Call(const std::string& callee,
                        const std::vector<std::string>& arguments) {
  return callee + Tuple(arguments) + "R";
}
inline std::string OrderedDict() {
  return Call(Global("collections", "OrderedDict"), {});
}
inline std::string Dict(const std::vector<std::string>& keys_and_values) {
  std::string text = "}(";
  for (const std::string& item : keys_and_values) text += item;
  return text + "u";
}
inline std::string List(const std::vector<std::string>& items) {
  std::string text = "](";
  for (const std::string& item : items) text += item;
  return text + "e";
}
inline std::string Object(const std::string& object) {
  return "\x80\x02" + object + ".";
}

struct StorageParts {
  std::string type = "FloatStorage";
  std::string key = "0";
  std::int64_t elements = 6;
};
inline std::string Storage(const StorageParts& parts = {}) {
  return Tuple({Text("storage"), Global("torch", parts.type), Text(parts.key),
                Text("cpu"), Integer(parts.elements)}) +
         "Q";
}

struct TensorParts {
  std::string storage = Storage();
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes = {2, 3};
  std::vector<std::int64_t> strides = {3, 1};
};
inline std::string Tensor(const TensorParts& parts = {}) {
  return Call(Global("torch._utils", "_rebuild_tensor_v2"),
              {parts.storage, Integer(parts.offset), Integers(parts.sizes),
               Integers(parts.strides), "\x89", OrderedDict()});
}

}  // namespace pickle

// A zip archive; what its headers say may be set apart from what is there.
struct ZipMember {
  std::string name;
  std::string bytes;
  int method = 0;
  int flags = 0x0808;
  std::int64_t said_bytes = -1;   // -1: the size of `bytes`
  std::int64_t said_packed = -1;  // -1: said_bytes
  std::int64_t said_local = -1;   // -1: where it is
  std::string local_name = "";    // "": name
  bool wide = false;              // numbers in a ZIP64 field
};

inline std::string ZipBytes(const std::vector<ZipMember>& members) {
  std::string file, directory;
  for (const ZipMember& m : members) {
    const std::uint64_t local = m.said_local < 0
                                    ? file.size()
                                    : static_cast<std::uint64_t>(m.said_local);
    const std::string name = m.local_name.empty() ? m.name : m.local_name;
    file += "PK\3\4" + LittleEndian(0, 2) + LittleEndian(0x0808, 2) +
            LittleEndian(0, 18) + LittleEndian(name.size(), 2) +
            LittleEndian(5, 2) + name + "FB\x01" + std::string(2, '\0') +
            m.bytes;
    const std::uint64_t bytes = m.said_bytes < 0
                                    ? m.bytes.size()
                                    : static_cast<std::uint64_t>(m.said_bytes);
    const std::uint64_t packed =
        m.said_packed < 0 ? bytes : static_cast<std::uint64_t>(m.said_packed);
    const std::string extra =
        !m.wide ? ""
                : LittleEndian(1, 2) + LittleEndian(24, 2) +
                      LittleEndian(bytes, 8) + LittleEndian(packed, 8) +
                      LittleEndian(local, 8);
    const auto number = [&](std::uint64_t value) {
      return LittleEndian(m.wide ? 0xffffffff : value, 4);
    };
    directory += "PK\1\2" + LittleEndian(0, 4) +
                 LittleEndian(static_cast<std::uint64_t>(m.flags), 2) +
                 LittleEndian(static_cast<std::uint64_t>(m.method), 2) +
                 LittleEndian(0, 8) + number(packed) + number(bytes) +
                 LittleEndian(m.name.size(), 2) +
                 LittleEndian(extra.size(), 2) + LittleEndian(0, 10) +
                 number(local) + m.name + extra;
  }
  const std::uint64_t begin = file.size();
  return file + directory + "PK\5\6" + LittleEndian(0, 4) +
         LittleEndian(members.size(), 2) + LittleEndian(members.size(), 2) +
         LittleEndian(directory.size(), 4) + LittleEndian(begin, 4) +
         LittleEndian(0, 2);
}

// The bytes of 0, 1, ... as float32.
inline std::string Floats(int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    const float value = static_cast<float>(i);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  return bytes;
}

// The members of an archive of one storage of six floats.
inline std::vector<ZipMember> TorchMembers(const std::string& object) {
  return {{.name = "archive/data.pkl", .bytes = object},
          {.name = "archive/byteorder", .bytes = "little"},
          {.name = "archive/data/0", .bytes = Floats(6)},
          {.name = "archive/version", .bytes = "3\n"}};
}

inline std::string TorchZip(const std::string& object) {
  return ZipBytes(TorchMembers(object));
}

struct StreamParts {
  std::string machine = pickle::Object(
      pickle::Dict({pickle::Text("protocol_version"), pickle::Integer(1001),
                    pickle::Text("little_endian"), "\x88"}));
  std::string object =
      pickle::Object(pickle::Dict({pickle::Text("a"), pickle::Tensor()}));
  std::string keys = pickle::Object(pickle::List({pickle::Text("0")}));
  std::string storages = LittleEndian(6, 8) + Floats(6);
};

inline std::string TorchStream(const StreamParts& parts = {}) {
  return std::string(
             "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15) +
         "\x80\x02M\xe9\x03." + parts.machine + parts.object + parts.keys +
         parts.storages;
}

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_WEIGHTS_TEST_TORCH_H_

// Hostile pickles, archives and streams, made from good ones.
#include "tests/models/weights/bad_torch_files.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/models/weights/test_torch.h"

namespace tessera::models {
namespace {

namespace p = pickle;
using namespace std::string_literals;

const std::string kGood = p::Object(p::Dict({p::Text("a"), p::Tensor()}));

using Cases = std::vector<BadTorch>;

void AddArchive(Cases& cases, const std::string& name,
                const std::string& object, const std::string& message) {
  cases.push_back({name, [=] { return TorchZip(p::Object(object)); }, message});
}

void AddObject(Cases& cases, const std::string& name, const std::string& object,
               const std::string& message) {
  AddArchive(cases, name, object, message);
  cases.push_back({name + "InStream",
                   [=] { return TorchStream({.object = p::Object(object)}); },
                   message});
}

void AddGlobals(Cases& cases) {
  const std::pair<std::string, std::string> globals[] = {
      {"os", "system"},
      {"posix", "system"},
      {"builtins", "eval"},
      {"__builtin__", "exec"},
      {"subprocess", "Popen"},
      {"torch", "load"},
      {"torch._utils", "_rebuild_tensor_v3"},
      {"torch.jit._pickle", "restore_type_tag"},
      {"collections", "OrderedDict.update"},
      {"collections OrderedDict\n", ""},
      {"torch\xff\x1b[31m", "FloatStorage"},
  };
  int number = 0;
  for (const auto& [module, name] : globals) {
    AddObject(cases, "Global" + std::to_string(number++),
              p::Dict({p::Text("a"), p::Call(p::Global(module, name),
                                             {p::Text("touch /tmp/x")})}),
              "want a name of tensors");
  }
  AddObject(cases, "GlobalBehindGoodTensors",
            p::Dict({p::Text("a"), p::Tensor(), p::Text("b"),
                     p::Global("os", "system")}),
            "found \"os system\"");
  AddObject(cases, "GlobalInMetadata",
            p::OrderedDict() +
                p::Dict({p::Text("_metadata"), p::Global("nt", "system")}) +
                "b",
            "found \"nt system\"");
  AddObject(cases, "GlobalWithoutEnd", "c" + std::string(300, 'x'),
            "want at most 256 bytes of a name");
}

void AddCalls(Cases& cases) {
  AddObject(cases, "CallOfAType",
            p::Call(p::Global("torch", "FloatStorage"), {p::Integer(1)}),
            "want a call of what makes tensors, found \"torch FloatStorage\"");
  AddObject(cases, "CallOfAText", p::Call(p::Text("eval"), {p::Text("1")}),
            "want a name, found \"eval\"");
  AddObject(cases, "CallOfACall", p::Call(p::Tensor(), {}), "want a name");
  AddObject(cases, "CallWithoutTuple",
            p::Global("torch._utils", "_rebuild_tensor_v2") + "]R",
            "want a tuple");
  AddObject(cases, "CallOfNothing", ")R", "want a stack of at least 1");
  AddObject(cases, "OrderedDictOfTexts",
            p::Call(p::Global("collections", "OrderedDict"), {p::Text("x")}),
            "want a list, found \"x\"");
  AddObject(cases, "OrderedDictOfThree",
            p::Call(p::Global("collections", "OrderedDict"),
                    {p::List({p::Integers({1, 2, 3})})}),
            "want a key and a value");
  AddObject(cases, "BuildOfAList", "]}b", "want attributes of a dict");
  AddObject(cases, "BuildOfNothing", "}b", "want a stack of at least 1");
  const std::pair<std::string, std::string> opcodes[] = {
      {"Newobj", ")\x81"},
      {"NewobjEx", ")}\x92"},
      {"Inst", "(ios\nsystem\n"},
      {"Obj", "(cos\nsystem\no"},
      {"Persid", "P0\n"},
      {"Ext1", "\x82\x01"},
      {"StackGlobal", "\x93"},
      {"Frame", "\x95"s + std::string(8, '\0')},
      {"Long4", "\x8b\0\0\0\x80"s},
      {"Int", "I1\n"},
      {"Binbytes", "B\1\0\0\0x"s},
      {"Binunicode8", "\x8d" + std::string(8, '\xff')},
      {"Bytearray8", "\x96" + std::string(8, '\xff')},
      {"Pop", "]0"},
      {"Dup", "]2"},
      {"Memoize", "]\x94"},
      {"EmptySet", "\x8f"},
  };
  for (const auto& [name, bytes] : opcodes) {
    if (name == "Obj") continue;  // its global is refused before
    AddObject(cases, "Opcode" + name, "]" + bytes,
              "want an opcode that tensors need, found 0x");
  }
}

void AddStack(Cases& cases) {
  AddObject(cases, "NothingLeft", "", "want one object at the end");
  AddObject(cases, "TwoLeft", "]]", "found 2 objects");
  AddObject(cases, "OpenMark", "](", "1 open marks");
  AddObject(cases, "TupleWithoutMark", "]t", "want a mark");
  AddObject(cases, "TupleOfTooFew", "]\x87", "want a stack of at least 3");
  AddObject(cases, "TupleBelowAMark", "](\x85t", "want a stack of at least 1");
  AddObject(cases, "AppendToADict", "}]a", "want a list, found a dict");
  AddObject(cases, "SetItemOfAList", "]]]s", "want a dict, found a list");
  AddObject(cases, "SetItemsOfATuple", ")(]]u", "want a dict, found a tuple");
  AddObject(cases, "OddSetItems", "}(]u", "want a value for every key");
  AddObject(cases, "AppendToNothing", "]a", "want a stack of at least 2");
  AddObject(cases, "GetUnset", "h\7", "want a memo slot that was set");
  AddObject(cases, "GetFarUnset", "j\xff\xff\xff\xff", "want a memo slot");
  AddObject(cases, "PutFar", "]r\xff\xff\xff\xff", "memo slots");
  AddObject(cases, "PutNothing", "q\1", "want a stack of at least 1");
  AddObject(cases, "LongOfNineBytes", "\x8a\x09" + std::string(9, '\1'),
            "want at most 8 bytes of an integer");
  AddObject(cases, "HugeText", "X\xff\xff\xff\x7f", "bytes of a string");
  AddObject(cases, "Protocol4", "\x80\x04]", "found protocol 4");
  AddObject(cases, "PersistentText", p::Text("storage") + "Q", "want a tuple");
  AddObject(cases, "RootIsAList", p::List({p::Tensor()}),
            "want a dict, found a list");
  AddObject(cases, "RootIsATensor", p::Tensor(), "want a dict");
  AddObject(cases, "KeyIsANumber", p::Dict({p::Integer(1), p::Tensor()}),
            "want a text, found 1");
  AddObject(cases, "KeyTwice",
            p::Dict({p::Text("a"), p::Tensor(), p::Text("a"), p::Tensor()}),
            "want each name once");
  AddObject(cases, "KeyOfControls",
            p::Dict({p::Text("\x1b[2J\xff"), p::Tensor()}), "tensor names");
}

// What makes a pickle grow without end.
void AddGrowth(Cases& cases) {
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

void AddStorages(Cases& cases) {
  const auto id = [](const std::vector<std::string>& members) {
    return p::Dict(
        {p::Text("a"), p::Tensor({.storage = p::Tuple(members) + "Q"})});
  };
  const std::string type = p::Global("torch", "FloatStorage");
  const std::string want = "want a storage with type, key, device and size";
  AddObject(cases, "IdTooShort", id({p::Text("storage"), type, p::Text("0")}),
            want);
  AddObject(cases, "IdOfAModule",
            id({p::Text("module"), type, p::Text("0"), p::Text("cpu"),
                p::Integer(6)}),
            want);
  AddObject(cases, "IdOfAView",
            id({p::Text("storage"), type, p::Text("0"), p::Text("cpu"),
                p::Integer(6), p::Integers({0, 1, 2})}),
            want);
  AddObject(cases, "IdTooLong",
            id({p::Text("storage"), type, p::Text("0"), p::Text("cpu"),
                p::Integer(6), "N", "N"}),
            want);
  AddObject(
      cases, "IdWithAFunction",
      id({p::Text("storage"), p::Global("torch._utils", "_rebuild_tensor"),
          p::Text("0"), p::Text("cpu"), p::Integer(6)}),
      "want the type of a storage");
  AddObject(cases, "IdWithANumber",
            id({p::Text("storage"), type, p::Integer(0), p::Text("cpu"),
                p::Integer(6)}),
            "want a text, found 0");
  const auto storage = [](const p::StorageParts& parts) {
    return p::Dict({p::Text("a"), p::Tensor({.storage = p::Storage(parts)})});
  };
  AddObject(cases, "NegativeSize", storage({.elements = -6}),
            "want an integer of at least 0");
  AddObject(cases, "SizeThatOverflows",
            storage({.elements = std::int64_t{1} << 60}),
            "want a size that can be");
  AddObject(cases, "TwoSizesOfOneStorage",
            p::Dict({p::Text("a"), p::Tensor(), p::Text("b"),
                     p::Tensor({.storage = p::Storage({.elements = 7})})}),
            "want one type and size of storage \"0\"");
  AddObject(
      cases, "TwoTypesOfOneStorage",
      p::Dict({p::Text("a"), p::Tensor(), p::Text("b"),
               p::Tensor({.storage = p::Storage({.type = "IntStorage"})})}),
      "want one type and size of storage \"0\"");
  const auto zip = [&](const std::string& name, const p::StorageParts& parts,
                       const std::string& message) {
    const std::string object = p::Object(storage(parts));
    cases.push_back({name, [=] { return TorchZip(object); }, message});
  };
  zip("StorageTooLarge", {.elements = 7},
      "want 28 bytes in the member \"archive/data/0\", found 24");
  zip("StorageTooSmall", {.elements = 5}, "want 20 bytes");
  zip("StorageOfHalves", {.type = "HalfStorage"}, "want 12 bytes");
  zip("StorageHuge", {.elements = std::int64_t{1} << 55},
      "bytes in the member");
  zip("StorageAbsent", {.key = "1"}, "found no such member");
  zip("StorageElsewhere", {.key = "../../0"}, "found no such member");
  zip("StorageOfForeignBytes", {.key = "\n\x1b\xff"}, "found no such member");
}

void AddTensors(Cases& cases) {
  const std::int64_t huge = std::int64_t{1} << 62;
  const std::pair<std::string, p::TensorParts> outside[] = {
      {"OffsetTooLarge", {.offset = 1}},
      {"OffsetHuge", {.offset = INT64_MAX}},
      {"OffsetPastAnEmptyTensor", {.offset = 7, .sizes = {0}, .strides = {1}}},
      {"SizeTooLarge", {.sizes = {2, 4}}},
      {"SizeHuge", {.sizes = {huge, huge}}},
      {"SizeTimesStrideOverflows", {.sizes = {4, 4}, .strides = {huge, huge}}},
      {"SumOfStepsOverflows",
       {.sizes = {2, 2, 2, 2}, .strides = {huge, huge, huge, huge}}},
      {"StrideTooLarge", {.strides = {4, 1}}},
      {"ElementsOverflow", {.sizes = {huge, 4}, .strides = {0, 0}}},
  };
  for (const auto& [name, parts] : outside) {
    AddObject(cases, name, p::Dict({p::Text("a"), p::Tensor(parts)}),
              "want a inside its storage of 6 elements, found [");
  }
  const std::pair<std::string, p::TensorParts> negative[] = {
      {"NegativeOffset", {.offset = -1}},
      {"NegativeDimension", {.sizes = {-2, 3}}},
      {"NegativeStride", {.strides = {-3, 1}}},
  };
  for (const auto& [name, parts] : negative) {
    AddObject(cases, name, p::Dict({p::Text("a"), p::Tensor(parts)}),
              "want an integer of at least 0, found -");
  }
  AddObject(cases, "FewerStrides",
            p::Dict({p::Text("a"), p::Tensor({.strides = {1}})}),
            "want a stride for each dimension");
  const std::vector<std::int64_t> nine(9, 1);
  AddObject(
      cases, "NineDimensions",
      p::Dict({p::Text("a"), p::Tensor({.sizes = nine, .strides = nine})}),
      "want at most 8 dimensions");
  const std::string v2 = p::Global("torch._utils", "_rebuild_tensor_v2");
  const std::string parameter = p::Global("torch._utils", "_rebuild_parameter");
  const std::string want =
      "want a tensor with storage, offset, size and stride";
  AddArchive(cases, "NoArguments", p::Dict({p::Text("a"), p::Call(v2, {})}),
             want);
  AddArchive(
      cases, "StorageIsAText",
      p::Dict({p::Text("a"),
               p::Call(v2, {p::Text("0"), p::Integer(0), p::Integers({6}),
                            p::Integers({1}), "\x89", p::OrderedDict()})}),
      "want a persistent id, found \"0\"");
  AddObject(cases, "SizeIsANumber",
            p::Dict({p::Text("a"), p::Call(v2, {p::Storage(), p::Integer(0),
                                                p::Integer(6), p::Integers({1}),
                                                "\x89", p::OrderedDict()})}),
            "want a tuple, found 6");
  AddArchive(cases, "ParameterOfNothing",
             p::Dict({p::Text("a"), p::Call(parameter, {})}), want);
  AddArchive(cases, "ParameterOfAText",
             p::Dict({p::Text("a"), p::Call(parameter, {p::Text("x")})}),
             "want a tensor, found \"x\"");
  AddObject(cases, "ParameterOfAParameter",
            p::Dict({p::Text("a"),
                     p::Call(parameter, {p::Call(parameter, {p::Tensor()})})}),
            want);
}

void AddArchives(Cases& cases) {
  const auto add = [&](const std::string& name,
                       std::function<void(std::vector<ZipMember>&)> spoil,
                       const std::string& message) {
    cases.push_back({"Zip" + name,
                     [=] {
                       auto members = TorchMembers(kGood);
                       spoil(members);
                       return ZipBytes(members);
                     },
                     message});
  };
  using Members = std::vector<ZipMember>;
  add(
      "Compressed", [](Members& m) { m[2].method = 8; },
      "\"archive/data/0\" by method 8");
  add(
      "CompressedPickle", [](Members& m) { m[0].method = 8; },
      "without compression");
  add(
      "TwoSizes", [](Members& m) { m[2].said_packed = 23; },
      "without compression");
  add(
      "Encrypted", [](Members& m) { m[2].flags |= 1; },
      "\"archive/data/0\" encrypted");
  add(
      "Masked", [](Members& m) { m[2].flags |= 0x2000; }, "encrypted");
  add(
      "TooLarge", [](Members& m) { m[3].said_bytes = 2'000; },
      "to end before the directory");
  add(
      "OverTheNext", [](Members& m) { m[2].said_bytes = 40; },
      "want members that do not overlap");
  add(
      "TwiceTheSame",
      [](Members& m) { m[3].said_local = 0, m[3].local_name = ""; },
      "want the header of");
  add(
      "OneInTwo",
      [](Members& m) {
        m[3].name = m[0].name;
        m[3].said_local = 0;
        m[3].said_bytes = static_cast<std::int64_t>(m[0].bytes.size());
      },
      "want members that do not overlap");
  add(
      "NameTwice", [](Members& m) { m[3] = m[2]; }, "want each name once");
  add(
      "OtherLocalName", [](Members& m) { m[2].local_name = "archive/data/1"; },
      "want the header of");
  add(
      "LocalOutside", [](Members& m) { m[2].said_local = 1 << 30; },
      "want a member before the directory");
  add(
      "WideOutside",
      [](Members& m) { m[2].wide = true, m[2].said_local = INT64_MAX; },
      "before the directory");
  add(
      "WideTooLarge",
      [](Members& m) { m[2].wide = true, m[2].said_bytes = INT64_MAX; },
      "before the directory");
  add(
      "NoPickle", [](Members& m) { m.erase(m.begin()); },
      "want one member data.pkl, found 0");
  add(
      "TwoPickles",
      [](Members& m) { m.push_back(m[0]), m.back().name = "b/data.pkl"; },
      "found 2");
  add(
      "NoData", [](Members& m) { m.erase(m.begin() + 2); },
      "found no such member");
  add(
      "BigEndian", [](Members& m) { m[1].bytes = "big"; },
      "want the byte order little, found \"big\"");
  add(
      "LongByteOrder",
      [](Members& m) { m[1].bytes = std::string(100'000, '\n'); },
      "want the byte order");
  add(
      "Script", [](Members& m) { m[3].name = "archive/constants.pkl"; },
      "found a TorchScript program");
  add(
      "EmptyPickle", [](Members& m) { m[0].bytes = ""; },
      "want a pickle that ends with STOP");
  add(
      "PickleBeyondItsMember", [](Members& m) { m[0].said_bytes = 20; },
      "want a pickle that ends with STOP");
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

void AddStreams(Cases& cases) {
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

std::vector<BadTorch> BadTorchFiles() {
  Cases cases;
  AddGlobals(cases);
  AddCalls(cases);
  AddStack(cases);
  AddGrowth(cases);
  AddStorages(cases);
  AddTensors(cases);
  AddArchives(cases);
  AddStreams(cases);
  return cases;
}

}  // namespace tessera::models

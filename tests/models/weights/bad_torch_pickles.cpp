// Pickles with what no tensors need, and stacks that do not come out even.
#include <string>
#include <utility>
#include <vector>

#include "tests/models/weights/bad_torch_cases.h"
#include "tests/models/weights/test_torch.h"

namespace tessera::models {
namespace {

namespace p = pickle;
using namespace std::string_literals;

void AddGlobals(BadTorchCases& cases) {
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

void AddCalls(BadTorchCases& cases) {
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

void AddStack(BadTorchCases& cases) {
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

}  // namespace

void AddPickles(BadTorchCases& cases) {
  AddGlobals(cases);
  AddCalls(cases);
  AddStack(cases);
}

}  // namespace tessera::models

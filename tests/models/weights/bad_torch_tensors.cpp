// Storages and tensors that do not fit each other.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/models/weights/bad_torch_cases.h"
#include "tests/models/weights/test_torch.h"

namespace tessera::models {
namespace {

namespace p = pickle;

void AddStorages(BadTorchCases& cases) {
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

void AddShapes(BadTorchCases& cases) {
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

}  // namespace

void AddTensors(BadTorchCases& cases) {
  AddStorages(cases);
  AddShapes(cases);
}

}  // namespace tessera::models

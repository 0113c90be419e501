// Files of torch.save: from the values of a pickle to tensors and where they
// lie.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/message.h"
#include "models/weights/containers.h"
#include "models/weights/pickle.h"
#include "models/weights/zip.h"

namespace tessera::models {
namespace {

using namespace std::string_view_literals;
using Kind = Pickle::Kind;
using Index = Pickle::Index;

// What a pickle may name: first what it may call, then types of storages.
enum Callee : std::size_t { kTensorV2, kTensor, kParameter, kCallees };
constexpr PickleGlobal kGlobals[] = {
    {"torch._utils _rebuild_tensor_v2", true},
    {"torch._utils _rebuild_tensor", true},
    {"torch._utils _rebuild_parameter", true},
    {"torch FloatStorage"},
    {"torch HalfStorage"},
    {"torch BFloat16Storage"},
    {"torch DoubleStorage"},
    {"torch LongStorage"},
    {"torch IntStorage"},
    {"torch ShortStorage"},
    {"torch CharStorage"},
    {"torch ByteStorage"},
    {"torch BoolStorage"},
};
constexpr DType kStorageTypes[] = {
    DType::kF32, DType::kF16, DType::kBF16, DType::kF64, DType::kI64,
    DType::kI32, DType::kI16, DType::kI8,   DType::kU8,  DType::kBool};
static_assert(std::size(kGlobals) == kCallees + std::size(kStorageTypes));

// The magic number and the version, as pickles.
constexpr auto kStreamStart =
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03."sv;

// So often may tensors share the bytes of a file, on average: layers that are
// one and the same are read, a file of 1 kB that claims a GB is not.
constexpr std::uint64_t kMostSharing = 16;

struct Storage {
  DType dtype = DType::kF32;
  std::uint64_t elements = 0;
  std::uint64_t begin_bytes = 0;  // in the file
  Index id = 0;                   // a value that names it, for messages

  std::uint64_t bytes() const { return elements * Bits(dtype) / 8; }
};
using Storages = std::map<std::string, Storage, std::less<>>;

// ("storage", type, key, device, elements); the stream has a sixth member, for
// windows of other storages, which is None since PyTorch 0.4.
std::pair<std::string, Storage> ReadStorage(const Pickle& pickle, Index id) {
  const auto members = pickle.Items(id, Kind::kPersistent);
  if (members.size() < 5 || members.size() > 6 ||
      pickle.String(members[0]) != "storage" ||
      (members.size() == 6 && pickle.kind(members[5]) != Kind::kNone)) {
    pickle.Fail(id, "a storage with type, key, device and size");
  }
  const std::size_t type = pickle.Global(members[1]);
  if (type < kCallees || type >= std::size(kGlobals)) {
    pickle.Fail(members[1], "the type of a storage");
  }
  const DType dtype = kStorageTypes[type - kCallees];
  const auto elements = static_cast<std::uint64_t>(pickle.Integer(members[4]));
  if (!CheckedMultiply(elements, Bits(dtype))) {
    pickle.Fail(members[4], "a size that can be");
  }
  return {std::string(pickle.String(members[2])),
          {.dtype = dtype, .elements = elements, .id = id}};
}

// Every storage that the pickle names.
Storages ReadStorages(const Pickle& pickle) {
  Storages storages;
  for (Index value = 0; value < pickle.size(); ++value) {
    if (pickle.kind(value) != Kind::kPersistent) continue;
    const auto [key, storage] = ReadStorage(pickle, value);
    const Storage& first = storages.try_emplace(key, storage).first->second;
    if (first.dtype != storage.dtype || first.elements != storage.elements) {
      pickle.Fail(value, Cat("one type and size of storage ", QuoteText(key)));
    }
    if (storages.size() > kMaxTensors) {
      pickle.Fail(value, Cat("at most ", kMaxTensors, " storages"));
    }
  }
  return storages;
}

std::vector<std::size_t> ReadSizes(const Pickle& pickle, Index tuple) {
  std::vector<std::size_t> sizes;
  const auto members = pickle.Items(tuple, Kind::kTuple);
  if (members.size() > kMaxRank) {
    pickle.Fail(tuple, Cat("at most ", kMaxRank, " dimensions"));
  }
  for (const Index member : members) {
    sizes.push_back(static_cast<std::size_t>(pickle.Integer(member)));
  }
  return sizes;
}

bool IsRowMajor(const TensorInfo& tensor) {
  std::size_t stride = 1;
  for (std::size_t axis = tensor.shape.size(); axis-- > 0;) {
    if (tensor.shape[axis] == 1) continue;
    if (tensor.strides[axis] != stride) return false;
    stride *= tensor.shape[axis];
  }
  return true;
}

// One more than the index of the last element, counted from the first; nothing
// if that does not fit.
std::optional<std::uint64_t> Span(const TensorInfo& tensor) {
  std::uint64_t last = 0;
  for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    const auto step =
        CheckedMultiply(tensor.shape[axis] - 1, tensor.strides[axis]);
    if (!step || __builtin_add_overflow(last, *step, &last)) return {};
  }
  return last == UINT64_MAX ? std::nullopt : std::optional(last + 1);
}

// The tensor that a call of _rebuild_tensor or _rebuild_parameter makes:
// (storage, offset, size, stride, requires_grad, hooks[, metadata]).
TensorInfo ReadTensor(const Pickle& pickle, const Storages& storages,
                      Index call, std::string_view name) {
  auto arguments = pickle.Items(call, Kind::kCall);
  if (pickle.Callee(call) == kParameter && !arguments.empty()) {
    call = arguments[0];
    arguments = pickle.Items(call, Kind::kCall);
  }
  const bool v2 = pickle.Callee(call) == kTensorV2;
  if (pickle.Callee(call) == kParameter || arguments.size() < (v2 ? 6 : 4) ||
      arguments.size() > (v2 ? 7 : 4)) {
    pickle.Fail(call, "a tensor with storage, offset, size and stride");
  }
  const auto id = ReadStorage(pickle, arguments[0]);
  const Storage& storage = storages.find(id.first)->second;
  const auto offset = static_cast<std::uint64_t>(pickle.Integer(arguments[1]));
  TensorInfo tensor{.name = std::string(name),
                    .dtype = storage.dtype,
                    .shape = ReadSizes(pickle, arguments[2]),
                    .strides = ReadSizes(pickle, arguments[3])};
  if (tensor.strides.size() != tensor.shape.size()) {
    pickle.Fail(arguments[3], "a stride for each dimension");
  }
  const auto elements = CheckedElements(tensor.shape);
  const auto span = elements == 0 ? 0 : Span(tensor);
  if (!elements || !span || offset > storage.elements ||
      *span > storage.elements - offset) {
    pickle.Fail(
        call,
        Cat(name, " inside its storage of ", storage.elements, " elements"),
        Cat(FormatShape(tensor.shape), " from element ", offset,
            " on with strides ", FormatShape(tensor.strides)));
  }
  if (elements == 0 || IsRowMajor(tensor)) tensor.strides.clear();
  const std::uint64_t element_bytes = Bits(tensor.dtype) / 8;
  tensor.begin_bytes = storage.begin_bytes + offset * element_bytes;
  tensor.end_bytes = tensor.begin_bytes + *span * element_bytes;
  return tensor;
}

// Key and value by turns: the whole object, or its "state_dict".
std::vector<Index> StateDict(const Pickle& pickle) {
  const auto items = pickle.Items(pickle.root(), Kind::kDict);
  for (std::size_t i = 0; i < items.size(); i += 2) {
    if (pickle.kind(items[i]) == Kind::kString &&
        pickle.String(items[i]) == "state_dict" &&
        pickle.kind(items[i + 1]) == Kind::kDict) {
      return pickle.Items(items[i + 1], Kind::kDict);
    }
  }
  return items;
}

std::vector<TensorInfo> ReadTensors(const File& file, const Pickle& pickle,
                                    const Storages& storages) {
  const auto items = StateDict(pickle);
  std::vector<TensorInfo> tensors;
  std::set<std::string_view> names;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < items.size(); i += 2) {
    if (pickle.kind(items[i + 1]) != Kind::kCall) continue;
    const std::string_view name = pickle.String(items[i]);
    CheckTensorName(file.name(), name);
    if (!names.insert(name).second) pickle.Fail(items[i], "each name once");
    if (tensors.size() == kMaxTensors) {
      pickle.Fail(items[i], Cat("at most ", kMaxTensors, " tensors"));
    }
    tensors.push_back(ReadTensor(pickle, storages, items[i + 1], name));
    bytes += tensors.back().bytes();
    if (bytes / kMostSharing > file.size_bytes()) {
      pickle.Fail(items[i], Cat("tensors that share their bytes ", kMostSharing,
                                " times at most"));
    }
  }
  return tensors;
}

// ROOT, from the member ROOT/data.pkl.
std::string FindRoot(const File& file, const ZipEntries& entries) {
  constexpr std::string_view kPickle = "/data.pkl";
  std::string root;
  int found = 0;
  for (const auto& [name, entry] : entries) {
    if (name.ends_with("/constants.pkl")) {
      Refuse(file.name(), "a state_dict",
             Cat("a TorchScript program (", QuoteText(name), ")"));
    }
    if (!name.ends_with(kPickle)) continue;
    root = name.substr(0, name.size() - kPickle.size());
    ++found;
  }
  if (found == 1) return root;
  Refuse(file.name(), "one member data.pkl",
         Cat(found, " in this zip archive"));
}

std::vector<TensorInfo> ReadArchive(const File& file) {
  const ZipEntries entries = ReadZipDirectory(file);
  const std::string root = FindRoot(file, entries);
  if (const auto order = entries.find(root + "/byteorder");
      order != entries.end()) {
    const std::string text = file.Read(
        order->second.begin, std::min<std::uint64_t>(order->second.bytes, 16));
    if (text != "little") {
      file.Fail(order->second.begin, "the byte order little", QuoteText(text));
    }
  }
  const ZipEntry object = entries.find(root + "/data.pkl")->second;
  const Pickle pickle(file, object.begin, object.begin + object.bytes,
                      kGlobals);
  Storages storages = ReadStorages(pickle);
  for (auto& [key, storage] : storages) {
    const auto entry = entries.find(root + "/data/" + key);
    if (entry == entries.end() || entry->second.bytes != storage.bytes()) {
      pickle.Fail(
          storage.id,
          Cat(storage.bytes(), " bytes in the member ",
              QuoteText(root + "/data/" + key)),
          entry == entries.end() ? "no such member" : Cat(entry->second.bytes));
    }
    storage.begin_bytes = entry->second.begin;
  }
  return ReadTensors(file, pickle, storages);
}

// The third pickle: a dict that says so.
void CheckMachine(const Pickle& machine) {
  const auto items = machine.Items(machine.root(), Kind::kDict);
  for (std::size_t i = 0; i < items.size(); i += 2) {
    if (machine.String(items[i]) != "little_endian") continue;
    if (!machine.Bool(items[i + 1])) {
      machine.Fail(items[i + 1], "a little-endian file");
    }
  }
}

std::vector<TensorInfo> ReadStream(const File& file) {
  const std::uint64_t size = file.size_bytes();
  const Pickle machine(file, kStreamStart.size(), size, kGlobals);
  CheckMachine(machine);
  const Pickle pickle(file, machine.end(), size, kGlobals);
  const Pickle keys(file, pickle.end(), size, kGlobals);
  Storages storages = ReadStorages(pickle);
  std::uint64_t at = keys.end();
  std::set<std::string_view> placed;
  for (const Index key : keys.Items(keys.root(), Kind::kList)) {
    const auto found = storages.find(keys.String(key));
    if (found == storages.end() || !placed.insert(found->first).second) {
      keys.Fail(key, "each storage of the object once");
    }
    Storage& storage = found->second;
    const std::uint64_t elements = file.ReadNumber(at);
    storage.begin_bytes = at + sizeof(elements);
    if (elements != storage.elements ||
        storage.bytes() > size - storage.begin_bytes) {
      file.Fail(at,
                Cat("the ", storage.elements, " elements of storage ",
                    QuoteText(found->first)),
                Cat(elements, " and ", size - storage.begin_bytes, " bytes"));
    }
    at = storage.begin_bytes + storage.bytes();
  }
  if (placed.size() != storages.size() || at != size) {
    file.Fail(at,
              Cat("the end of the file after ", storages.size(), " storages"),
              Cat(size - at, " bytes after ", placed.size()));
  }
  return ReadTensors(file, pickle, storages);
}

}  // namespace

TensorFile OpenTorchFile(const std::filesystem::path& path) {
  File file = File::Open(path);
  const std::string start =
      file.Read(0, std::min(kStreamStart.size(), file.size_bytes()));
  std::vector<TensorInfo> tensors;
  if (start.starts_with("PK\3\4")) {
    tensors = ReadArchive(file);
  } else if (start == kStreamStart) {
    tensors = ReadStream(file);
  } else {
    RefuseForeign(file, "a file of torch.save");
    file.Fail(0, "a file of torch.save", QuoteText(start));
  }
  return TensorFile(std::move(file), std::move(tensors));
}

}  // namespace tessera::models

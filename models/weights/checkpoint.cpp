// Finding the weight files of a folder, and reading tensors from them.
#include "models/weights/checkpoint.h"

#include <algorithm>
#include <utility>

#include "models/files/json.h"
#include "models/files/message.h"
#include "models/weights/containers.h"

namespace tessera::models {
namespace {

constexpr const char* kIndex = ".index.json";
constexpr std::size_t kCompareBytes = std::size_t{64} << 10;

[[noreturn]] void ThrowNoWeights(const ModelFolder& folder) {
  std::string found = ForeignWeightsIn(folder);
  if (found.empty()) found = "none of them";
  std::string want;
  for (const Container& container : Containers()) {
    want += Cat(want.empty() ? "a folder with one of " : ", ", container.file,
                ", ", container.file, kIndex);
  }
  Refuse(folder.path().string(), want, found);
}

constexpr std::size_t kMaxShards = 1'000;

// Which shard of a checkpoint holds which tensor.
struct ShardIndex {
  std::string name;                 // of the index file itself
  std::vector<std::string> shards;  // file names, sorted, each once
  std::map<std::string, std::string, std::less<>> shard_of;  // by tensor
};

bool IsPlainShardName(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) && name.size() <= 255 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c > ' ' && c <= '~' && c != '/' && c != '\\';
         });
}

// Reads an index under the same limits as a safetensors header. Every shard
// must be named by a plain file name: no separator, so that it cannot lead out
// of the folder.
ShardIndex ReadShardIndex(const std::filesystem::path& path,
                          std::string_view suffix) {
  const JsonObject index = JsonObject::Read(path);
  const JsonObject map =
      index.Object("weight_map", index.where() + ": weight_map");
  const std::vector<std::string> tensors = map.Keys();
  if (tensors.size() > kMaxTensors) {
    Refuse(index.where(), Cat("at most ", kMaxTensors, " tensors"),
           tensors.size());
  }
  ShardIndex result{.name = index.where(), .shards = {}, .shard_of = {}};
  std::set<std::string> shards;
  for (const std::string& tensor : tensors) {
    CheckTensorName(index.where(), tensor);
    const std::string shard = map.String(tensor);
    if (!IsPlainShardName(shard, suffix)) {
      map.Fail(tensor, Cat("a plain file name ending in ", suffix));
    }
    shards.insert(shard);
    result.shard_of.emplace(tensor, shard);
  }
  if (shards.size() > kMaxShards) {
    Refuse(index.where(), Cat("at most ", kMaxShards, " shards"),
           shards.size());
  }
  result.shards.assign(shards.begin(), shards.end());
  return result;
}

// "[3, 17]": the position of a flat index.
std::string Position(std::span<const std::size_t> shape, std::size_t index) {
  std::vector<std::size_t> position(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    position[axis] = index % shape[axis];
    index /= shape[axis];
  }
  return FormatShape(position);
}

}  // namespace

Checkpoint Checkpoint::Open(const ModelFolder& folder) {
  Checkpoint checkpoint;
  for (const Container& container : Containers()) {
    checkpoint.name_ = container.file;
    if (folder.Has(checkpoint.name_)) {
      checkpoint.AddFile(container.open(folder.File(checkpoint.name_)));
      return checkpoint;
    }
    checkpoint.name_ += kIndex;
    if (folder.Has(checkpoint.name_)) {
      checkpoint.AddShards(folder, container);
      return checkpoint;
    }
  }
  ThrowNoWeights(folder);
}

void Checkpoint::AddShards(const ModelFolder& folder,
                           const Container& container) {
  const ShardIndex index = ReadShardIndex(folder.File(name_), container.suffix);
  for (const std::string& shard : index.shards) {
    AddFile(container.open(folder.File(shard)));
  }
  for (const auto& [name, shard] : index.shard_of) {
    const Entry* entry = FindEntry(name);
    if (entry == nullptr || FileOf(*entry).name() != shard) {
      Refuse(Cat(shard, ": ", name),
             Cat("this tensor as ", index.name, " says"),
             "no tensor of that name");
    }
  }
}

void Checkpoint::AddFile(TensorFile file) {
  for (const TensorInfo& info : file.tensors()) {
    const auto [entry, inserted] =
        entries_.emplace(info.name, Entry{info, files_.size()});
    if (inserted) continue;
    Refuse(Cat(file.name(), ": ", info.name), "each tensor in one shard",
           Cat("it in ", FileOf(entry->second).name(), " too"));
  }
  files_.push_back(std::move(file));
}

const Checkpoint::Entry* Checkpoint::FindEntry(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

const TensorInfo* Checkpoint::Find(std::string_view name) const {
  const Entry* entry = FindEntry(name);
  return entry == nullptr ? nullptr : &entry->info;
}

std::vector<std::string> Checkpoint::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

std::string Checkpoint::Where(const Entry& entry) const {
  return FileOf(entry).name() + ": " + entry.info.name;
}

const Checkpoint::Entry& Checkpoint::Require(
    std::string_view name, std::span<const std::size_t> want_shape) const {
  const Entry* entry = FindEntry(name);
  if (entry == nullptr) {
    Refuse(Cat(name_, ": ", name), FormatShape(want_shape),
           "no tensor of that name");
  }
  const TensorInfo& info = entry->info;
  if (!IsReadable(info.dtype) || !std::ranges::equal(info.shape, want_shape)) {
    Refuse(Where(*entry), Cat("f32/f16/bf16/f64 ", FormatShape(want_shape)),
           Cat(Name(info.dtype), " ", FormatShape(info.shape)));
  }
  if (info.repeats()) {
    Refuse(Where(*entry), Cat(FormatShape(want_shape), " values"),
           Cat(info.bytes(), " bytes that its strides repeat"));
  }
  return *entry;
}

void Checkpoint::Check(std::string_view name,
                       std::span<const std::size_t> want_shape) const {
  Require(name, want_shape);
}

void Checkpoint::Read(std::string_view name,
                      std::span<const std::size_t> want_shape,
                      std::span<float> out) const {
  const Entry& entry = Require(name, want_shape);
  if (entry.info.elements() != out.size()) {
    Refuse(Where(entry), Cat("memory for ", FormatShape(want_shape)),
           Cat(out.size(), " values of it"));
  }
  ReadPart(name, want_shape, 0, out);
}

void Checkpoint::ReadPart(std::string_view name,
                          std::span<const std::size_t> want_shape,
                          std::size_t first, std::span<float> out) const {
  const Entry& entry = Require(name, want_shape);
  const std::uint64_t elements = entry.info.elements();
  if (first > elements || out.size() > elements - first) {
    Refuse(Where(entry), Cat("a part of ", FormatShape(want_shape)),
           Cat(out.size(), " values from ", first, " on"));
  }
  const auto bad = ReadFloats(FileOf(entry), entry.info, first, out);
  if (bad) {
    Refuse(Where(entry), "finite values",
           Cat(out[*bad], " at ", Position(want_shape, first + *bad)));
  }
  used_.emplace(name);
}

std::vector<float> Checkpoint::Read(
    std::string_view name, std::span<const std::size_t> want_shape) const {
  const TensorInfo& info = Require(name, want_shape).info;
  std::vector<float> values(static_cast<std::size_t>(info.elements()));
  Read(name, want_shape, values);
  return values;
}

bool Checkpoint::SameBytes(std::string_view a, std::string_view b) const {
  const Entry* left = FindEntry(a);
  const Entry* right = FindEntry(b);
  if (left == nullptr || right == nullptr ||
      left->info.dtype != right->info.dtype ||
      left->info.shape != right->info.shape || !SameValues(*left, *right)) {
    return false;
  }
  used_.emplace(a);
  used_.emplace(b);
  return true;
}

bool Checkpoint::SameValues(const Entry& a, const Entry& b) const {
  if (a.file == b.file && a.info.begin_bytes == b.info.begin_bytes &&
      a.info.end_bytes == b.info.end_bytes &&
      a.info.strides == b.info.strides) {
    return true;  // tensors that share their storage
  }
  if (a.info.repeats() || b.info.repeats()) return false;
  const TensorReader left(FileOf(a), a.info), right(FileOf(b), b.info);
  std::vector<std::byte> left_bytes, right_bytes;
  const std::uint64_t bytes = a.info.elements() * Bits(a.info.dtype) / 8;
  for (std::uint64_t at = 0; at < bytes; at += kCompareBytes) {
    const auto count = static_cast<std::size_t>(
        std::min<std::uint64_t>(kCompareBytes, bytes - at));
    left_bytes.resize(count);
    right_bytes.resize(count);
    left.Read(at, left_bytes);
    right.Read(at, right_bytes);
    if (left_bytes != right_bytes) return false;
  }
  return true;
}

std::vector<std::string> Checkpoint::Unused() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) {
    if (!used_.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace tessera::models

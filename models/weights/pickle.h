// Pickles, the object format of Python, read as plain data.
#ifndef TESSERA_MODELS_WEIGHTS_PICKLE_H_
#define TESSERA_MODELS_WEIGHTS_PICKLE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/file.h"

namespace tessera::models {

// A class or function that a pickle may name, "torch FloatStorage", and whether
// it may be called.
struct PickleGlobal {
  std::string_view name;
  bool callable = false;
};

// Limits, a multiple of what 20,000 tensors need. Together they keep a pickle,
// its memo and its stack below 40 MiB beside the bytes of it.
inline constexpr std::uint64_t kMaxPickleBytes = std::uint64_t{16} << 20;
inline constexpr std::size_t kMaxPickleValues = std::size_t{1} << 20;
inline constexpr std::size_t kMaxPickleStack = std::size_t{1} << 16;
inline constexpr std::size_t kMaxPickleMarks = 1'000;
inline constexpr std::size_t kMaxPickleString = std::size_t{64} << 10;

// The values that a pickle describes. Nothing in it is executed: what it would
// call is kept as a kCall with the arguments, for the reader of the format to
// interpret. Values refer to each other by index, never by copy, so that no
// pickle grows beyond what its bytes pay for.
class Pickle {
 public:
  using Index = std::uint32_t;
  enum class Kind : std::uint8_t {
    kNone,
    kBool,
    kInteger,
    kFloat,  // not kept
    kString,
    kTuple,
    kList,
    kDict,  // a dict or a collections.OrderedDict
    kGlobal,
    kCall,        // of a callable global
    kPersistent,  // what lies outside of the pickle
  };

  // Reads protocol 2 from byte `begin` of a file to its STOP, which must come
  // before `end`. Throws tessera::Error, with the place as a byte of the file,
  // for an opcode that data does not need, a global that is neither in
  // `globals` nor OrderedDict, a call of what is not callable, whatever Python
  // would refuse too, and what exceeds the limits above. The file must outlive
  // this.
  Pickle(const File& file, std::uint64_t begin, std::uint64_t end,
         std::span<const PickleGlobal> globals);

  Index root() const { return root_; }
  std::uint64_t end() const { return end_; }  // the byte after STOP

  Index size() const { return static_cast<Index>(values_.size()); }
  Kind kind(Index value) const { return values_[value].kind; }

  // These throw as Fail does unless the value is of that kind.
  std::string_view String(Index value) const;
  std::int64_t Integer(Index value) const;  // at least 0
  bool Bool(Index value) const;
  std::size_t Global(Index value) const;  // index in `globals`
  // Of a list, a tuple, the arguments of a call or a persistent id; of a dict
  // its keys, each followed by its value.
  std::vector<Index> Items(Index value, Kind kind) const;
  std::size_t Callee(Index call) const;  // index in `globals`

  // Throws "FILE: byte 123: want WANT, found FOUND", the place being that of
  // the opcode that made the value. `found` is the value unless given.
  [[noreturn]] void Fail(Index value, const std::string& want,
                         std::string found = "") const;

 private:
  class Machine;

  struct Value {
    Kind kind = Kind::kNone;
    std::uint32_t at = 0;  // in the pickle
    // The chain in items_ of what has items; the tuple of a call or of a
    // persistent id; where a string begins in the pickle.
    Index first = 0;
    Index last = 0;
    // A number; how many items, or bytes of a string; the index of a global.
    std::int64_t number = 0;
  };
  struct Item {
    Index value;
    Index next;
  };

  const Value& Require(Index value, Kind kind) const;
  std::string Describe(Index value) const;

  const File& file_;
  const std::uint64_t begin_;
  std::uint64_t end_ = 0;
  const std::span<const PickleGlobal> globals_;
  std::deque<Value> values_;  // deques: growing copies nothing
  std::deque<Item> items_;
  std::string bytes_;  // of the pickle, its strings among them
  Index root_ = 0;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_PICKLE_H_

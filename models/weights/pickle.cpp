// A stack machine with the opcodes of data, on indices.
#include "models/weights/pickle.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>

#include "models/files/message.h"

namespace tessera::models {
namespace {

constexpr Pickle::Index kNoItem = UINT32_MAX;
constexpr std::string_view kOrderedDict = "collections OrderedDict";
constexpr std::size_t kMaxGlobalName = 256;

}  // namespace

class Pickle::Machine {
 public:
  // `whole`: the pickle's bytes go to the end of what it is part of.
  Machine(Pickle& pickle, bool whole) : pickle_(pickle), whole_(whole) {}

  void Run() {
    for (unsigned op; op_at_ = next_, (op = Byte()) != '.';) Execute(op);
    if (stack_.size() != 1 || !marks_.empty()) {
      Fail("one object at the end of the pickle",
           Cat(stack_.size(), " objects and ", marks_.size(), " open marks"));
    }
    pickle_.root_ = stack_.back();
    pickle_.end_ = pickle_.begin_ + next_;
    pickle_.bytes_.resize(next_);
    pickle_.bytes_.shrink_to_fit();
  }

 private:
  [[noreturn]] void Fail(const std::string& want,
                         const std::string& found) const {
    pickle_.file_.Fail(pickle_.begin_ + op_at_, want, found);
  }

  void AtMost(std::size_t limit, std::size_t count, const char* what) const {
    if (count > limit) Fail(Cat("at most ", limit, " ", what), "more");
  }

  // The next bytes of the pickle.
  std::string_view Take(std::size_t count) {
    const auto rest = std::string_view(pickle_.bytes_).substr(next_);
    if (count > rest.size()) {
      if (!whole_) AtMost(kMaxPickleBytes, next_ + count, "bytes");
      Fail("a pickle that ends with STOP", "its end");
    }
    next_ += count;
    return rest.substr(0, count);
  }
  unsigned char Byte() { return static_cast<unsigned char>(Take(1)[0]); }

  std::uint64_t Unsigned(std::size_t bytes) {
    std::uint64_t value = 0;
    int shift = 0;
    for (const char byte : Take(bytes)) {
      value |= std::uint64_t{static_cast<unsigned char>(byte)} << shift;
      shift += 8;
    }
    return value;
  }

  void Push(const Value& value) {
    auto& values = pickle_.values_;
    AtMost(kMaxPickleValues, values.size() + 1, "values");
    values.push_back(value);
    values.back().at = static_cast<std::uint32_t>(op_at_);
    PushIndex(static_cast<Index>(values.size() - 1));
  }
  void Push(Kind kind, std::int64_t number = 0, Index first = kNoItem) {
    Push({.kind = kind, .first = first, .number = number});
  }
  void PushIndex(Index index) {
    AtMost(kMaxPickleStack, stack_.size() + 1, "objects in work");
    stack_.push_back(index);
  }

  // How many objects lie above the last mark, or above the ground.
  std::size_t Above() const {
    return stack_.size() - (marks_.empty() ? 0 : marks_.back());
  }
  void Need(std::size_t count) const {
    if (Above() >= count) return;
    Fail(Cat("a stack of at least ", count, " objects"), Cat(Above()));
  }
  Index Pop() {
    Need(1);
    const Index top = stack_.back();
    stack_.pop_back();
    return top;
  }

  void Mark() {
    AtMost(kMaxPickleMarks, marks_.size() + 1, "marks");
    marks_.push_back(stack_.size());
  }
  std::size_t PopMark() {
    if (marks_.empty()) Fail("a mark", "none");
    const std::size_t count = Above();
    marks_.pop_back();
    return count;
  }

  void Append(Value& to, Index value) {
    auto& items = pickle_.items_;
    AtMost(kMaxPickleValues, items.size() + 1, "items");
    const auto item = static_cast<Index>(items.size());
    items.push_back({value, kNoItem});
    (to.first == kNoItem ? to.first : items[to.last].next) = item;
    to.last = item;
    ++to.number;
  }
  // The last `count` objects of the stack become items of `to`.
  void Append(Value& to, std::size_t count) {
    const std::size_t rest = stack_.size() - count;
    for (std::size_t i = rest; i < stack_.size(); ++i) Append(to, stack_[i]);
    stack_.resize(rest);
  }

  void Tuple(std::size_t count) {
    Need(count);
    Value tuple{.kind = Kind::kTuple, .first = kNoItem};
    Append(tuple, count);
    Push(tuple);
  }
  // The list or dict lies below its `count` new members.
  void Extend(Kind kind, std::size_t count) {
    Need(count + 1);
    const Index to = stack_[stack_.size() - count - 1];
    pickle_.Require(to, kind);
    if (kind == Kind::kDict && count % 2 != 0) {
      Fail("a value for every key", Cat(count, " objects"));
    }
    Append(pickle_.values_[to], count);
  }

  void Put(std::size_t slot) {
    AtMost(kMaxPickleValues, slot + 1, "memo slots");
    Need(1);
    if (slot >= memo_.size()) memo_.resize(slot + 1, kNoItem);
    memo_[slot] = stack_.back();
  }
  void Get(std::size_t slot) {
    if (slot >= memo_.size() || memo_[slot] == kNoItem) {
      Fail("a memo slot that was set", Cat("slot ", slot));
    }
    PushIndex(memo_[slot]);
  }

  void String(std::size_t bytes) {
    AtMost(kMaxPickleString, bytes, "bytes of a string");
    const auto first = static_cast<Index>(next_);
    Take(bytes);
    Push(Kind::kString, static_cast<std::int64_t>(bytes), first);
  }

  // Two's complement.
  void Long(std::size_t bytes) {
    AtMost(8, bytes, "bytes of an integer");
    const std::uint64_t value = Unsigned(bytes);
    const std::size_t above = bytes == 0 ? 0 : 64 - 8 * bytes;
    // Extends the sign: C++20 defines both shifts.
    Push(Kind::kInteger, static_cast<std::int64_t>(value << above) >> above);
  }

  std::string_view Line() {
    const std::size_t begin = next_;
    while (Byte() != '\n') {
      AtMost(kMaxGlobalName, next_ - begin, "bytes of a name");
    }
    return std::string_view(pickle_.bytes_).substr(begin, next_ - 1 - begin);
  }

  // OrderedDict has the index behind the last of the format's own globals.
  void Global() {
    const std::string_view module = Line();
    const std::string name = Cat(module, " ", Line());
    const auto found = std::ranges::find(
        pickle_.globals_, std::string_view(name), &PickleGlobal::name);
    if (found == pickle_.globals_.end() && name != kOrderedDict) {
      Fail("a name of tensors (nothing else is read, nothing is executed)",
           QuoteText(name));
    }
    Push(Kind::kGlobal, found - pickle_.globals_.begin());
  }

  void Reduce() {
    const Index arguments = Pop();
    const Index callee = Pop();
    pickle_.Require(arguments, Kind::kTuple);
    const std::size_t global = pickle_.Global(callee);
    if (global == pickle_.globals_.size()) return MakeDict(arguments);
    if (!pickle_.globals_[global].callable) {
      Fail("a call of what makes tensors", pickle_.Describe(callee));
    }
    Push(Kind::kCall, static_cast<std::int64_t>(global), arguments);
  }

  // OrderedDict(), or OrderedDict([(key, value), ...]) as Python 2 wrote it.
  void MakeDict(Index arguments) {
    Value dict{.kind = Kind::kDict, .first = kNoItem};
    const auto items = pickle_.Items(arguments, Kind::kTuple);
    if (items.size() > 1) pickle_.Fail(arguments, "at most one argument");
    for (const Index list : items) {
      for (const Index pair : pickle_.Items(list, Kind::kList)) {
        const auto members = pickle_.Items(pair, pickle_.kind(pair));
        if (members.size() != 2) pickle_.Fail(pair, "a key and a value");
        for (const Index member : members) Append(dict, member);
      }
    }
    Push(dict);
  }

  // Attributes of a dict or a tensor, such as _metadata: they hold no values.
  void Build() {
    Pop();
    Need(1);
    const Kind kind = pickle_.kind(stack_.back());
    if (kind == Kind::kDict || kind == Kind::kCall) return;
    Fail("attributes of a dict or a tensor", pickle_.Describe(stack_.back()));
  }

  void Persistent() {
    const Index id = Pop();
    pickle_.Require(id, Kind::kTuple);
    Push(Kind::kPersistent, 0, id);
  }

  void Protocol(unsigned version) const {
    if (version != 2) Fail("pickle protocol 2", Cat("protocol ", version));
  }

  void Execute(unsigned op);

  Pickle& pickle_;
  const bool whole_;
  std::size_t next_ = 0;   // in the pickle
  std::size_t op_at_ = 0;  // of the opcode in work
  std::vector<Index> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::vector<Index> memo_;
};

// Opcodes by the names of Python's pickletools.
void Pickle::Machine::Execute(unsigned op) {
  switch (op) {
    // clang-format off
    case 0x80: return Protocol(Byte());                     // PROTO
    case '(': return Mark();                                // MARK
    case 'c': return Global();                              // GLOBAL
    case ')': return Tuple(0);                              // EMPTY_TUPLE
    case 0x85: case 0x86: case 0x87:                        // TUPLE1, 2, 3
      return Tuple(op - 0x84);
    case 't': return Tuple(PopMark());                      // TUPLE
    case ']': return Push(Kind::kList);                     // EMPTY_LIST
    case '}': return Push(Kind::kDict);                     // EMPTY_DICT
    case 'q': return Put(Unsigned(1));                      // BINPUT
    case 'r': return Put(Unsigned(4));                      // LONG_BINPUT
    case 'h': return Get(Unsigned(1));                      // BINGET
    case 'j': return Get(Unsigned(4));                      // LONG_BINGET
    case 'a': return Extend(Kind::kList, 1);                // APPEND
    case 'e': return Extend(Kind::kList, PopMark());        // APPENDS
    case 's': return Extend(Kind::kDict, 2);                // SETITEM
    case 'u': return Extend(Kind::kDict, PopMark());        // SETITEMS
    case 'X': case 'T': return String(Unsigned(4));   // BINUNICODE, BINSTRING
    case 'U': return String(Unsigned(1));                   // SHORT_BINSTRING
    case 'J':                                               // BININT
      return Push(Kind::kInteger, static_cast<std::int32_t>(Unsigned(4)));
    case 'K': return Push(Kind::kInteger, Byte());          // BININT1
    case 'M': return Push(Kind::kInteger, static_cast<std::uint16_t>(Unsigned(2)));  // BININT2
    case 0x8a: return Long(Byte());                         // LONG1
    case 'G': Take(8); return Push(Kind::kFloat);           // BINFLOAT
    case 'N': return Push(Kind::kNone);                     // NONE
    case 0x88: case 0x89:                                   // NEWTRUE, NEWFALSE
      return Push(Kind::kBool, op == 0x88);
    case 'R': return Reduce();                              // REDUCE
    case 'b': return Build();                               // BUILD
    case 'Q': return Persistent();                          // BINPERSID
      // clang-format on
  }
  char text[8];
  std::snprintf(text, sizeof(text), "0x%02x", op);
  Fail("an opcode that tensors need", text);
}

// How messages call a kind.
constexpr const char* kKindNames[] = {
    "None",   "a truth value", "an integer",      "a number with a point",
    "a text", "a tuple",       "a list",          "a dict",
    "a name", "a tensor",      "a persistent id",
};

Pickle::Pickle(const File& file, std::uint64_t begin, std::uint64_t end,
               std::span<const PickleGlobal> globals)
    : file_(file), begin_(begin), globals_(globals) {
  const std::uint64_t size = std::min(end - begin, kMaxPickleBytes);
  bytes_ = file.Read(begin, size);
  Machine(*this, size == end - begin).Run();
}

const Pickle::Value& Pickle::Require(Index value, Kind want) const {
  if (kind(value) != want) {
    Fail(value, kKindNames[static_cast<std::size_t>(want)]);
  }
  return values_[value];
}

std::string_view Pickle::String(Index value) const {
  const Value& string = Require(value, Kind::kString);
  return std::string_view(bytes_).substr(
      string.first, static_cast<std::size_t>(string.number));
}

std::int64_t Pickle::Integer(Index value) const {
  const std::int64_t number = Require(value, Kind::kInteger).number;
  if (number < 0) Fail(value, "an integer of at least 0");
  return number;
}

bool Pickle::Bool(Index value) const {
  return Require(value, Kind::kBool).number != 0;
}

std::size_t Pickle::Global(Index value) const {
  return static_cast<std::size_t>(Require(value, Kind::kGlobal).number);
}

std::size_t Pickle::Callee(Index call) const {
  return static_cast<std::size_t>(Require(call, Kind::kCall).number);
}

std::vector<Pickle::Index> Pickle::Items(Index value, Kind kind) const {
  const Value* holder = &Require(value, kind);
  if (kind == Kind::kCall || kind == Kind::kPersistent) {
    holder = &values_[holder->first];
  } else if (kind != Kind::kTuple && kind != Kind::kList &&
             kind != Kind::kDict) {
    Fail(value, "a tuple or a list");
  }
  std::vector<Index> items;
  items.reserve(static_cast<std::size_t>(holder->number));
  for (Index at = holder->first; at != kNoItem; at = items_[at].next) {
    items.push_back(items_[at].value);
  }
  return items;
}

std::string Pickle::Describe(Index index) const {
  const auto& [kind, at, first, last, number] = values_[index];
  if (kind == Kind::kString) return QuoteText(String(index));
  if (kind == Kind::kInteger) return std::to_string(number);
  if (kind == Kind::kGlobal) {
    const auto global = static_cast<std::size_t>(number);
    return QuoteText(global == globals_.size() ? kOrderedDict
                                               : globals_[global].name);
  }
  return kKindNames[static_cast<std::size_t>(kind)];
}

void Pickle::Fail(Index value, const std::string& want,
                  std::string found) const {
  file_.Fail(begin_ + values_[value].at, want,
             found.empty() ? Describe(value) : found);
}

}  // namespace tessera::models

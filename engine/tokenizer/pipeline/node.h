// A value of a JSON document that knows where it stands, for messages.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_NODE_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_NODE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/json.h"

namespace tessera::engine {

// Typed reading of lists and objects, as JsonObject reads objects of scalars.
// Each getter throws Error for another type:
//   tokenizer.json: model.merges[3]: want a string, found 7
// A view: the document must outlive it, and a node those made of it.
class Node {
 public:
  // The document itself; `where` opens every message.
  Node(std::string_view where, const nlohmann::json& document)
      : value_(&document), name_(where) {}

  bool IsNull() const;
  bool IsString() const;
  bool IsList() const;

  // The value under a key of an object; null if it is absent.
  Node operator[](std::string_view key) const;
  // The elements of a list.
  std::size_t size() const;
  Node operator[](std::size_t index) const;
  // The keys of an object, with their values.
  using Entry = std::function<void(const std::string& key, const Node& value)>;
  void ForEach(const Entry& take) const;

  const std::string& String() const;
  bool Boolean() const;
  double Number() const;
  std::int64_t Integer(models::IntegerRange range) const;

  // The same with a value for null.
  std::string StringOr(std::string_view absent) const;
  bool BooleanOr(bool absent) const;

  // String() of at most kMostBytes, for what texts are put together of.
  static constexpr std::size_t kMostBytes = 1024;
  std::string ShortString() const;

  std::string Where() const;
  [[noreturn]] void Fail(std::string_view want) const;

 private:
  Node(const nlohmann::json* value, const Node* parent, std::string_view name,
       std::size_t index)
      : value_(value), parent_(parent), name_(name), index_(index) {}

  const nlohmann::json* value_;  // nullptr: absent
  const Node* parent_ = nullptr;
  std::string_view name_;  // under which the parent has it, if it is an object
  std::size_t index_ = 0;  // or else at which place
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_NODE_H_

// Name lookup and bookkeeping of what was read.
#include "models/weights/matrix_source.h"

#include <functional>
#include <numeric>
#include <utility>

#include "models/weights/dtype.h"

namespace tessera::models {

WeightReader::WeightReader(const Checkpoint& checkpoint, std::string prefix)
    : checkpoint_(checkpoint), prefix_(std::move(prefix)) {}

std::string WeightReader::Stored(const std::string& name) const {
  return !checkpoint_.Find(prefix_ + name) && checkpoint_.Find(name)
             ? name
             : prefix_ + name;
}

bool WeightReader::Has(const std::string& name) const {
  return checkpoint_.Find(Stored(name)) != nullptr;
}

void WeightReader::Check(const std::string& name,
                         std::span<const std::size_t> shape) const {
  checkpoint_.Check(Stored(name), shape);
}

std::vector<float> WeightReader::Read(const std::string& name,
                                      std::span<const std::size_t> shape) {
  const std::string stored = Stored(name);
  auto values = checkpoint_.Read(stored, shape);
  parameters_ += values.size();
  types_.insert(std::string(Name(checkpoint_.Find(stored)->dtype)));
  return values;
}

bool WeightReader::Same(const std::string& a, const std::string& b) const {
  return checkpoint_.SameBytes(Stored(a), Stored(b));
}

std::string WeightReader::stored_types() const {
  std::string all;
  for (const std::string& type : types_)
    all += (all.empty() ? "" : ", ") + type;
  return all;
}

}  // namespace tessera::models

// Safetensors files for tests, put together from parts that may be wrong.
#ifndef TESSERA_TESTS_MODELS_WEIGHTS_TEST_TENSORS_H_
#define TESSERA_TESTS_MODELS_WEIGHTS_TEST_TENSORS_H_

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::models {

// The bytes of values in memory order.
template <class T>
std::string BytesOf(std::span<const T> values) {
  return std::string(reinterpret_cast<const char*>(values.data()),
                     values.size_bytes());
}
template <class T>
std::string BytesOf(const std::vector<T>& values) {
  return BytesOf(std::span<const T>(values));
}
inline std::string BytesOf(std::uint64_t value) {
  return BytesOf(std::span<const std::uint64_t>(&value, 1));
}

// A whole file: length, header, data.
inline std::string SafetensorsFileBytes(std::string_view header,
                                        std::string_view data) {
  return BytesOf(std::uint64_t{header.size()}) + std::string(header) +
         std::string(data);
}

struct StoredTensor {
  std::string name;
  std::string dtype;
  std::string shape;  // as JSON: "[2, 3]"
  std::string bytes;
};

// A header entry: {"dtype":...,"shape":...,"data_offsets":[begin,end]}.
inline std::string HeaderEntry(std::string_view dtype, std::string_view shape,
                               std::size_t begin, std::size_t end) {
  return "{\"dtype\":\"" + std::string(dtype) +
         "\",\"shape\":" + std::string(shape) + ",\"data_offsets\":[" +
         std::to_string(begin) + "," + std::to_string(end) + "]}";
}

// A correct file of these tensors in this order.
inline std::string SafetensorsFileBytes(
    const std::vector<StoredTensor>& tensors) {
  std::string header = "{\"__metadata__\":{\"format\":\"pt\"}";
  std::string data;
  for (const StoredTensor& tensor : tensors) {
    header += ",\"" + tensor.name + "\":" +
              HeaderEntry(tensor.dtype, tensor.shape, data.size(),
                          data.size() + tensor.bytes.size());
    data += tensor.bytes;
  }
  return SafetensorsFileBytes(header + "}", data);
}

inline StoredTensor FloatTensor(std::string name, std::string shape,
                                const std::vector<float>& values) {
  return {std::move(name), "F32", std::move(shape), BytesOf(values)};
}

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_WEIGHTS_TEST_TENSORS_H_

// Model folders with random weights, for benchmarks of sizes that nobody ships.
#ifndef TESSERA_BENCH_MODELS_RANDOM_FOLDER_H_
#define TESSERA_BENCH_MODELS_RANDOM_FOLDER_H_

#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace tessera::models {

// Removed with the object.
class RandomFolder {
 public:
  RandomFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "tessera-bench-XXXXXX")
            .string();
    if (!mkdtemp(name.data())) throw std::runtime_error("cannot make " + name);
    path_ = name;
  }
  RandomFolder(const RandomFolder&) = delete;
  RandomFolder& operator=(const RandomFolder&) = delete;
  ~RandomFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  void AddMatrix(const std::string& name, std::size_t rows, std::size_t cols) {
    Add(name, std::to_string(rows) + "," + std::to_string(cols), rows * cols,
        0.04f);
  }
  void AddVector(const std::string& name, std::size_t size) {
    Add(name, std::to_string(size), size, 0.1f);
  }
  // NAME.weight and NAME.bias.
  void AddLinear(const std::string& name, std::size_t outputs,
                 std::size_t inputs) {
    AddMatrix(name + ".weight", outputs, inputs);
    AddVector(name + ".bias", outputs);
  }
  void AddNorm(const std::string& name, std::size_t width) {
    AddVector(name + ".weight", width);
    AddVector(name + ".bias", width);
  }

  void Write(const std::string& config) const {
    std::ofstream(path_ / "config.json") << config;
    std::ofstream file(path_ / "model.safetensors", std::ios::binary);
    const std::string header = "{" + header_ + "}";
    const std::uint64_t size = header.size();
    file.write(reinterpret_cast<const char*>(&size), sizeof(size));
    file << header;
    file.write(reinterpret_cast<const char*>(data_.data()),
               static_cast<std::streamsize>(data_.size() * sizeof(float)));
  }

 private:
  void Add(const std::string& name, const std::string& shape, std::size_t size,
           float deviation) {
    const std::size_t begin = data_.size() * sizeof(float);
    std::uniform_real_distribution<float> uniform(-deviation, deviation);
    for (std::size_t i = 0; i < size; ++i) data_.push_back(uniform(random_));
    header_ += (header_.empty() ? "\"" : ",\"") + name +
               "\":{\"dtype\":\"F32\",\"shape\":[" + shape +
               "],\"data_offsets\":[" + std::to_string(begin) + "," +
               std::to_string(data_.size() * sizeof(float)) + "]}";
  }

  std::filesystem::path path_;
  std::minstd_rand random_{1};
  std::string header_;
  std::vector<float> data_;
};

}  // namespace tessera::models

#endif  // TESSERA_BENCH_MODELS_RANDOM_FOLDER_H_

// The manifest of a packed file, and what is checked before its map is used.
#include "models/weights/packed_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "kernels/isa.h"
#include "models/files/message.h"
#include "models/weights/containers.h"
#include "models/weights/packed_manifest.h"

namespace tessera::models {

using kernels::ElementType;
using kernels::PackedMatrix;
using kernels::ProductKernel;

namespace {

constexpr const char* kRepack = "; make it again with: tessera pack";

kernels::Isa ParseLevel(const std::string& where, const std::string& text) {
  const auto level = kernels::ParseIsa(text);
  if (level) return *level;
  Refuse(where, "the level of a CPU", QuoteText(text));
}

ElementType ParseType(const std::string& where, const std::string& text) {
  for (const ElementType type : kernels::kWeightTypes) {
    if (text == kernels::Name(type)) return type;
  }
  Refuse(where, "the precision f32, bf16 or int8", QuoteText(text));
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

std::string DescribeLayout(const ProductKernel& product, std::size_t outputs,
                           std::size_t inputs) {
  return Cat(kernels::Name(product.w), " [", outputs, ", ", inputs,
             "] in panels of ", product.panel_columns, " x ", product.inner,
             ", inputs by ", product.input_unit);
}

std::optional<PackedFile> PackedFile::Open(const ModelFolder& folder) {
  if (!folder.Has(kPackedFileName)) return std::nullopt;
  return PackedFile(OpenSafetensors(folder.File(kPackedFileName)));
}

PackedFile::PackedFile(TensorFile file) : file_(std::move(file)) {
  if (Metadata(kFormatKey) != kPackedFormat) {
    Refuse(file_.name(), kPackedFormat,
           Cat(QuoteText(Metadata(kFormatKey)), kRepack));
  }
  for (const TensorInfo& tensor : file_.tensors()) {
    if (tensor.begin_bytes % kPackedAlignment != 0) {
      Refuse(Cat(file_.name(), ": ", tensor.name),
             Cat("data aligned to ", kPackedAlignment, " bytes"),
             Cat("it at byte ", tensor.begin_bytes));
    }
    tensors_.emplace(tensor.name, &tensor);
  }
  type_ = ParseType(file_.name(), Metadata(kPrecisionKey));
  level_ = ParseLevel(file_.name(), Metadata(kLevelKey));
  facts_ = ReadFacts();
  mapped_ = file_.Map();
}

WeightFacts PackedFile::ReadFacts() const {
  WeightFacts facts;
  const std::string& count = Metadata(kParametersKey);
  const char* const end = count.data() + count.size();
  const auto read = std::from_chars(count.data(), end, facts.parameters);
  if (read.ec != std::errc() || read.ptr != end) {
    Refuse(Cat(file_.name(), ": ", kParametersKey), "a number",
           QuoteText(count));
  }
  facts.stored_types = Metadata(kStoredTypesKey);
  facts.unused_tensors = Lines(Metadata(kUnusedKey));
  return facts;
}

void PackedFile::CheckType(ElementType want) const {
  if (type_ == want) return;
  Refuse(file_.name(),
         Cat(kernels::Name(want), " weights, as the precision asks for"),
         Cat("weights packed as ", kernels::Name(type_)));
}

const std::string& PackedFile::Metadata(const std::string& key) const {
  const auto found = file_.metadata().find(key);
  if (found != file_.metadata().end()) return found->second;
  Refuse(file_.name(), Cat(QuoteText(key), " in its metadata"),
         Cat("no such key", kRepack));
}

std::span<const std::byte> PackedFile::Bytes(const std::string& name,
                                             DType dtype,
                                             std::size_t elements) const {
  const auto found = tensors_.find(name);
  const std::string where = Cat(file_.name(), ": ", name);
  const std::size_t element_bytes = models::Bits(dtype) / 8;
  const std::vector<std::size_t> want = {Padded(elements, element_bytes)};
  if (found == tensors_.end()) {
    Refuse(where, Cat(Name(dtype), " ", FormatShape(want)),
           Cat("no tensor of that name", kRepack));
  }
  const TensorInfo& tensor = *found->second;
  if (tensor.dtype != dtype || tensor.shape != want) {
    Refuse(where, Cat(Name(dtype), " ", FormatShape(want)),
           Cat(Name(tensor.dtype), " ", FormatShape(tensor.shape)));
  }
  return mapped_.bytes.subspan(static_cast<std::size_t>(tensor.begin_bytes),
                               elements * element_bytes);
}

PackedMatrix PackedFile::Matrix(const std::string& name, std::size_t outputs,
                                std::size_t inputs) const {
  const ProductKernel& product =
      ChooseProduct(type_, outputs, inputs, kernels::ActiveIsa());
  const std::string want = DescribeLayout(product, outputs, inputs);
  const std::string& found = Metadata(name);
  if (found != want) {
    Refuse(Cat(file_.name(), ": ", name),
           Cat(want, " for ", kernels::Name(kernels::ActiveIsa())),
           Cat(QuoteText(found), " for ", kernels::Name(level_), kRepack));
  }
  const auto bytes =
      Bytes(name, DType::kU8, PackedMatrix::BytesOf(outputs, inputs, product));
  return {outputs, inputs, product, kernels::Storage(bytes, mapped_.owner)};
}

std::vector<float> PackedFile::Floats(const std::string& name,
                                      std::size_t size) const {
  const auto bytes = Bytes(name, DType::kF32, size);
  const auto* const first = reinterpret_cast<const float*>(bytes.data());
  std::vector<float> values(first, first + size);
  if (!std::ranges::all_of(values, [](float v) { return std::isfinite(v); })) {
    Refuse(Cat(file_.name(), ": ", name), "finite values", "others");
  }
  return values;
}

bool PackedFile::Answer(const std::string& question) const {
  const std::string& answer = Metadata(question);
  if (answer != kYes && answer != kNo) {
    Refuse(Cat(file_.name(), ": ", question), Cat(kYes, " or ", kNo),
           QuoteText(answer));
  }
  return answer == kYes;
}

}  // namespace tessera::models

// What people have in place of a Hugging Face folder, as tables.
#include "models/files/foreign_folder.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include "models/files/file.h"
#include "models/files/message.h"

namespace tessera::models {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = "config.json";
constexpr const char* kWant = "a Hugging Face folder with config.json";

// The first kind whose signs are all there; "*" stands for any beginning.
struct Kind {
  std::vector<std::string_view> signs;
  std::string_view what;
  std::string_view remedy;
};

const std::vector<Kind>& Kinds() {
  constexpr std::string_view kConverted =
      "; name the Hugging Face folder that it was converted from";
  static const std::vector<Kind> kKinds = {
      {{"adapter_config.json"},
       "an adapter of PEFT",
       "; merge it with its base model first: "
       "model.merge_and_unload().save_pretrained(FOLDER)"},
      {{"model.bin", "*vocabulary.json"}, "a model of CTranslate2", kConverted},
      {{"model.bin", "*vocabulary.txt"}, "a model of CTranslate2", kConverted},
      {{"decoder.yml"},
       "a model of Marian",
       "; name its Hugging Face folder: Transformers' "
       "convert_marian_to_pytorch.py makes one"},
      {{"*.npz", "*.spm"},
       "a model of Marian",
       "; name its Hugging Face folder: Transformers' "
       "convert_marian_to_pytorch.py makes one"},
      {{"*.npz", "*.yml"},
       "a model of Marian",
       "; name its Hugging Face folder: Transformers' "
       "convert_marian_to_pytorch.py makes one"},
      {{"*.npz"}, "arrays of NumPy", ""},
      {{"*.pt", "*.txt"}, "a model of fairseq", "; convert it to Transformers"},
      {{"model_index.json"}, "a pipeline of Diffusers", ", no language model"},
      {{"modules.json"},
       "a model of Sentence Transformers",
       ", which writes no text"},
      {{"*.onnx"}, "an export to ONNX", kConverted},
      {{"onnx"}, "an export to ONNX", kConverted},
      {{"*.gguf"}, "a model of llama.cpp (GGUF)", kConverted},
      {{"*.mlmodelc"}, "an export to Core ML", kConverted},
      {{"openvino_*"}, "an export to OpenVINO", kConverted},
      {{"*.xml", "*.bin"}, "an export to OpenVINO", kConverted},
      {{"saved_model.pb"}, "a model of TensorFlow", kConverted},
      {{"*.index", "checkpoint"}, "a checkpoint of TensorFlow", kConverted},
      {{"global_step*"}, "a checkpoint of DeepSpeed", ""},
      {{"metadata.json", "stanza"}, "a package of Argos Translate", ""},
  };
  return kKinds;
}

// What lacks config.json, and only that.
const std::vector<Kind>& Parts() {
  static const std::vector<Kind> kParts = {
      {{"tokenizer_config.json"}, "a tokenizer without its model", ""},
      {{"tokenizer.json"}, "a tokenizer without its model", ""},
      {{"*.safetensors"}, "weights without their config.json", ""},
      {{"*.bin"}, "weights without their config.json", ""},
  };
  return kParts;
}

bool Matches(std::string_view sign, std::string_view name) {
  if (sign.starts_with('*')) return name.ends_with(sign.substr(1));
  if (sign.ends_with('*')) {
    return name.starts_with(sign.substr(0, sign.size() - 1));
  }
  return name == sign;
}

bool HasAll(const ModelFolder& folder, const Kind& kind) {
  return std::ranges::all_of(kind.signs, [&](std::string_view sign) {
    return std::ranges::any_of(folder.names(), [&](const std::string& name) {
      return Matches(sign, name);
    });
  });
}

bool HasConfig(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / kConfig, ignored);
}

// The folders in `folder` that have a config.json, sorted.
std::vector<std::string> Models(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end;
       !error && entry != end && names.size() < ModelFolder::kMaxEntries;
       entry.increment(error)) {
    if (HasConfig(entry->path())) {
      names.push_back(entry->path().filename().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

// What refs/main of a cache says, if that is there.
std::string MainSnapshot(const ModelFolder& folder) try {
  constexpr std::uint64_t kMaxBytes = 256;
  std::string name = ReadWholeFile(folder.File("refs") / "main", kMaxBytes);
  while (!name.empty() && name.back() <= ' ') name.pop_back();
  return name;
} catch (const Error&) {
  return {};
}

// Of what is in a folder.
std::string PathOf(const ModelFolder& folder, std::string_view name) {
  return Cat(folder.path().string(), "/", ShowName(name));
}

// The folder of a model in Hugging Face's cache, that of all, or any other that
// has models in it.
std::string FoldersIn(const ModelFolder& folder) {
  if (folder.Has("snapshots")) {
    const std::vector<std::string> names = Models(folder.File("snapshots"));
    const std::string main = MainSnapshot(folder);
    const bool has_main = std::ranges::count(names, main) > 0;
    if (names.empty()) {
      return "a model of Hugging Face's cache without a snapshot; download it "
             "again";
    }
    return Cat("a model of Hugging Face's cache; name the snapshot in it: ",
               PathOf(folder, "snapshots"), "/",
               ShowName(has_main ? main : names.front()));
  }
  for (const std::string& name : folder.names()) {
    if (!name.starts_with("models--")) continue;
    return Cat(
        "Hugging Face's cache; name a snapshot of a model in it, such "
        "as ",
        PathOf(folder, name), "/snapshots/...");
  }
  const std::vector<std::string> names = Models(folder.path());
  if (names.empty()) return {};
  // Of checkpoint-500 and checkpoint-1000 the last.
  const std::string& last = *std::ranges::max_element(
      names, {},
      [](const std::string& name) { return std::pair(name.size(), name); });
  return Cat("a folder of folders; name the model in it: ",
             PathOf(folder, last));
}

void RefuseKinds(const ModelFolder& folder, const std::vector<Kind>& kinds) {
  for (const Kind& kind : kinds) {
    if (!HasAll(folder, kind)) continue;
    Refuse(folder.path().string(), kWant, Cat(kind.what, kind.remedy));
  }
}

struct Family {
  std::string_view what;
  std::vector<std::string_view> types;
};

const std::vector<Family>& Families() {
  static const std::vector<Family> kFamilies = {
      {"a text encoder, which writes no text",
       {"albert",      "bert",           "big_bird",      "camembert",
        "canine",      "convbert",       "deberta",       "deberta-v2",
        "distilbert",  "electra",        "ernie",         "esm",
        "funnel",      "ibert",          "layoutlm",      "layoutlmv3",
        "longformer",  "luke",           "megatron-bert", "mobilebert",
        "modernbert",  "mpnet",          "nystromformer", "rembert",
        "roberta",     "roformer",       "squeezebert",   "xlm",
        "xlm-roberta", "xlm-roberta-xl", "xmod"}},
      {"a decoder without an encoder; llama.cpp and others run these",
       {"biogpt",  "bloom",       "codegen", "cohere",   "ctrl",
        "falcon",  "gemma",       "gemma2",  "gemma3",   "gemma3_text",
        "gpt2",    "gpt_bigcode", "gpt_neo", "gpt_neox", "gpt_oss",
        "gptj",    "granite",     "llama",   "mamba",    "mistral",
        "mixtral", "mpt",         "olmo",    "olmo2",    "openai-gpt",
        "opt",     "phi",         "phi3",    "qwen2",    "qwen2_moe",
        "qwen3",   "qwen3_moe",   "smollm3", "stablelm", "starcoder2",
        "xglm",    "xlnet"}},
      {"a model of images",
       {"align",    "beit",         "blip",
        "blip-2",   "chinese_clip", "clip",
        "convnext", "convnextv2",   "deit",
        "detr",     "dinov2",       "donut-swin",
        "llava",    "pix2struct",   "resnet",
        "sam",      "segformer",    "siglip",
        "swin",     "trocr",        "vision-encoder-decoder",
        "vit",      "yolos"}},
      {"a model of speech",
       {"hubert", "moonshine", "musicgen", "seamless_m4t", "seamless_m4t_v2",
        "speech-encoder-decoder", "speech_to_text", "speecht5", "unispeech",
        "vits", "wav2vec2", "wavlm", "whisper"}},
      {"an encoder-decoder that is not supported yet",
       {"bert-generation", "bigbird_pegasus", "encoder-decoder", "fsmt", "led",
        "longt5", "mvp", "nllb-moe", "pegasus_x", "plbart", "prophetnet",
        "switch_transformers", "t5gemma", "xlm-prophetnet"}},
  };
  return kFamilies;
}

}  // namespace

void RefuseForeignFolder(const ModelFolder& folder) {
  const bool has_config = folder.Has(kConfig);
  if (has_config && folder.Json(kConfig).IsSet("model_type")) return;
  const std::string inner = FoldersIn(folder);
  if (!inner.empty()) Refuse(folder.path().string(), kWant, inner);
  RefuseKinds(folder, Kinds());
  if (has_config) {
    folder.Json(kConfig).Fail("model_type", "the name of a family of models");
  }
  RefuseKinds(folder, Parts());
  Refuse(folder.path().string(), kWant,
         folder.names().empty() ? "an empty folder" : "no such file");
}

std::string DescribeModelType(std::string_view model_type) {
  for (const Family& family : Families()) {
    if (std::ranges::count(family.types, model_type) > 0) {
      return Cat(" (", family.what, ")");
    }
  }
  return {};
}

std::string ShowName(std::string_view name) {
  const bool plain =
      std::ranges::all_of(name, [](char c) { return ' ' <= c && c <= '~'; });
  return plain ? std::string(name) : QuoteText(name);
}

std::string_view PlaceholderKind(std::string_view prefix) {
  if (prefix.starts_with("version https://git-lfs")) {
    return "a Git LFS pointer; fetch the file itself with: git lfs pull";
  }
  if (prefix.starts_with("<!DOCTYPE html") ||
      prefix.starts_with("<!doctype html") || prefix.starts_with("<html")) {
    return "an HTML page; download the file itself";
  }
  // A link of a cache, copied by something that does not know links.
  if (prefix.starts_with("../../blobs/")) {
    return "the text of a link into Hugging Face's cache; download the file "
           "itself";
  }
  return {};
}

}  // namespace tessera::models

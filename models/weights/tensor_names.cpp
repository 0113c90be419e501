// Matching of names with the patterns of rules.
#include "models/weights/tensor_names.h"

#include <tessera/error.h>

#include <algorithm>
#include <utility>

namespace tessera::models {
namespace {

// Takes the part in front of the first dot from `text`.
std::string_view TakePart(std::string_view& text) {
  const std::string_view part = text.substr(0, text.find('.'));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

// Puts what the stars of `pattern` stand for into `parts`, if `name` fits.
bool Fits(std::string_view pattern, std::string_view name,
          std::vector<std::string_view>& parts) {
  parts.clear();
  while (!pattern.empty() && !name.empty()) {
    const std::string_view want = TakePart(pattern), found = TakePart(name);
    if (want == "*") {
      parts.push_back(found);
    } else if (want != found) {
      return false;
    }
  }
  return pattern.empty() && name.empty();
}

std::string Filled(const std::string& pattern,
                   const std::vector<std::string_view>& parts) {
  std::string name;
  auto part = parts.begin();
  for (const char c : pattern) {
    if (c == '*') {
      name += *part++;
    } else {
      name += c;
    }
  }
  return name;
}

// As modules of PyTorch name their tensors.
std::string StoredLeaf(std::string_view leaf) {
  if (leaf == "scale") return ".weight";
  if (leaf == "offset") return ".bias";
  return std::string(".").append(leaf);
}

// The rule of `name`, which is followed by `leaf` in the file.
std::optional<TensorPlace> Find(const TensorNames& names, std::string_view name,
                                const std::string& leaf) {
  std::vector<std::string_view> parts;
  for (const TensorRule& rule : names.rules) {
    if (!Fits(rule.name, name, parts)) continue;
    TensorPlace place = {.rule = &rule, .stored = {}, .first = {}};
    for (const std::string& stored : rule.stored) {
      place.stored.push_back(Filled(stored, parts) + leaf);
    }
    if (rule.form.two_step) {
      place.first = Filled(rule.stored[0], parts) + ".first" + leaf;
    }
    return place;
  }
  return std::nullopt;
}

}  // namespace

TensorPlace FindPlace(const TensorNames& names, std::string_view name) {
  if (auto own = Find(names, name, "")) return *own;
  const std::size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) {
    const std::string leaf = StoredLeaf(name.substr(dot + 1));
    if (auto all = Find(names, name.substr(0, dot), leaf)) return *all;
  }
  throw Error("tensor names: want a rule for \"" + std::string(name) +
              "\", found none");
}

std::vector<TensorRule> BartRules(const LayerForms& forms) {
  std::vector<TensorRule> rules = {
      {"*.positions", {"*.embed_positions"}},
      {"*.embedding_norm", {"*.layernorm_embedding"}},
      {"*.norm", {"*.layer_norm"}},
      {"*.layers.*.feed_forward.in", {"*.layers.*.fc1"}, forms.others},
      {"*.layers.*.feed_forward.out", {"*.layers.*.fc2"}, forms.others},
      {"*.layers.*.feed_forward.norm", {"*.layers.*.final_layer_norm"}}};
  const auto add_attention = [&](const std::string& own,
                                 const std::string& stored) {
    const auto add = [&](const char* part, const char* stored_part,
                         const TensorForm& form) {
      rules.push_back({own + part, {stored + stored_part}, form});
    };
    add(".query", ".q_proj", forms.to_heads);
    add(".key", ".k_proj", forms.to_heads);
    add(".value", ".v_proj", forms.to_heads);
    add(".output", ".out_proj", forms.from_heads);
    add(".score", ".score", {});
    add(".norm", "_layer_norm", {});
  };
  add_attention("*.layers.*.self_attention", "*.layers.*.self_attn");
  add_attention("*.layers.*.cross_attention", "*.layers.*.encoder_attn");
  return rules;
}

void AddTokenRules(const TokenTables& tables, std::vector<TensorRule>& rules) {
  using Names = std::vector<std::string>;
  const std::string source = "encoder.embed_tokens";
  const std::string target = "decoder.embed_tokens";
  const std::string output = "lm_head";
  Names sources = {source}, targets = {target}, outputs = {output};
  if (tables.shared) sources = targets = {"shared", source, target};
  if (tables.tied) {
    targets.push_back(output);
    outputs = targets;
    if (tables.shared) sources = targets;
  }
  const auto add = [&](const char* name, Names names, const std::string& own) {
    const auto place = std::ranges::find(names, own);
    if (tables.own_copies) std::rotate(names.begin(), place, place + 1);
    rules.push_back({name, std::move(names)});
  };
  add("encoder.tokens", std::move(sources), source);
  add("decoder.tokens", std::move(targets), target);
  add("output", std::move(outputs), output);
  rules.push_back({"*.tokens.bias", {}});  // tables for look-ups have none
}

}  // namespace tessera::models

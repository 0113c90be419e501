// Choosing the file, then reading one group of options after the other.
#include "models/config/generation_config.h"

#include <tessera/error.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "models/config/unsupported_options.h"
#include "models/files/json.h"
#include "models/files/message.h"

namespace tessera::models {
namespace {

using Ids = std::vector<std::int32_t>;

constexpr std::int64_t kMaxLength = 1'000'000;
constexpr std::int64_t kMaxBeams = 1'000;
constexpr std::size_t kPromptLength = 1;  // the start token
constexpr std::size_t kDefaultMaxLength = 20;

Ids ToIds(const std::vector<std::int64_t>& integers) {
  Ids ids;
  for (const auto id : integers) ids.push_back(static_cast<std::int32_t>(id));
  return ids;
}

// Reads one file: keys that are null or absent give nothing, or for ids that
// the architecture's class defines and config.json leaves out, its default.
class Reader {
 public:
  Reader(const ModelFolder& folder, const JsonObject& file,
         bool is_model_config, const GenerationContext& context)
      : folder_(folder),
        file_(file),
        is_model_config_(is_model_config),
        context_(context) {}

  GenerationConfig Read() const {
    GenerationConfig config;
    ReadLengths(config);
    ReadSearch(config);
    ReadTokens(config);
    ReadEdits(config);
    ReadScores(config);
    ReadSampling(config);
    if (file_.IsSet("split")) config.split = ReadSplit();
    return config;
  }

 private:
  void ReadLengths(GenerationConfig& config) const {
    config.max_new_tokens = Size("max_new_tokens", {1, kMaxLength});
    config.min_new_tokens = Size("min_new_tokens", {0, kMaxLength});
    const std::size_t max_length =
        Size("max_length", {kPromptLength + 1, kMaxLength})
            .value_or(kDefaultMaxLength);
    config.min_length = Size("min_length", {0, kMaxLength}).value_or(0);
    if (config.max_new_tokens) {
      config.max_length = *config.max_new_tokens + kPromptLength;
    } else if (max_length == kDefaultMaxLength) {
      config.max_length =
          std::min(max_length + kPromptLength, context_.max_positions);
    } else {
      config.max_length = max_length;
    }
    // The last token of an output is never an input.
    config.max_length = std::min(config.max_length, context_.max_positions + 1);
    if (config.min_new_tokens) {
      config.min_length = *config.min_new_tokens + kPromptLength;
    }
  }

  void ReadSearch(GenerationConfig& config) const {
    const auto vocab_size = static_cast<std::int64_t>(context_.vocab_size);
    config.num_beams =
        Size("num_beams", {1, std::min(kMaxBeams, vocab_size)}).value_or(1);
    if (file_.IsSet("do_sample")) config.do_sample = file_.Boolean("do_sample");
    const bool samples = config.do_sample && config.num_beams == 1;
    config.num_return_sequences = Size(
        "num_return_sequences",
        {1, samples ? kMaxBeams : static_cast<std::int64_t>(config.num_beams)});
    config.num_beam_groups =
        Size("num_beam_groups",
             {1, static_cast<std::int64_t>(config.num_beams)})
            .value_or(1);
    if (config.num_beams % config.num_beam_groups != 0) {
      file_.Fail("num_beam_groups", "a divisor of num_beams");
    }
    ReadNumber("diversity_penalty", config.diversity_penalty);
    if (file_.IsSet("length_penalty")) {
      config.length_penalty = file_.Number("length_penalty");
    }
    if (file_.IsSet("length_penalty_form")) {
      config.length_penalty_form = ReadLengthPenaltyForm();
    }
    if (file_.IsSet("early_stopping")) {
      config.early_stopping = ReadEarlyStopping();
    }
    if (file_.IsSet("renormalize_logits")) {
      config.renormalize_logits = file_.Boolean("renormalize_logits");
    }
  }

  EarlyStopping ReadEarlyStopping() const {
    constexpr std::string_view kKey = "early_stopping";
    if (!file_.IsString(kKey)) {
      return file_.Boolean(kKey) ? EarlyStopping::kFirst
                                 : EarlyStopping::kHeuristic;
    }
    const std::string rule = file_.String(kKey);
    if (rule == "never") return EarlyStopping::kNever;
    if (rule == "top_beam") return EarlyStopping::kTopBeam;
    file_.Fail(kKey, "true, false, \"never\" or \"top_beam\"");
  }

  LengthPenaltyForm ReadLengthPenaltyForm() const {
    constexpr std::string_view kKey = "length_penalty_form";
    const std::string form = file_.IsString(kKey) ? file_.String(kKey) : "";
    if (form == "power") return LengthPenaltyForm::kPower;
    if (form == "gnmt") return LengthPenaltyForm::kGnmt;
    file_.Fail(kKey, "\"power\" or \"gnmt\"");
  }

  TextSplit ReadSplit() const {
    constexpr std::string_view kKey = "split";
    const std::string split = file_.IsString(kKey) ? file_.String(kKey) : "";
    if (split == "none") return TextSplit::kNone;
    if (split == "sentences") return TextSplit::kSentences;
    file_.Fail(kKey, "\"none\" or \"sentences\"");
  }

  void ReadTokens(GenerationConfig& config) const {
    config.eos_token_ids = IdOrIds("eos_token_id", context_.eos_token_id);
    if (config.eos_token_ids.empty()) {
      file_.Fail("eos_token_id", "at least one token id");
    }
    config.bos_token_id = Id("bos_token_id", context_.bos_token_id);
    config.pad_token_id = Id("pad_token_id", context_.pad_token_id)
                              .value_or(config.eos_token_ids.front());
    auto start = Id("decoder_start_token_id", context_.decoder_start_token_id);
    if (!start) start = config.bos_token_id;
    if (!start) file_.Fail("decoder_start_token_id", "a token id");
    config.decoder_start_token_id = *start;
  }

  void ReadEdits(GenerationConfig& config) const {
    config.forced_bos_token_id =
        Id("forced_bos_token_id", context_.forced_bos_token_id);
    config.forced_eos_token_ids =
        IdOrIds("forced_eos_token_id", context_.forced_eos_token_id);
    config.no_repeat_ngram_size =
        Size("no_repeat_ngram_size", {0, kMaxLength}).value_or(0);
    constexpr std::string_view kOfSource = "encoder_no_repeat_ngram_size";
    const bool by_class = is_model_config_ && !file_.Contains(kOfSource);
    config.encoder_no_repeat_ngram_size =
        Size(kOfSource, {0, kMaxLength})
            .value_or(by_class ? context_.encoder_no_repeat_ngram_size : 0);
    config.suppress_tokens = IdList("suppress_tokens");
    config.begin_suppress_tokens = IdList("begin_suppress_tokens");
    config.bad_words_ids = ReadBadWords(config.eos_token_ids);
  }

  void ReadScores(GenerationConfig& config) const {
    config.repetition_penalty = Penalty("repetition_penalty");
    config.encoder_repetition_penalty = Penalty("encoder_repetition_penalty");
    constexpr std::string_view kBias = "sequence_bias";
    if (file_.IsSet(kBias)) {
      for (const auto& [ids, bias] : file_.WeightedLists(kBias, Vocabulary())) {
        if (ids.empty()) file_.Fail(kBias, "sequences of at least one id");
        config.sequence_bias.push_back({ToIds(ids), bias});
      }
    }
    constexpr std::string_view kDecay = "exponential_decay_length_penalty";
    if (!file_.IsSet(kDecay)) return;
    const std::vector<double> pair = file_.Numbers(kDecay);
    if (pair.size() != 2 || pair[0] != std::floor(pair[0]) || pair[0] < 0 ||
        pair[0] > static_cast<double>(kMaxLength) || !(pair[1] > 0)) {
      file_.Fail(kDecay, "a pair [length, factor above 0]");
    }
    config.length_decay = {static_cast<std::size_t>(pair[0]), pair[1]};
  }

  // They hold for a request that samples, too, though the folder does not. In
  // such a folder these keys may be whatever Transformers never looks at.
  void ReadSampling(GenerationConfig& config) const {
    const auto read = [&](const auto& key) {
      try {
        key();
      } catch (const Error& error) {
        if (config.do_sample) throw;
        folder_.Warn(Cat(error.what(), "; not used"));
      }
    };
    read([&] { ReadNumber("temperature", config.temperature); });
    read([&] { ReadTopK(config); });
    read([&] { ReadNumber("top_p", config.top_p); });
    read([&] {
      if (file_.IsSet("min_p")) config.min_p = file_.Number("min_p");
    });
    read([&] { ReadNumber("typical_p", config.typical_p); });
    read([&] { ReadNumber("epsilon_cutoff", config.epsilon_cutoff); });
    read([&] { ReadNumber("eta_cutoff", config.eta_cutoff); });
  }

  // In its own file a null is no such rule; in config.json it is no key.
  void ReadTopK(GenerationConfig& config) const {
    if (file_.IsSet("top_k")) {
      config.top_k = *Size("top_k", {0, kMaxLength});
    } else if (file_.Contains("top_k") && !is_model_config_) {
      config.top_k = 0;
    }
  }

  void ReadNumber(std::string_view key, double& number) const {
    if (file_.IsSet(key)) number = file_.Number(key);
  }

  double Penalty(std::string_view key) const {
    if (!file_.IsSet(key)) return 1;
    const double penalty = file_.Number(key);
    if (!(penalty > 0)) file_.Fail(key, "a number above 0");
    return penalty;
  }

  std::vector<Ids> ReadBadWords(const Ids& eos_token_ids) const {
    constexpr std::string_view kKey = "bad_words_ids";
    std::vector<Ids> sequences;
    if (!file_.IsSet(kKey)) return sequences;
    for (const auto& list : file_.IntegerLists(kKey, Vocabulary())) {
      if (list.empty()) file_.Fail(kKey, "sequences of at least one token id");
      Ids sequence = ToIds(list);
      const bool is_eos =
          sequence.size() == 1 &&
          std::ranges::find(eos_token_ids, sequence[0]) != eos_token_ids.end();
      if (!is_eos) sequences.push_back(std::move(sequence));
    }
    return sequences;
  }

  IntegerRange Vocabulary() const {
    return {0, static_cast<std::int64_t>(context_.vocab_size) - 1};
  }

  std::optional<std::size_t> Size(std::string_view key,
                                  IntegerRange range) const {
    if (!file_.IsSet(key)) return std::nullopt;
    return static_cast<std::size_t>(file_.Integer(key, range));
  }

  // The class default for a key that config.json leaves out.
  std::optional<std::int32_t> Default(
      std::string_view key, std::optional<std::int32_t> class_default) const {
    if (!is_model_config_ || file_.Contains(key)) return std::nullopt;
    if (class_default && *class_default > Vocabulary().max) {
      file_.Fail(key, "an id in the vocabulary (the default, " +
                          std::to_string(*class_default) + ", is not)");
    }
    return class_default;
  }

  std::optional<std::int32_t> Id(
      std::string_view key, std::optional<std::int32_t> class_default) const {
    if (!file_.IsSet(key)) return Default(key, class_default);
    return static_cast<std::int32_t>(file_.Integer(key, Vocabulary()));
  }

  Ids IdOrIds(std::string_view key,
              std::optional<std::int32_t> class_default) const {
    if (file_.IsSet(key)) {
      return ToIds(file_.IntegerOrIntegers(key, Vocabulary()));
    }
    const auto id = Default(key, class_default);
    return id ? Ids{*id} : Ids{};
  }

  Ids IdList(std::string_view key) const {
    if (!file_.IsSet(key)) return {};
    return ToIds(file_.Integers(key, Vocabulary()));
  }

  const ModelFolder& folder_;
  const JsonObject& file_;
  bool is_model_config_;
  const GenerationContext& context_;
};

}  // namespace

GenerationConfig ReadGenerationConfig(const ModelFolder& folder,
                                      const GenerationContext& context) {
  constexpr std::string_view kOwnFile = "generation_config.json";
  const JsonObject& model_config = folder.Json("config.json");
  if (folder.Has(kOwnFile)) {
    const JsonObject& own = folder.Json(kOwnFile);
    const bool derived = own.BooleanOr("_from_model_config", false);
    if (!derived || !SetsGenerationOptions(model_config, context)) {
      CheckUnsupportedOptions(folder, own);
      return Reader(folder, own, false, context).Read();
    }
  }
  CheckUnsupportedOptions(folder, model_config);
  return Reader(folder, model_config, true, context).Read();
}

}  // namespace tessera::models

// Loading of a model folder, and what is made of it.
#include "engine/translator_impl.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/cpu_limit.h"
#include "engine/memory_limit.h"
#include "engine/precision.h"
#include "engine/request/document.h"
#include "engine/request/keep_patterns.h"
#include "engine/request/kept_text.h"
#include "engine/request/sentences.h"
#include "engine/request/worded_options.h"
#include "engine/search/merged_options.h"
#include "engine/tokenizer/text.h"
#include "kernels/inherited_state.h"
#include "kernels/isa.h"
#include "models/files/message.h"
#include "models/files/model_folder.h"

namespace tessera {
namespace engine {
namespace {

void CheckSize(const char* side, std::size_t tokenizer, std::size_t model,
               std::vector<std::string>& warnings) {
  if (tokenizer <= model) return;
  warnings.push_back(models::Cat(
      side, " vocabulary: ids up to ", tokenizer - 1, " where the model has ",
      model, " embeddings; a text that needs others fails"));
}

void CheckEnd(std::optional<std::int32_t> tokenizer,
              const std::vector<std::int32_t>& model) {
  if (!tokenizer || std::ranges::count(model, *tokenizer) > 0) return;
  std::string ids;
  for (const std::int32_t id : model) {
    ids += models::Cat(ids.empty() ? "the id " : " or ", id);
  }
  models::Refuse("eos_token", ids + ", the eos_token_id of outputs",
                 *tokenizer);
}

std::size_t Threads(const LoadOptions& options) {
  return options.threads == 0 ? UsableCpus() : options.threads;
}

}  // namespace

LoadedModel Load(const std::filesystem::path& folder,
                 const LoadOptions& options) {
  kernels::CheckIsaRequest();
  const kernels::DefaultFloats floats;
  LoadedModel loaded;
  loaded.budget = std::make_shared<kernels::MemoryBudget>(
      options.memory_bytes > 0 ? options.memory_bytes : AvailableMemory());
  const kernels::MemoryBudget::Scope scope(loaded.budget);
  const models::ModelFolder opened(
      folder, {.ignore_unsupported = options.ignore_unsupported});
  models::CheckModelFolder(opened);
  loaded.tokenizer = LoadTokenizer(opened);
  const Precision precision = options.precision;
  loaded.model =
      models::LoadModel(opened, {.type = WeightsOf(precision).type,
                                 .as_packed = precision == Precision::kAuto});
  loaded.warnings = opened.warnings();
  CheckFit(loaded);
  if (!options.shortlist.empty()) {
    loaded.shortlist = std::make_unique<const Shortlist>(
        options.shortlist,
        ShortlistSize{.first = options.shortlist_first,
                      .best = options.shortlist_best},
        *loaded.tokenizer, loaded.model->info(), loaded.warnings);
  }
  if (options.memory_bytes == 0) {
    loaded.budget->set_limit(
        DefaultMemory(loaded.model->info().memory_bytes,
                      Threads(options) * options.batch_size));
  }
  return loaded;
}

void CheckFit(LoadedModel& loaded) {
  const models::ModelInfo& model = loaded.model->info();
  CheckSize("source", loaded.tokenizer->source_size(), model.source_vocabulary,
            loaded.warnings);
  CheckSize("target", loaded.tokenizer->target_size(), model.target_vocabulary,
            loaded.warnings);
  CheckEnd(loaded.tokenizer->target_end(), model.generation.eos_token_ids);
}

}  // namespace engine

namespace {

// Other callers' sentences that pass by a list at once.
constexpr std::size_t kPassing = 4;

engine::WorkerPool::Options PoolOptions(
    const LoadOptions& options, const models::ModelInfo& model,
    std::shared_ptr<kernels::MemoryBudget> budget) {
  engine::Check(options);
  const engine::SearchOptions defaults = engine::Resolve({}, model);
  return {
      .threads = options.threads == 0 ? engine::UsableCpus() : options.threads,
      .capacity = engine::BatchCapacity(options.batch_size, defaults),
      .passing = engine::BatchCapacity(kPassing, defaults),
      .budget = std::move(budget)};
}

ModelInfo InfoOf(const engine::LoadedModel& loaded) {
  const models::ModelInfo& model = loaded.model->info();
  const models::GenerationConfig& generation = model.generation;
  // In the order of the enumeration.
  constexpr const char* kEarlyStopping[] = {"false", "true", "never",
                                            "top_beam"};
  const bool gnmt =
      generation.length_penalty_form == models::LengthPenaltyForm::kGnmt;
  return {
      .architecture = model.architecture,
      .dimensions = model.dimensions,
      .width = model.width,
      .source_vocabulary = model.source_vocabulary,
      .target_vocabulary = model.target_vocabulary,
      .source_pieces = loaded.tokenizer->source_size(),
      .target_pieces = loaded.tokenizer->target_size(),
      .max_source_tokens = model.max_source_tokens,
      .max_target_tokens = model.max_target_tokens,
      .parameters = model.parameters,
      .memory_bytes = model.memory_bytes,
      .stored_types = model.stored_types,
      .compute_type = model.compute_type,
      .unused_tensors = model.unused_tensors,
      .beam_size = generation.num_beams,
      .length_penalty = generation.length_penalty,
      .length_penalty_form = gnmt ? "gnmt" : "power",
      .early_stopping =
          kEarlyStopping[static_cast<std::size_t>(generation.early_stopping)],
      .max_length = generation.max_length,
      .languages = loaded.tokenizer->languages(),
      .packed_for = model.packed_for,
      .decoder_layers = model.decoder_layers,
      .decoder_heads = model.decoder_heads,
      .warnings = loaded.warnings,
      .cache_type = model.cache_type};
}

}  // namespace

Translator::Impl::Impl(engine::LoadedModel folder, const LoadOptions& options)
    : loaded(std::move(folder)),
      info(InfoOf(loaded)),
      rules(model().info().generation),
      batch_size(options.batch_size),
      pool(model(), rules,
           PoolOptions(options, model().info(), loaded.budget)) {}

engine::RequestOptions Translator::Impl::Resolve(
    const TranslateOptions& options) const {
  if (engine::HasWords(options)) {
    return Resolve(engine::WithIdsOfWords(options, tokenizer()));
  }
  const models::ModelInfo& facts = model().info();
  engine::CheckTimeLimit(options);
  const std::optional<engine::AlignmentChoice> choice =
      engine::ResolveAlignment(options, facts);
  return {.search = engine::Resolve(options, facts),
          .rules = engine::RulesOf(options, facts),
          .languages = {.source = options.source_language,
                        .target = options.target_language},
          .truncate = options.truncate,
          .splits = engine::Splits(options, facts),
          .alignment = options.alignments ? choice : std::nullopt,
          .replacing = options.replace_unknown ? choice : std::nullopt,
          .time_limit = options.time_limit,
          .normalize = options.normalize,
          .keep = engine::KeepPatterns::Of(options)};
}

std::unique_ptr<engine::Request> Translator::Impl::MakeRequest(
    std::string text, const engine::RequestOptions& options,
    engine::Listener listener) const {
  auto request = std::make_unique<engine::Request>(
      engine::Request{.text = std::move(text),
                      .tokenizer = &tokenizer(),
                      .languages = options.languages,
                      .source_vocabulary = model().info().source_vocabulary,
                      .target_vocabulary = model().info().target_vocabulary,
                      .truncate = options.truncate,
                      .normalize = options.normalize,
                      .alignment = options.alignment,
                      .replacing = options.replacing,
                      .options = options.search,
                      .own_rules = options.rules,
                      .shortlist = loaded.shortlist.get(),
                      .sink = std::move(listener.sink),
                      .stop = std::move(listener.stop)});
  if (options.time_limit) {
    request->deadline = std::chrono::steady_clock::now() + *options.time_limit;
  }
  if (listener.growth) {
    request->growth = std::make_unique<engine::TextGrowth>(
        tokenizer(), std::move(listener.growth),
        options.replacing ? tokenizer().target_unknown() : std::nullopt);
  }
  return request;
}

std::unique_ptr<engine::Request> Translator::Impl::MakePart(
    std::string_view text, std::string_view part,
    const std::vector<engine::Range>& spans,
    const engine::RequestOptions& options, engine::Listener listener) const {
  if (!options.keep) {
    return MakeRequest(std::string(part), options, std::move(listener));
  }
  return engine::KeptText::Ask(
      {.make =
           [this](std::string own, const engine::RequestOptions& how,
                  engine::Listener told) {
             return MakeRequest(std::move(own), how, std::move(told));
           },
       .push = [this](engine::Requests& more) { pool.PushMore(more); },
       .tokenizer = &tokenizer()},
      std::string(part), engine::SpansWithin(text, part, spans), options,
      std::move(listener));
}

void Translator::Impl::AddRequests(std::string text,
                                   const engine::RequestOptions& options,
                                   engine::Listener listener,
                                   engine::Requests& requests) const {
  if (!engine::Document::CanSplit(text)) {  // it fails
    requests.push_back(
        MakeRequest(std::move(text), options, std::move(listener)));
    return;
  }
  std::vector<engine::Range> spans;
  if (options.keep) {
    try {
      spans = options.keep->Find(text);
    } catch (const engine::TextError& error) {
      requests.push_back(
          MakeRequest(std::move(text), options, std::move(listener)));
      requests.back()->refused = error.what();
      return;
    }
  }
  if (!options.splits) {
    requests.push_back(
        MakePart(text, text, spans, options, std::move(listener)));
    return;
  }
  AddSentences(std::move(text), spans, options, std::move(listener), requests);
}

void Translator::Impl::AddSentences(std::string text,
                                    const std::vector<engine::Range>& spans,
                                    const engine::RequestOptions& options,
                                    engine::Listener listener,
                                    engine::Requests& requests) const {
  if (options.keep) {
    listener.sink =
        engine::CheckWhole(options.keep, text, spans, std::move(listener.sink));
  }
  const auto document = std::make_shared<engine::Document>(
      std::move(text), std::move(listener.sink), listener.growth,
      [&spans](std::string_view whole) {
        return engine::JoinAcross(whole, engine::SplitSentences(whole), spans);
      });
  if (document->size() > kMaxSentences) {
    listener.sink = document->TakeSink();
    const std::string whole = document->TakeText();
    requests.push_back(
        MakePart(whole, whole, spans, options, std::move(listener)));
    return;
  }
  for (std::size_t i = 0; i < document->size(); ++i) {
    engine::Listener part = {
        .sink = [document,
                 i](Translation done) { document->Finish(i, std::move(done)); },
        .stop = listener.stop};
    if (document->grows()) {
      part.growth = [document, i](const Growth& growth) {
        document->Grow(i, growth);
      };
    }
    requests.push_back(MakePart(document->text(), document->sentence(i), spans,
                                options, std::move(part)));
  }
}

}  // namespace tessera

// POST /v1/translations.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "models/files/message.h"
#include "tools/serve/event_stream.h"
#include "tools/serve/native_request.h"
#include "tools/serve/translation_json.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::ordered_json;

constexpr ErrorForm kForm = ErrorForm::kNative;

// Of a request that wants attention: of 512 tokens a megabyte each, and 5 MB of
// JSON.
constexpr std::size_t kMaxOutputsWithAttention = 4;

struct Asked {
  Job job;
  std::string model;
  ReturnedParts returned;
  bool stream = false;
};

ReturnedParts TakeReturned(Fields& fields) {
  ReturnedParts returned;
  const auto list = fields.Take("return");
  if (!list) return returned;
  for (const Field& item : list->List()) {
    const std::string name = item.String();
    if (name == "tokens") {
      returned.tokens = true;
    } else if (name == "alignments") {
      returned.alignments = true;
    } else if (name == "attention") {
      returned.attention = true;
    } else {
      item.Fail("\"tokens\", \"alignments\" or \"attention\"");
    }
  }
  return returned;
}

void TakeAlignmentChoice(Fields& fields, TranslateOptions& options) {
  const auto take = [&](const char* name, std::optional<std::size_t>& to) {
    constexpr std::size_t kMost = 1000;  // the model's own limit is less
    if (const auto field = fields.Take(name)) to = field->Count(0, kMost);
  };
  take("alignment_layer", options.alignment_layer);
  take("alignment_head", options.alignment_head);
}

void CheckOutputs(const Asked& asked) {
  if (!asked.returned.attention) return;
  const TranslateOptions& options = asked.job.options;
  const std::size_t beams =
      options.beam_size.value_or(asked.job.translator->info().beam_size);
  const std::size_t outputs =
      asked.job.texts.size() *
      options.n_best.value_or(options.alternatives.value_or(beams));
  if (outputs <= kMaxOutputsWithAttention) return;
  throw FieldError(
      "return",
      models::Cat("at most ", kMaxOutputsWithAttention,
                  " outputs (texts times n_best) with \"attention\""),
      std::to_string(outputs));
}

Asked Read(const Service& service, const Request& request) {
  Fields fields(request.body);
  Asked asked;
  const auto input = fields.Take("input");
  if (!input) throw FieldError("input", "a string or a list of them", "none");
  asked.job.texts = input->Strings();
  CheckTexts(asked.job.texts, service.limits, "input");
  if (const auto stream = fields.Take("stream")) {
    asked.stream = stream->Boolean();
  }
  asked.returned = TakeReturned(fields);
  TranslateOptions aligned = {.alignments = asked.returned.aligned()};
  if (aligned.alignments) TakeAlignmentChoice(fields, aligned);
  NativeRequest native = ReadNativeRequest(service, fields, std::move(aligned));
  asked.job.options = std::move(native.options);
  asked.job.time_limit = native.time_limit;
  asked.model = native.model->name;
  asked.job.translator = native.model->translator;
  CheckOutputs(asked);
  if (asked.returned.alignments && !asked.returned.attention) {
    asked.job.trim = ForgetAttention;
  }
  return asked;
}

Response Respond(const std::string& id, const std::string& model,
                 const ReturnedParts& returned,
                 const std::vector<Translation>& translations) {
  if (std::ranges::none_of(translations, &Translation::ok)) {
    return ToResponse(kForm, FailureOf(translations.front()));
  }
  Json data = Json::array();
  std::size_t output_tokens = 0;
  for (const Translation& translation : translations) {
    data.push_back(ToJson(translation, data.size(), returned));
    for (const Hypothesis& hypothesis : translation.hypotheses) {
      output_tokens += hypothesis.ids.size();
    }
  }
  return {.body = Dump({{"id", id},
                        {"object", "list"},
                        {"model", model},
                        {"data", std::move(data)},
                        {"usage", {{"output_tokens", output_tokens}}}})};
}

void Stream(Service& service, const std::shared_ptr<Exchange>& exchange,
            Asked asked) {
  const auto stream =
      std::make_shared<EventStream>(service.loop, exchange, asked.returned);
  asked.job.grows = [stream](std::size_t index, const std::string& text) {
    stream->Grow(index, text);
  };
  asked.job.text_done = [stream](std::size_t index, const Translation& text) {
    stream->Add(index, text);
  };
  asked.job.finished = [stream](JobResult result) { stream->End(result.end); };
  if (Admit(service, exchange, std::move(asked.job), kForm)) stream->Begin();
}

void PostTranslations(Service& service, std::shared_ptr<Exchange> exchange) {
  if (RefusedAsFull(service, *exchange, kForm)) return;
  Guard(*exchange, kForm, [&] {
    RequireJson(exchange->request);
    Asked asked = Read(service, exchange->request);
    if (asked.stream) return Stream(service, exchange, std::move(asked));
    Translate(
        service, exchange, std::move(asked.job), kForm,
        [id = exchange->id, model = std::move(asked.model),
         returned = asked.returned](std::vector<Translation> translations) {
          return Respond(id, model, returned, translations);
        });
  });
}

}  // namespace

void AddTranslationEndpoint(Router& router, Service& service) {
  router.Add({.method = "POST",
              .path = "/v1/translations",
              .handle = [&service](std::shared_ptr<Exchange> exchange) {
                PostTranslations(service, std::move(exchange));
              }});
}

}  // namespace tessera::tools::serve

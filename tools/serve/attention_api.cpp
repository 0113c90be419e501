// POST /v1/attention: what `tessera attention --format json` tells. The engine
// translates as for any request; the weights are computed beside the loop.
#include <tessera/attention_report.h>

#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "models/files/message.h"
#include "tools/serve/native_request.h"
#include "tools/tessera/attention/json.h"

namespace tessera::tools::serve {
namespace {

using models::Cat;

constexpr ErrorForm kForm = ErrorForm::kNative;

// Queries times keys of all three attentions, for a layer and head: of 512
// source and as many output tokens. 150 MB for a model of 6 layers with 8
// heads.
constexpr std::size_t kMaxCells = 3 * 512 * 512;
// In an answer: 9 MB of JSON.
constexpr std::size_t kMaxWeights = 1'000'000;
constexpr std::size_t kMostLayers = 1000;

struct Asked {
  std::string text;
  NativeRequest native;
  AttentionChoice choice;
};

AttentionChoice TakeChoice(Fields& fields) {
  AttentionChoice choice;
  if (const auto field = fields.Take("attention")) {
    choice.attention = field->String();
    if (*choice.attention != "cross" && *choice.attention != "encoder" &&
        *choice.attention != "decoder") {
      field->Fail("\"cross\", \"encoder\" or \"decoder\"");
    }
  }
  if (const auto field = fields.Take("layer")) {
    choice.layer = field->Count(1, kMostLayers);
  }
  if (const auto field = fields.Take("head")) {
    choice.head = field->Count(1, kMostLayers);
  }
  return choice;
}

Asked Read(const Service& service, const Request& request) {
  RequireJson(request);
  Fields fields(request.body);
  Asked asked;
  const auto input = fields.Take("input");
  if (!input) throw FieldError("input", "a string", "none");
  asked.text = input->String();
  CheckTexts({asked.text}, service.limits, "input");
  asked.choice = TakeChoice(fields);
  asked.native = ReadNativeRequest(service, fields);
  asked.native.options.split = TextSplit::kNone;
  return asked;
}

// Of the layers and heads that there are.
void CheckChoice(const AttentionChoice& choice, const AttentionReport& report) {
  const auto check = [](const char* name, const auto& number,
                        std::size_t count) {
    if (!number || *number <= count) return;
    throw FieldError(name, Cat("1 to ", count), std::to_string(*number));
  };
  for (const char* attention : {"encoder", "decoder", "cross"}) {
    if (choice.attention && *choice.attention != attention) continue;
    const AttentionTable& table = TableOf(report, attention);
    check("layer", choice.layer, table.layers.size());
    check("head", choice.head, table.heads);
  }
  const std::size_t weights = CountWeights(report, choice);
  if (weights <= kMaxWeights) return;
  throw FieldError("attention",
                   Cat("at most ", kMaxWeights,
                       " weights: choose an attention, a layer and a head"),
                   std::to_string(weights));
}

// On the side thread.
Response Explained(const Asked& asked, const std::string& model,
                   const Translator& translator, Hypothesis output) {
  const std::size_t source = translator.CountTokens(asked.text);
  const std::size_t target = output.ids.size();
  if (source * source + target * (source + target) > kMaxCells) {
    throw FieldError("input", "a shorter text",
                     Cat(source, " and ", target, " tokens"));
  }
  const ShownTranslation shown = {
      .model = model,
      .text = asked.text,
      .report = ExplainOutput(translator, asked.text, std::move(output),
                              asked.native.options)};
  CheckChoice(asked.choice, shown.report);
  return {.body = ToJson(shown, asked.choice)};
}

Response ExplainedOrFailed(const Asked& asked, const std::string& model,
                           const Translator& translator, Hypothesis output) {
  try {
    return Explained(asked, model, translator, std::move(output));
  } catch (const FieldError& error) {
    return ToResponse(kForm, {.message = error.what(), .param = error.field()});
  } catch (const Error& error) {
    return ToResponse(kForm, {.message = error.what()});
  } catch (const std::bad_alloc&) {
    return ToResponse(kForm, {.status = 503, .message = "out of resources"});
  }
}

// The exchange goes back to the loop's thread, which alone may let go of it.
void Explain(Service& service, std::shared_ptr<Exchange> exchange,
             std::shared_ptr<const Translator> translator, Asked asked,
             Hypothesis output) {
  const bool taken = service.side.Post(
      [&loop = service.loop, exchange, translator, asked, output]() mutable {
        Response response = ExplainedOrFailed(asked, exchange->record.model,
                                              *translator, std::move(output));
        loop.Post([exchange = std::move(exchange),
                   response = std::move(response)]() mutable {
          exchange->answer(std::move(response));
        });
      });
  if (taken) return;
  exchange->answer(TooMany(kForm, "too many requests, try again later",
                           std::chrono::seconds(1)));
}

void PostAttention(Service& service, std::shared_ptr<Exchange> exchange) {
  if (RefusedAsFull(service, *exchange, kForm)) return;
  Guard(*exchange, kForm, [&] {
    Asked asked = Read(service, exchange->request);
    Job job = {.translator = asked.native.model->translator,
               .texts = {asked.text},
               .options = asked.native.options,
               .time_limit = asked.native.time_limit};
    job.finished = [&service, exchange, translator = job.translator,
                    asked = std::move(asked)](JobResult result) mutable {
      if (result.end == JobEnd::kGone) return;
      if (result.end == JobEnd::kTimedOut) {
        return exchange->answer(ToResponse(kForm, TimePassed()));
      }
      Translation& translation = result.translations.front();
      if (!translation.ok()) {
        return exchange->answer(ToResponse(kForm, FailureOf(translation)));
      }
      asked.native.model = nullptr;  // a reload may have replaced it
      Explain(service, exchange, std::move(translator), std::move(asked),
              std::move(translation.hypotheses.front()));
    };
    Admit(service, exchange, std::move(job), kForm);
  });
}

}  // namespace

void AddAttentionEndpoint(Router& router, Service& service) {
  router.Add({.method = "POST",
              .path = "/v1/attention",
              .handle = [&service](std::shared_ptr<Exchange> exchange) {
                PostAttention(service, std::move(exchange));
              }});
}

}  // namespace tessera::tools::serve

// From an endpoint to the scheduler and back.
#include "tools/serve/service.h"

#include <tessera/error.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "models/files/message.h"
#include "tools/serve/fields.h"
#include "tools/serve/routes.h"

namespace tessera::tools::serve {
namespace {

using models::Cat;

constexpr std::size_t kMaxMessage = 300;

// The option that a message of Translator::Check opens with.
std::string OptionOf(std::string_view message) {
  const std::string_view name = message.substr(0, message.find_first_of(":,"));
  const bool is_name = std::ranges::all_of(
      name, [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); });
  return is_name ? std::string(name) : std::string();
}

std::string NameOf(const Service& service, const Translator* translator) {
  for (const ServedModel& model : service.models) {
    if (model.translator.get() == translator) return model.name;
  }
  return {};
}

// Takes a request's characters off what its key gives; when there are more, if
// there are none.
std::optional<std::chrono::seconds> Charge(
    Exchange& exchange, const std::vector<std::string>& texts) {
  if (exchange.holder == nullptr) return std::nullopt;
  std::size_t characters = 0;
  for (const std::string& text : texts) characters += CountCharacters(text);
  return exchange.holder->Spend(characters, Holder::Clock::now());
}

Response Slowdown(ErrorForm form, std::string message) {
  if (form == ErrorForm::kLibreTranslate) message.insert(0, "Slowdown: ");
  return ToResponse(form, {.status = 429, .message = message});
}

Response Later(Response response, std::chrono::seconds wait) {
  response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  return response;
}

// There is no room. Its JSON is made once: of ten times what the engine can do
// nine requests in ten get it, on the cores that the engine needs.
Response Full(ErrorForm form, std::chrono::seconds wait) {
  constexpr const char* kFull = "too many requests, try again later";
  static const std::array<Response, 3> all = {
      Slowdown(ErrorForm::kNative, kFull),
      Slowdown(ErrorForm::kLibreTranslate, kFull),
      Slowdown(ErrorForm::kDeepL, kFull)};
  return Later(all.at(static_cast<std::size_t>(form)), wait);
}

// For metrics and logs.
void Note(Service& service, const JobResult& result, Record& record) {
  record.queue_seconds = result.queue_seconds;
  service.metrics.ObserveQueue(result.queue_seconds);
  if (result.end != JobEnd::kDone) {
    service.metrics.CountCancelled(result.end == JobEnd::kGone ? "disconnect"
                                                               : "time_limit");
  }
  for (const Translation& translation : result.translations) {
    std::size_t tokens = 0;
    for (const Hypothesis& hypothesis : translation.hypotheses) {
      tokens += hypothesis.ids.size();
    }
    record.output_tokens += tokens;
    service.metrics.CountText(record.model, translation.ok() ? "ok" : "failed",
                              tokens);
  }
}

}  // namespace

Response TooMany(ErrorForm form, std::string message,
                 std::chrono::seconds wait) {
  return Later(Slowdown(form, std::move(message)), wait);
}

void Service::SetModels(std::vector<ServedModel> loaded) {
  targets = AllTargets(loaded);
  models = std::move(loaded);
}

const ServedModel* Service::FindModel(std::string_view name) const {
  const auto found = std::ranges::find(models, name, &ServedModel::name);
  return found == models.end() ? nullptr : &*found;
}

std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void CheckTexts(const std::vector<std::string>& texts,
                const RequestLimits& limits, const std::string& field) {
  if (texts.empty() || texts.size() > limits.texts) {
    throw Refused{{.message = Cat(field, ": want 1 to ", limits.texts,
                                  " texts, found ", texts.size()),
                   .param = field}};
  }
  for (const std::string& text : texts) {
    const std::size_t characters = CountCharacters(text);
    if (characters <= limits.characters) continue;
    throw Refused{{.message = Cat(field, ": want at most ", limits.characters,
                                  " characters a text, found ", characters),
                   .param = field}};
  }
}

Failure FailureOf(const Translation& translation) {
  switch (translation.error_kind) {
    case ErrorKind::kBadText:
    case ErrorKind::kTooLong:
    case ErrorKind::kBadLanguage:
      return {.status = 400, .message = translation.error};
    case ErrorKind::kResources:
      return {.status = 503, .message = "out of resources"};
    default:  // of what is inside, logs may tell
      return {.status = 500, .message = "the translation failed"};
  }
}

void Guard(Exchange& exchange, ErrorForm form,
           const std::function<void()>& work) {
  Failure failure;
  try {
    return work();
  } catch (const Refused& refused) {
    failure = refused.failure;
  } catch (const FieldError& error) {
    failure = {.message = error.what(), .param = error.field()};
  } catch (const Error& error) {
    failure = {.message = error.what(), .param = OptionOf(error.what())};
  }
  // A message may quote a value whole.
  if (failure.message.size() > kMaxMessage) {
    failure.message.resize(kMaxMessage);
    failure.message += "...";
  }
  exchange.answer(ToResponse(form, failure));
}

bool NoteHolder(Service& service, std::string_view key, Exchange& exchange) {
  exchange.holder = service.keys.Find(key);
  if (exchange.holder == nullptr) return false;
  exchange.record.key = exchange.holder->name();
  return true;
}

std::optional<Response> Authorize(Service& service, const Endpoint& endpoint,
                                  Exchange& exchange) {
  if (service.keys.empty() || endpoint.access == Access::kOpen) return {};
  const std::string_view header = exchange.request.Header("authorization");
  if (header.empty() && endpoint.access == Access::kKeyOrField) return {};
  const std::size_t space = header.find(' ');
  const std::string scheme = Lower(header.substr(0, space));
  if (space != std::string_view::npos &&
      (scheme == "bearer" || scheme == "deepl-auth-key") &&
      NoteHolder(service, header.substr(space + 1), exchange)) {
    return {};
  }
  switch (endpoint.form) {
    case ErrorForm::kLibreTranslate:
      return ToResponse(endpoint.form,
                        {.status = 403, .message = "Invalid API key"});
    case ErrorForm::kDeepL:
      return ToResponse(endpoint.form,
                        {.status = 403, .message = "Authorization failed"});
    case ErrorForm::kNative:
      break;
  }
  Response response = ToResponse(
      endpoint.form, {.status = 401, .message = "want a key that is known"});
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

bool Admit(Service& service, const std::shared_ptr<Exchange>& exchange, Job job,
           ErrorForm form) {
  Record& record = exchange->record;
  record.model = NameOf(service, job.translator.get());
  if (!job.follows) {
    record.texts = job.texts.size();
    if (const auto wait = Charge(*exchange, job.texts)) {
      exchange->answer(TooMany(form, "your characters are spent", *wait));
      return false;
    }
  }
  job.gone = exchange->gone;
  job.time_limit = std::min(job.time_limit, service.limits.time);
  job.finished = [&service, exchange,
                  finished = std::move(job.finished)](JobResult result) {
    Note(service, result, exchange->record);
    finished(std::move(result));
  };
  const auto wait = service.scheduler.Admit(std::move(job));
  if (wait) exchange->answer(Full(form, *wait));
  return !wait;
}

bool RefusedAsFull(const Service& service, const Exchange& exchange,
                   ErrorForm form) {
  const auto wait = service.scheduler.WaitForRoom();
  if (wait) exchange.answer(Full(form, *wait));
  return wait.has_value();
}

void Translate(Service& service, std::shared_ptr<Exchange> exchange, Job job,
               ErrorForm form, Respond respond) {
  if (job.texts.empty()) return exchange->answer(respond({}));
  job.finished = [exchange, form,
                  respond = std::move(respond)](JobResult result) {
    if (result.end == JobEnd::kDone) {
      exchange->answer(respond(std::move(result.translations)));
    } else if (result.end == JobEnd::kTimedOut) {
      exchange->answer(ToResponse(form, TimePassed()));
    }
  };
  Admit(service, exchange, std::move(job), form);
}

Failure TimePassed() {
  return {.status = 504, .message = "the time limit passed"};
}

}  // namespace tessera::tools::serve

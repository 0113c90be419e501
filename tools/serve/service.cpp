// From an endpoint to the scheduler and back.
#include "tools/serve/service.h"

#include <tessera/error.h>

#include <algorithm>
#include <utility>

#include "models/files/message.h"
#include "tools/serve/fields.h"

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

}  // namespace

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

void Translate(Service& service, std::shared_ptr<Exchange> exchange, Job job,
               ErrorForm form, Respond respond) {
  job.gone = exchange->gone;
  job.time_limit = std::min(job.time_limit, service.limits.time);
  job.finished = [exchange, form, respond = std::move(respond)](
                     JobEnd end, std::vector<Translation> translations) {
    if (end == JobEnd::kGone) return;
    if (end == JobEnd::kTimedOut) {
      return exchange->answer(ToResponse(
          form, {.status = 504, .message = "the time limit passed"}));
    }
    exchange->answer(respond(std::move(translations)));
  };
  const auto wait = service.scheduler.Admit(std::move(job));
  if (!wait) return;
  Response response = ToResponse(
      form, {.status = 429, .message = "too many requests, try again later"});
  response.headers.emplace_back("Retry-After", std::to_string(wait->count()));
  exchange->answer(std::move(response));
}

}  // namespace tessera::tools::serve

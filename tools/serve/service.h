// What the endpoints share: models, limits, the way to the engine.
#ifndef TESSERA_TOOLS_SERVE_SERVICE_H_
#define TESSERA_TOOLS_SERVE_SERVICE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/serve/http.h"
#include "tools/serve/keys.h"
#include "tools/serve/metrics.h"
#include "tools/serve/router.h"
#include "tools/serve/scheduler.h"
#include "tools/serve/served_model.h"
#include "tools/serve/side_thread.h"

namespace tessera::tools::serve {

// Of one request, whatever its endpoint.
struct RequestLimits {
  std::size_t texts = 64;
  std::size_t characters = 10'000;  // of a text
  std::size_t beams = 16;
  std::size_t alternatives = 8;
  std::chrono::milliseconds time{60'000};
};

struct Service {
  // Changed by SetModels alone.
  std::vector<ServedModel> models = {};
  Targets targets = {};  // AllTargets() of them
  Keys keys = {};        // none: nobody needs one
  Metrics metrics = {};
  RequestLimits limits;
  Scheduler& scheduler;
  Loop& loop;
  SideThread& side;
  bool draining = false;
  std::int64_t started = 0;             // seconds since 1970
  std::uint64_t billed_characters = 0;  // as DeepL counts: of sources

  void SetModels(std::vector<ServedModel> loaded);
  // Null if there is none.
  const ServedModel* FindModel(std::string_view name) const;
};

// A failure that stops an endpoint's work.
struct Refused {
  Failure failure;
};

std::size_t CountCharacters(std::string_view text);

// Throws Refused for texts beyond the limits, with `field` as what is to blame.
void CheckTexts(const std::vector<std::string>& texts,
                const RequestLimits& limits, const std::string& field);

// The refusal of a head without the key that an endpoint needs; a key that is
// there is noted in the exchange.
std::optional<Response> Authorize(Service& service, const Endpoint& endpoint,
                                  Exchange& exchange);

// Notes the holder of a key in the exchange; false if nobody has it.
bool NoteHolder(Service& service, std::string_view key, Exchange& exchange);

// Has the texts translated, for a client that waits for the answer. `respond`
// makes a response of the translations, at once if there are no texts;
// refusals, too, come in `form`. The options must be those that
// Translator::Check lets pass.
using Respond = std::function<Response(std::vector<Translation>)>;
void Translate(Service& service, std::shared_ptr<Exchange> exchange, Job job,
               ErrorForm form, Respond respond);

// The same, for a job that tells its own end; whether it was admitted. If not,
// the refusal was answered.
bool Admit(Service& service, const std::shared_ptr<Exchange>& exchange, Job job,
           ErrorForm form);

// Whether there is no room for any request, which was answered then: before its
// body is read as JSON, for whoever is refused should cost little.
bool RefusedAsFull(const Service& service, const Exchange& exchange,
                   ErrorForm form);

// The failure that an endpoint tells if no text at all has a translation.
Failure FailureOf(const Translation& translation);

Failure TimePassed();

// 429, which says when to come again.
Response TooMany(ErrorForm form, std::string message,
                 std::chrono::seconds wait);

// Calls `work`; what it throws becomes the answer.
void Guard(Exchange& exchange, ErrorForm form,
           const std::function<void()>& work);

// The endpoints, with the service that they use.
void AddTranslationEndpoint(Router& router, Service& service);
void AddAttentionEndpoint(Router& router, Service& service);
void AddModelEndpoints(Router& router, Service& service);
void AddHealthEndpoints(Router& router, Service& service);
void AddLibreTranslateEndpoints(Router& router, Service& service);
void AddDeepLEndpoints(Router& router, Service& service);
void AddPage(Router& router);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_SERVICE_H_

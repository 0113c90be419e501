// Which texts of which requests the engine works on.
#ifndef TESSERA_TOOLS_SERVE_SCHEDULER_H_
#define TESSERA_TOOLS_SERVE_SCHEDULER_H_

#include <tessera/translator.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "tools/serve/loop.h"

namespace tessera::tools::serve {

enum class JobEnd { kDone, kTimedOut, kGone };

struct JobResult {
  JobEnd end = JobEnd::kDone;
  std::vector<Translation> translations = {};  // of all texts, if it is done
  double queue_seconds = 0;  // until the engine got the first text
};

// The texts of one request.
struct Job {
  std::shared_ptr<const Translator> translator;
  std::vector<std::string> texts;
  TranslateOptions options;  // that the translator has checked
  std::chrono::milliseconds time_limit{60'000};
  // It goes on with a request of which another job has just ended: there is
  // room for it.
  bool follows = false;
  std::stop_token gone = {};  // requested on the loop's thread
  // Called on the loop's thread before `finished`, if they are set: with what
  // the best output of a text has grown by, and with its translation.
  std::function<void(std::size_t index, const std::string& text)> grows = {};
  std::function<void(std::size_t index, const Translation&)> text_done = {};
  // Called on a worker's thread, if it is set: takes off a translation what
  // nobody wants.
  void (*trim)(Translation&) = nullptr;
  // Called once, on the loop's thread. Never for a job that was refused.
  std::function<void(JobResult)> finished = {};
};

struct AdmissionLimits {
  std::size_t requests = 128;
  // Tokens times beams, as Cost() guesses them: 64 batches of 32 texts with 64
  // tokens.
  std::size_t cost = 64 * 32 * 64;
  // Texts of a model that the engine holds at a time, by its threads: a batch
  // of each is in the decoder, a second waits for it.
  std::size_t texts_per_thread = 2 * 32;
};

// Source tokens times beams. A guess, three bytes a token: counting them would
// cost the loop a millisecond for a text of ten thousand characters.
std::size_t Cost(const std::vector<std::string>& texts,
                 const TranslateOptions& options, const ModelInfo& info);

// Admits requests up to limits, and hands their texts to the engine in turn,
// one of each request after the other, so that a request of one text does not
// wait for another one's thousand. The engine holds little more than it
// decodes, so that what is cancelled while it waits costs nothing. All on the
// loop's thread, which must outlive the translators.
class Scheduler {
 public:
  Scheduler(Loop& loop, AdmissionLimits limits);
  ~Scheduler();

  // nullopt: admitted. Otherwise: there is no room; when there may be.
  std::optional<std::chrono::seconds> Admit(Job job);

  // When there may be room, if there is none for any request.
  std::optional<std::chrono::seconds> WaitForRoom() const;

  // Whether the engine has so much in hand that it misses nothing for a
  // millisecond.
  bool busy() const;

  // Requests whose end has not been told.
  std::size_t requests() const { return requests_; }
  std::size_t cost() const { return cost_; }
  // Texts that the engine holds, also of requests that have ended.
  std::size_t running() const;

  // Gives up all jobs without telling their ends, and forgets the translators.
  void Shutdown();

 private:
  using Clock = std::chrono::steady_clock;
  using Id = std::uint64_t;
  struct Active;

  struct Lane {              // a model
    std::deque<Id> waiting;  // jobs with texts that were not handed in
    std::size_t running = 0;
  };

  void Pump(const Translator* model);
  void Submit(Id id, Active& active);
  void OnGrowth(Id id, std::size_t index, const std::string& text);
  void OnText(Id id, std::size_t index, Translation translation);
  void End(Id id, JobEnd end);
  void RemoveIfIdle(Id id);
  void Learn(std::size_t cost);
  std::chrono::seconds RetryAfter() const;

  Loop& loop_;
  AdmissionLimits limits_;
  Id next_id_ = 0;
  std::map<Id, std::unique_ptr<Active>> jobs_;
  std::map<const Translator*, Lane> lanes_;
  std::size_t requests_ = 0;
  std::size_t cost_ = 0;
  double cost_per_second_ = 10'000;  // measured as jobs end
  Clock::time_point busy_since_ = {};
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_SCHEDULER_H_

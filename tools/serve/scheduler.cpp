// Workers tell of a text by posting its job's number to the loop: they must
// hold no translator, whose last owner would wait for the very thread it is on.
#include "tools/serve/scheduler.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace tessera::tools::serve {

namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

struct Scheduler::Active {
  Job job;
  std::size_t cost = 0;
  std::size_t next = 0;     // the first text that was not handed in
  std::size_t running = 0;  // that the engine holds
  std::size_t missing = 0;  // translations
  std::vector<Translation> results = {};
  bool ended = false;
  Clock::time_point admitted = Clock::now();
  double queue_seconds = 0;
  std::stop_source stop = {};
  Loop::Timer timer = {};
  std::optional<std::stop_callback<std::function<void()>>> gone = {};
};

std::size_t Cost(const std::vector<std::string>& texts,
                 const TranslateOptions& options, const ModelInfo& info) {
  std::size_t tokens = 0;
  for (const std::string& text : texts) tokens += text.size() / 3 + 1;
  const std::size_t beams = options.beam_size.value_or(info.beam_size);
  return tokens * std::max({beams, options.n_best.value_or(1),
                            options.alternatives.value_or(1)});
}

Scheduler::Scheduler(Loop& loop, AdmissionLimits limits)
    : loop_(loop), limits_(limits) {}

Scheduler::~Scheduler() = default;

std::optional<std::chrono::seconds> Scheduler::Admit(Job job) {
  const std::size_t cost = Cost(job.texts, job.options, job.translator->info());
  // One that is alone may cost what it will.
  const bool full = requests_ >= limits_.requests ||
                    (requests_ > 0 && cost_ + cost > limits_.cost);
  if (full && !job.follows) {
    return RetryAfter();
  }
  if (requests_ == 0) busy_since_ = Clock::now();
  const Id id = next_id_++;
  const Translator* const model = job.translator.get();
  auto active = std::make_unique<Active>();
  active->cost = cost;
  active->missing = job.texts.size();
  active->results.resize(job.texts.size());
  active->timer =
      loop_.After(job.time_limit, [this, id] { End(id, JobEnd::kTimedOut); });
  active->job = std::move(job);
  Active& kept = *(jobs_[id] = std::move(active));
  ++requests_;
  cost_ += cost;
  lanes_[model].waiting.push_back(id);
  Pump(model);
  // Last: a client that has left already ends the job here.
  kept.gone.emplace(kept.job.gone, [this, id] { End(id, JobEnd::kGone); });
  return std::nullopt;
}

std::optional<std::chrono::seconds> Scheduler::WaitForRoom() const {
  const bool full =
      requests_ >= limits_.requests || (requests_ > 0 && cost_ >= limits_.cost);
  return full ? std::optional(RetryAfter()) : std::nullopt;
}

bool Scheduler::busy() const {
  // A batch is in the decoder, and at least half of the next one waits: 16
  // texts a thread, where a small model does one in a millisecond.
  return std::ranges::any_of(lanes_, [this](const auto& entry) {
    const auto& [model, lane] = entry;
    return 4 * lane.running >= 3 * model->threads() * limits_.texts_per_thread;
  });
}

std::size_t Scheduler::running() const {
  std::size_t all = 0;
  for (const auto& [model, lane] : lanes_) all += lane.running;
  return all;
}

void Scheduler::Shutdown() {
  for (const auto& [id, active] : jobs_) {
    active->gone.reset();
    active->stop.request_stop();
  }
  jobs_.clear();
  lanes_.clear();
  requests_ = 0;
  cost_ = 0;
}

void Scheduler::Pump(const Translator* model) {
  const auto found = lanes_.find(model);
  if (found == lanes_.end()) return;
  Lane& lane = found->second;
  while (!lane.waiting.empty()) {
    const Id id = lane.waiting.front();
    Active& active = *jobs_.at(id);
    const std::size_t room =
        active.job.translator->threads() * limits_.texts_per_thread;
    if (lane.running >= room) return;
    lane.waiting.pop_front();
    ++lane.running;
    Submit(id, active);
    if (active.next < active.job.texts.size()) lane.waiting.push_back(id);
  }
}

void Scheduler::Submit(Id id, Active& active) {
  const std::size_t index = active.next++;
  if (index == 0) active.queue_seconds = SecondsSince(active.admitted);
  ++active.running;
  const auto post = [this, id, index,
                     trim = active.job.trim](Translation translation) {
    if (trim != nullptr) trim(translation);
    loop_.Post(
        [this, id, index, translation = std::move(translation)]() mutable {
          OnText(id, index, std::move(translation));
        });
  };
  Translator::Grows grows;
  if (active.job.grows) {
    grows = [this, id, index](const Growth& growth) {
      loop_.Post([this, id, index, text = std::string(growth.text)] {
        OnGrowth(id, index, text);
      });
    };
  }
  try {
    if (grows) {
      return active.job.translator->Submit(std::move(active.job.texts[index]),
                                           active.job.options, grows, post,
                                           active.stop.get_token());
    }
    active.job.translator->Submit(std::move(active.job.texts[index]),
                                  active.job.options, post,
                                  active.stop.get_token());
  } catch (const std::exception& error) {
    post({.error = error.what(), .error_kind = ErrorKind::kResources});
  }
}

void Scheduler::OnGrowth(Id id, std::size_t index, const std::string& text) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || found->second->ended) return;
  found->second->job.grows(index, text);
}

void Scheduler::OnText(Id id, std::size_t index, Translation translation) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;  // shut down
  Active& active = *found->second;
  const Translator* const model = active.job.translator.get();
  --active.running;
  --lanes_[model].running;
  if (active.job.text_done && !active.ended) {
    active.job.text_done(index, translation);
  }
  active.results[index] = std::move(translation);
  if (--active.missing == 0) End(id, JobEnd::kDone);
  RemoveIfIdle(id);
  Pump(model);
}

void Scheduler::End(Id id, JobEnd end) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || found->second->ended) return;
  Active& active = *found->second;
  active.ended = true;
  active.timer.reset();
  active.stop.request_stop();
  active.next = active.job.texts.size();
  std::erase(lanes_[active.job.translator.get()].waiting, id);
  --requests_;
  cost_ -= active.cost;
  if (end == JobEnd::kDone) Learn(active.cost);
  JobResult result = {.end = end, .queue_seconds = active.queue_seconds};
  if (end == JobEnd::kDone) result.translations = std::move(active.results);
  active.results.resize(active.job.texts.size());
  const auto finished = std::move(active.job.finished);
  // Whoever called this may be inside of the callback of `gone`.
  loop_.Post([this, id] { RemoveIfIdle(id); });
  finished(std::move(result));
}

void Scheduler::RemoveIfIdle(Id id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  const Active& active = *found->second;
  if (!active.ended || active.running > 0) return;
  const auto lane = lanes_.find(active.job.translator.get());
  if (lane->second.running == 0 && lane->second.waiting.empty()) {
    lanes_.erase(lane);
  }
  jobs_.erase(found);
}

void Scheduler::Learn(std::size_t cost) {
  // Of the time since the last job ended, or since there was none.
  const Clock::time_point now = Clock::now();
  const double seconds = SecondsSince(busy_since_);
  busy_since_ = now;
  constexpr double kMemory = 5;  // seconds
  const double share = 1 - std::exp(-seconds / kMemory);
  const double rate = static_cast<double>(cost) / std::max(seconds, 1e-6);
  cost_per_second_ += share * (rate - cost_per_second_);
}

std::chrono::seconds Scheduler::RetryAfter() const {
  const double wait =
      static_cast<double>(cost_) / std::max(cost_per_second_, 1.0);
  return std::chrono::seconds(
      static_cast<int>(std::clamp(std::ceil(wait), 1.0, 60.0)));
}

}  // namespace tessera::tools::serve

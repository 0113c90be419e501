// A hop is a job. Each reads the texts that the one before it wrote, tags
// included, so that none has to know of another's alignment.
#include "tools/serve/text_request.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tools/serve/markup/marked_texts.h"

namespace tessera::tools::serve {
namespace {

using Clock = std::chrono::steady_clock;

class Journey : public std::enable_shared_from_this<Journey> {
 public:
  Journey(Service& service, std::shared_ptr<Exchange> exchange,
          TextRequest request, ErrorForm form, RespondTexts respond)
      : service_(service),
        exchange_(std::move(exchange)),
        texts_(std::move(request.texts)),
        markup_(std::move(request.markup)),
        form_(form),
        respond_(std::move(respond)) {
    for (const Hop& hop : request.route) {
      const bool last = &hop == &request.route.back();
      Job job = {
          .translator = hop.model->translator, .texts = {}, .options = {}};
      if (last) {
        job.options = request.options;
      } else {
        job.options.n_best = 1;
        job.options.split = request.options.split;
      }
      job.options.source_language = hop.source_option;
      job.options.target_language = hop.target_option;
      job.translator->Check(job.options);
      job.follows = !jobs_.empty();
      jobs_.push_back(std::move(job));
    }
  }

  void Go() {
    Job job = std::move(jobs_[next_++]);
    job.texts = texts_;
    if (markup_) {
      marked_ = std::make_shared<MarkedTexts>(texts_, *markup_);
      marked_->Fill(job);
    }
    if (job.texts.empty()) return Arrive({});
    job.time_limit =
        std::max(std::chrono::milliseconds(1),
                 std::chrono::duration_cast<std::chrono::milliseconds>(
                     end_ - Clock::now()));
    job.finished = [self = shared_from_this()](JobResult result) {
      if (result.end == JobEnd::kTimedOut) {
        self->exchange_->answer(ToResponse(self->form_, TimePassed()));
      } else if (result.end == JobEnd::kDone) {
        self->Arrive(std::move(result.translations));
      }
    };
    Admit(service_, exchange_, std::move(job), form_);
  }

 private:
  void Arrive(std::vector<Translation> translations) {
    const auto failed =
        std::ranges::find_if_not(translations, &Translation::ok);
    if (failed != translations.end()) {
      return exchange_->answer(ToResponse(form_, FailureOf(*failed)));
    }
    if (marked_) {
      texts_ = marked_->Put(translations);
    } else {
      texts_.clear();
      for (const Translation& translation : translations) {
        texts_.emplace_back(translation.text());
      }
    }
    if (next_ < jobs_.size()) {
      return Guard(*exchange_, form_, [this] { Go(); });
    }
    if (marked_) translations.clear();
    exchange_->answer(respond_({std::move(texts_), std::move(translations)}));
  }

  Service& service_;
  std::shared_ptr<Exchange> exchange_;
  std::vector<std::string> texts_;
  std::optional<MarkupRules> markup_;
  ErrorForm form_;
  RespondTexts respond_;
  std::vector<Job> jobs_ = {};  // one a hop
  std::size_t next_ = 0;
  std::shared_ptr<const MarkedTexts> marked_ = {};
  Clock::time_point end_ = Clock::now() + service_.limits.time;
};

}  // namespace

void TranslateTexts(Service& service, std::shared_ptr<Exchange> exchange,
                    TextRequest request, ErrorForm form, RespondTexts respond) {
  std::make_shared<Journey>(service, std::move(exchange), std::move(request),
                            form, std::move(respond))
      ->Go();
}

}  // namespace tessera::tools::serve

// Worker threads over one queue.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "engine/worker/worker.h"
#include "tests/engine/random_requests.h"

namespace tessera::engine {
namespace {

using std::chrono::microseconds;

constexpr Room kCapacity = {.sentences = 8, .rows = 64};

void PushAll(WorkerPool& pool, std::deque<IdsRequest>& requests) {
  std::vector<std::unique_ptr<Request>> all;
  for (IdsRequest& request : requests) all.push_back(request.Make());
  pool.Push(all);
}

TEST(WorkerPoolTest, AnyNumberOfThreadsGivesTheSameOutputs) {
  const FakeModel model = MakeFakeModel();
  const ModelRules rules(model.info().generation);
  for (const std::size_t threads : {1u, 2u, 4u}) {
    auto requests = RandomRequests(100, 50, 3);
    WorkerPool pool(model, rules, {.threads = threads, .capacity = kCapacity});
    PushAll(pool, requests);
    for (IdsRequest& request : requests) {
      ExpectAsAlone(model, request, request.Result());
    }
  }
}

TEST(WorkerPoolTest, TakesRequestsFromManyThreadsAtOnce) {
  const FakeModel model = MakeFakeModel();
  const ModelRules rules(model.info().generation);
  WorkerPool pool(model, rules, {.threads = 3, .capacity = kCapacity});
  std::vector<std::jthread> callers;
  for (unsigned caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      auto requests = RandomRequests(50, 50, 10 + caller);
      for (IdsRequest& request : requests) {
        std::unique_ptr<Request> pushed = request.Make();
        pool.Push({&pushed, 1});
      }
      for (IdsRequest& request : requests) {
        ExpectAsAlone(model, request, request.Result());
      }
    });
  }
}

// One worker, with room for new calls beside a list.
WorkerPool::Options OneThatLetsPass() {
  return {.threads = 1,
          .capacity = kCapacity,
          .passing = {.sentences = 2, .rows = 64}};
}

// A call that comes while a list is at work does not wait for its slots.
TEST(WorkerPoolTest, ANewCallPassesByAList) {
  const FakeModel model = MakeFakeModel();
  const ModelRules rules(model.info().generation);
  auto list = RandomRequests(400, 50, 4);
  auto sentence = RandomRequests(1, 50, 5);
  std::atomic<std::size_t> done = 0;  // of the list
  std::size_t done_before = 0;
  std::promise<void> passed;
  {
    WorkerPool pool(model, rules, OneThatLetsPass());
    std::vector<std::unique_ptr<Request>> all;
    for (IdsRequest& request : list) {
      all.push_back(request.Make());
      all.back()->sink = [&, sink = all.back()->sink](Translation result) {
        sink(std::move(result));
        if (++done != 20) return;
        std::unique_ptr<Request> pushed = sentence.front().Make();
        pushed->sink = [&, own = pushed->sink](Translation output) {
          own(std::move(output));
          done_before = done;
          passed.set_value();
        };
        pool.Push({&pushed, 1});
      };
    }
    pool.Push(all);
    passed.get_future().wait();
  }
  // In the 40 steps that it takes at most: 5 of the list's, 8 outputs each.
  EXPECT_LE(done_before, 20u + 6 * kCapacity.sentences);
  ExpectAsAlone(model, sentence.front(), sentence.front().Result());
  for (IdsRequest& request : list) {
    ExpectAsAlone(model, request, request.Result());
  }
}

// The encoder's run for a list takes as long as a step of it.
TEST(WorkerPoolTest, ACallThatComesWhileAListIsEncodedPassesItsStep) {
  FakeModel model = MakeFakeModel();
  const ModelRules rules(model.info().generation);
  auto list = RandomRequests(30, 50, 4);
  auto sentence = RandomRequests(1, 50, 5);
  std::string order;
  WorkerPool* running = nullptr;
  model.on_step = [&](std::size_t) { order += 's'; };
  model.on_encode = [&](std::size_t) {
    order += 'e';
    if (order.size() > 1) return;
    std::unique_ptr<Request> pushed = sentence.front().Make();
    running->Push({&pushed, 1});
  };
  {
    WorkerPool pool(model, rules, OneThatLetsPass());
    running = &pool;
    PushAll(pool, list);
    sentence.front().Result();
  }
  EXPECT_EQ(order.substr(0, 3), "ees") << order;
}

// Gives a request, and when that is done the next one.
class InTurn {
 public:
  explicit InTurn(std::deque<IdsRequest>& requests) : requests_(requests) {}

  void Push(WorkerPool& pool) {
    if (done_ == requests_.size()) return;
    std::unique_ptr<Request> pushed = requests_[done_].Make();
    pushed->sink = [&, own = pushed->sink](Translation output) {
      own(std::move(output));
      ++done_;
      Push(pool);
    };
    pool.Push({&pushed, 1});
  }
  std::size_t done() const { return done_; }

 private:
  std::deque<IdsRequest>& requests_;
  std::size_t done_ = 0;
};

// Who comes next waits for a step of the list.
TEST(WorkerPoolTest, AListHasHalfItsRoomWhileCallsPass) {
  FakeModel model = MakeFakeModel();
  const ModelRules rules(model.info().generation);
  auto list = RandomRequests(400, 50, 4);
  auto sentences = RandomRequests(40, 50, 5);
  InTurn turns(sentences);
  WorkerPool* running = nullptr;
  std::size_t before = 0, beside = 0;  // most sentences of a step
  model.on_rows = [&](std::span<const models::StepRow> rows) {
    std::set<std::int32_t> slots;
    for (const models::StepRow& row : rows) slots.insert(row.sentence);
    if (before == 0) turns.Push(*running);
    if (turns.done() == 0) before = std::max(before, slots.size());
    if (turns.done() >= 10 && turns.done() < sentences.size()) {
      beside = std::max(beside, slots.size());
    }
  };
  {
    WorkerPool pool(model, rules, OneThatLetsPass());
    running = &pool;
    PushAll(pool, list);
    for (IdsRequest& request : sentences) request.Result();
  }
  EXPECT_EQ(before, kCapacity.sentences);
  EXPECT_LE(beside, kCapacity.sentences / 2);
  for (IdsRequest& request : list) {
    ExpectAsAlone(model, request, request.result());
  }
}

// Counts the threads that all steps use together, and their maximum.
class ThreadMeter {
 public:
  void operator()(std::size_t threads) {
    const std::size_t now = in_use_ += threads;
    for (std::size_t most = most_; now > most;) {
      if (most_.compare_exchange_weak(most, now)) break;
    }
    if (threads > 1) wide_ = true;
    std::this_thread::sleep_for(microseconds(100));
    in_use_ -= threads;
  }
  std::size_t most() const { return most_; }
  bool wide() const { return wide_; }

 private:
  std::atomic<std::size_t> in_use_ = 0;
  std::atomic<std::size_t> most_ = 0;
  std::atomic<bool> wide_ = false;
};

TEST(WorkerPoolTest, NeverUsesMoreThreadsThanAskedFor) {
  FakeModel model = MakeFakeModel();
  ThreadMeter meter;
  model.on_encode = model.on_step = [&](std::size_t n) { meter(n); };
  const ModelRules rules(model.info().generation);
  WorkerPool pool(model, rules, {.threads = 4, .capacity = kCapacity});
  for (const std::size_t count : {1u, 2u, 3u, 40u, 1u, 9u}) {
    auto requests = RandomRequests(count, 50, 4);
    PushAll(pool, requests);
    for (IdsRequest& request : requests) request.Result();
  }
  EXPECT_LE(meter.most(), 4u);
  EXPECT_TRUE(meter.wide());
}

TEST(WorkerPoolTest, FinishesWhatWaitsBeforeItEnds) {
  const FakeModel model = MakeFakeModel();
  const ModelRules rules(model.info().generation);
  auto requests = RandomRequests(60, 50, 5);
  {
    WorkerPool pool(model, rules, {.threads = 2, .capacity = kCapacity});
    PushAll(pool, requests);
  }
  for (const IdsRequest& request : requests) {
    ExpectAsAlone(model, request, request.result());
  }
}

}  // namespace
}  // namespace tessera::engine

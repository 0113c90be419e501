// Who takes which requests from the queue.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <thread>

#include "engine/worker/request_queue.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;

constexpr Room kRoom = {.sentences = 32, .rows = 128};

class RequestQueueTest : public testing::Test {
 protected:
  void Push(RequestQueue& queue, std::size_t count, std::size_t beams = 4,
            std::uint64_t call = 0) {
    std::vector<std::unique_ptr<Request>> pushed;
    for (std::size_t i = 0; i < count; ++i) {
      auto request = std::make_unique<Request>();
      request->source = {static_cast<std::int32_t>(i)};
      request->options = {.beam_size = beams, .max_length = 9};
      pushed.push_back(std::move(request));
    }
    queue.Push(pushed, call);
  }
  std::size_t Take(RequestQueue& queue, const RequestQueue::State& state) {
    const RequestQueue::Grant grant = queue.Next(state, taken_);
    threads_ = grant.threads;
    passes_ = grant.passes;
    return taken_.size();
  }

  std::vector<std::unique_ptr<Request>> taken_;
  std::size_t threads_ = 0;
  bool passes_ = false;
};

TEST_F(RequestQueueTest, GivesRequestsInTheOrderTheyCame) {
  RequestQueue queue(1);
  Push(queue, 3);
  ASSERT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 3u);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(taken_[i]->source, Ids{static_cast<std::int32_t>(i)});
}

TEST_F(RequestQueueTest, GivesNoMoreThanThereIsRoomFor) {
  RequestQueue queue(1);
  Push(queue, 10);
  EXPECT_EQ(Take(queue, {0, 0, {.sentences = 3, .rows = 128}}), 3u);
  EXPECT_EQ(Take(queue, {0, 3, {.sentences = 29, .rows = 9}}), 2u);
}

TEST_F(RequestQueueTest, EachWorkerGetsAFairShare) {
  RequestQueue queue(4);
  Push(queue, 10);
  EXPECT_EQ(Take(queue, {.worker = 2, .active = 0, .room = kRoom}), 3u);
  EXPECT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 3u);
  EXPECT_EQ(threads_, 1u);
  EXPECT_EQ(Take(queue, {.worker = 1, .active = 0, .room = kRoom}), 3u);
  EXPECT_EQ(Take(queue, {.worker = 3, .active = 0, .room = kRoom}), 1u);
}

// What worker 0 asks with `active` requests, wanting threads.
RequestQueue::State Wanting(std::size_t active) {
  return {.worker = 0, .active = active, .room = kRoom, .wants_threads = true};
}

TEST_F(RequestQueueTest, AFewRequestsGoToTheFirstWorkerWithAllThreads) {
  RequestQueue queue(4);
  Push(queue, 2);
  EXPECT_EQ(Take(queue, Wanting(0)), 2u);
  EXPECT_EQ(threads_, 4u);
}

TEST_F(RequestQueueTest, AFewRequestsAreSharedIfNoThreadsAreWanted) {
  RequestQueue queue(4);
  Push(queue, 2);
  EXPECT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 1u);
  EXPECT_EQ(threads_, 1u);
  EXPECT_EQ(Take(queue, {.worker = 3, .active = 0, .room = kRoom}), 1u);
}

TEST_F(RequestQueueTest, ThreadsAreTakenBackWhenMoreRequestsCome) {
  RequestQueue queue(4);
  Push(queue, 2);
  Take(queue, Wanting(0));
  EXPECT_EQ(threads_, 4u);
  Push(queue, 6);
  EXPECT_EQ(Take(queue, Wanting(2)), 0u);
  EXPECT_EQ(threads_, 1u);
  EXPECT_EQ(Take(queue, {.worker = 1, .active = 0, .room = kRoom}), 2u);
}

TEST_F(RequestQueueTest, ThreadsAreNotLentWhileAnotherWorkerIsBusy) {
  RequestQueue queue(4);
  Push(queue, 8);
  Take(queue, Wanting(0));
  for (std::size_t worker = 1; worker < 4; ++worker) {
    Take(queue, {.worker = worker, .active = 0, .room = kRoom});
  }
  queue.Close();  // so that those without work do not wait
  Take(queue, {.worker = 2, .active = 0, .room = kRoom});
  Take(queue, {.worker = 3, .active = 0, .room = kRoom});
  Take(queue, Wanting(1));
  EXPECT_EQ(threads_, 1u);  // worker 1 still has its two
  Take(queue, {.worker = 1, .active = 0, .room = kRoom});
  Take(queue, Wanting(1));
  EXPECT_EQ(threads_, 4u);
}

TEST_F(RequestQueueTest, AFullBatchWaitsUntilAQuarterIsFree) {
  RequestQueue queue(1);
  Push(queue, 100);
  const auto room = [](std::size_t free) {
    return Room{.sentences = free, .rows = 128};
  };
  EXPECT_EQ(Take(queue, {0, 0, room(32)}), 32u);
  EXPECT_EQ(Take(queue, {0, 25, room(7)}), 0u);
  EXPECT_EQ(Take(queue, {0, 24, room(8)}), 8u);
}

TEST_F(RequestQueueTest, TheLastOnesDoNotWaitForAGroup) {
  RequestQueue queue(1);
  Push(queue, 33);
  EXPECT_EQ(Take(queue, {0, 0, {.sentences = 32, .rows = 128}}), 32u);
  EXPECT_EQ(Take(queue, {0, 31, {.sentences = 1, .rows = 128}}), 1u);
}

// Of requests that were taken, their numbers in their calls.
Ids Taken(const std::vector<std::unique_ptr<Request>>& taken) {
  Ids numbers;
  for (const auto& request : taken) numbers.push_back(request->source.front());
  return numbers;
}

TEST_F(RequestQueueTest, CallsHaveTurns) {
  RequestQueue queue(1);
  Push(queue, 10);
  Push(queue, 3);
  Push(queue, 1);
  ASSERT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 14u);
  // The first of a call in turn with the next of those that have begun.
  EXPECT_EQ(Taken(taken_), (Ids{0, 1, 0, 2, 0, 1, 3, 2, 4, 5, 6, 7, 8, 9}));
}

TEST_F(RequestQueueTest, WhatAStreamPushesIsOneCall) {
  RequestQueue queue(1);
  for (int i = 0; i < 6; ++i) Push(queue, 2, 4, 7);
  Push(queue, 2);
  ASSERT_EQ(Take(queue, {0, 0, {.sentences = 6, .rows = 128}}), 6u);
  EXPECT_EQ(Taken(taken_), (Ids{0, 1, 0, 0, 1, 1}));
}

// What a worker asks with so many requests of a list and of new calls.
RequestQueue::State Beside(std::size_t list, std::size_t passing) {
  return {.worker = 0,
          .active = list + passing,
          .room = {.sentences = 32 - list, .rows = 128},
          .passing = passing,
          .passing_room = {.sentences = 4 - passing, .rows = 64}};
}

TEST_F(RequestQueueTest, NewCallsPassByAListThatWaits) {
  RequestQueue queue(1);
  Push(queue, 100);
  EXPECT_EQ(Take(queue, Beside(0, 0)), 32u);
  EXPECT_FALSE(passes_);
  EXPECT_EQ(Take(queue, Beside(32, 0)), 0u);
  Push(queue, 5);
  Push(queue, 1);
  EXPECT_EQ(Take(queue, Beside(32, 0)), 2u);
  EXPECT_TRUE(passes_);
  EXPECT_EQ(Taken(taken_), (Ids{0, 0}));
  EXPECT_EQ(Take(queue, Beside(32, 2)), 0u);
  Push(queue, 1);
  Push(queue, 1);
  Push(queue, 1);
  EXPECT_EQ(Take(queue, Beside(32, 2)), 2u);
  EXPECT_TRUE(passes_);
  // There is no place beside the list: the last one is taken in with it.
  EXPECT_EQ(Take(queue, Beside(20, 4)), 12u);
  EXPECT_FALSE(passes_);
}

// More beams than there are rows for beside the list: the list goes on.
TEST_F(RequestQueueTest, ACallThatCannotPassHoldsNoListUp) {
  RequestQueue queue(1);
  Push(queue, 100);
  EXPECT_EQ(Take(queue, Beside(0, 0)), 32u);
  Push(queue, 1, 64);
  RequestQueue::State state = Beside(20, 1);
  state.passing_room.rows = 60;
  EXPECT_GT(Take(queue, state), 0u);
  EXPECT_FALSE(passes_);
}

TEST_F(RequestQueueTest, CallsThatNoListKeepsWaitingShareABatch) {
  RequestQueue queue(1);
  for (int i = 0; i < 3; ++i) Push(queue, 1);
  EXPECT_EQ(Take(queue, Beside(0, 0)), 3u);
  EXPECT_FALSE(passes_);
  for (int i = 0; i < 20; ++i) Push(queue, 1);
  EXPECT_EQ(Take(queue, Beside(3, 0)), 20u);
  EXPECT_FALSE(passes_);
}

TEST_F(RequestQueueTest, AClosedQueueTakesNothingIn) {
  RequestQueue queue(1);
  queue.Close();
  EXPECT_THROW(Push(queue, 1), Error);
  EXPECT_THROW(Push(queue, 3, 4, 7), Error);
}

TEST_F(RequestQueueTest, AWorkerWithNothingToDoWaits) {
  RequestQueue queue(1);
  std::jthread pusher([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    Push(queue, 1);
  });
  EXPECT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 1u);
}

TEST_F(RequestQueueTest, AClosedQueueGivesWhatItHasAndThenNothing) {
  RequestQueue queue(1);
  Push(queue, 1);
  queue.Close();
  EXPECT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 1u);
  EXPECT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 0u);
}

// A sink asks for more while its worker still counts its request; worker 0,
// which would have all, has ended.
TEST_F(RequestQueueTest, AClosedQueueTakesInWhatItsRequestsAskForBesides) {
  RequestQueue queue(4);
  Push(queue, 1);
  EXPECT_EQ(Take(queue, {.worker = 1, .active = 0, .room = kRoom}), 1u);
  queue.Close();
  EXPECT_EQ(Take(queue, Wanting(0)), 0u);
  Requests more;
  more.push_back(std::make_unique<Request>());
  queue.PushMore(more);
  EXPECT_EQ(Take(queue, {.worker = 1, .active = 0, .room = kRoom}), 1u);
  EXPECT_EQ(Take(queue, {.worker = 1, .active = 0, .room = kRoom}), 0u);
}

}  // namespace
}  // namespace tessera::engine

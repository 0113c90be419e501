// Who takes which sentences from the queue.
#include <gtest/gtest.h>

#include <thread>

#include "engine/worker/request_queue.h"
#include "tests/engine/ids_sentence.h"

namespace tessera::engine {
namespace {

constexpr Room kRoom = {.sentences = 32, .rows = 128};

class SentenceQueueTest : public testing::Test {
 protected:
  void Push(SentenceQueue& queue, std::size_t count, std::size_t beams = 4) {
    std::vector<Sentence*> pushed;
    for (std::size_t i = 0; i < count; ++i) {
      pushed.push_back(&sentences_.emplace_back(
          std::vector<std::int32_t>{1},
          SearchOptions{.beam_size = beams, .max_length = 9}));
    }
    queue.Push(pushed);
  }
  std::size_t Take(SentenceQueue& queue,
                   const SentenceQueue::Request& request) {
    threads_ = queue.Next(request, taken_);
    return taken_.size();
  }

  std::deque<IdsSentence> sentences_;
  std::vector<Sentence*> taken_;
  std::size_t threads_ = 0;
};

TEST_F(SentenceQueueTest, GivesSentencesInTheOrderTheyCame) {
  SentenceQueue queue(1);
  Push(queue, 3);
  ASSERT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(taken_[i], &sentences_[i]);
}

TEST_F(SentenceQueueTest, GivesNoMoreThanThereIsRoomFor) {
  SentenceQueue queue(1);
  Push(queue, 10);
  EXPECT_EQ(Take(queue, {0, 0, {.sentences = 3, .rows = 128}}), 3u);
  EXPECT_EQ(Take(queue, {0, 3, {.sentences = 29, .rows = 9}}), 2u);
}

TEST_F(SentenceQueueTest, EachWorkerGetsAFairShare) {
  SentenceQueue queue(4);
  Push(queue, 10);
  EXPECT_EQ(Take(queue, {.worker = 2, .active = 0, .room = kRoom}), 3u);
  EXPECT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 3u);
  EXPECT_EQ(threads_, 1u);
  EXPECT_EQ(Take(queue, {.worker = 1, .active = 0, .room = kRoom}), 3u);
  EXPECT_EQ(Take(queue, {.worker = 3, .active = 0, .room = kRoom}), 1u);
}

// What worker 0 asks with `active` sentences, wanting threads.
SentenceQueue::Request Wanting(std::size_t active) {
  return {.worker = 0, .active = active, .room = kRoom, .wants_threads = true};
}

TEST_F(SentenceQueueTest, AFewSentencesGoToTheFirstWorkerWithAllThreads) {
  SentenceQueue queue(4);
  Push(queue, 2);
  EXPECT_EQ(Take(queue, Wanting(0)), 2u);
  EXPECT_EQ(threads_, 4u);
}

TEST_F(SentenceQueueTest, AFewSentencesAreSharedIfNoThreadsAreWanted) {
  SentenceQueue queue(4);
  Push(queue, 2);
  EXPECT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 1u);
  EXPECT_EQ(threads_, 1u);
  EXPECT_EQ(Take(queue, {.worker = 3, .active = 0, .room = kRoom}), 1u);
}

TEST_F(SentenceQueueTest, ThreadsAreTakenBackWhenMoreSentencesCome) {
  SentenceQueue queue(4);
  Push(queue, 2);
  Take(queue, Wanting(0));
  EXPECT_EQ(threads_, 4u);
  Push(queue, 6);
  EXPECT_EQ(Take(queue, Wanting(2)), 0u);
  EXPECT_EQ(threads_, 1u);
  EXPECT_EQ(Take(queue, {.worker = 1, .active = 0, .room = kRoom}), 2u);
}

TEST_F(SentenceQueueTest, ThreadsAreNotLentWhileAnotherWorkerIsBusy) {
  SentenceQueue queue(4);
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

TEST_F(SentenceQueueTest, AFullBatchWaitsUntilAQuarterIsFree) {
  SentenceQueue queue(1);
  Push(queue, 100);
  const auto room = [](std::size_t free) {
    return Room{.sentences = free, .rows = 128};
  };
  EXPECT_EQ(Take(queue, {0, 0, room(32)}), 32u);
  EXPECT_EQ(Take(queue, {0, 25, room(7)}), 0u);
  EXPECT_EQ(Take(queue, {0, 24, room(8)}), 8u);
}

TEST_F(SentenceQueueTest, TheLastOnesDoNotWaitForAGroup) {
  SentenceQueue queue(1);
  Push(queue, 33);
  EXPECT_EQ(Take(queue, {0, 0, {.sentences = 32, .rows = 128}}), 32u);
  EXPECT_EQ(Take(queue, {0, 31, {.sentences = 1, .rows = 128}}), 1u);
}

TEST_F(SentenceQueueTest, AWorkerWithNothingToDoWaits) {
  SentenceQueue queue(1);
  std::jthread pusher([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    Push(queue, 1);
  });
  EXPECT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 1u);
}

TEST_F(SentenceQueueTest, AClosedQueueGivesWhatItHasAndThenNothing) {
  SentenceQueue queue(1);
  Push(queue, 1);
  queue.Close();
  EXPECT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 1u);
  EXPECT_EQ(Take(queue, {.worker = 0, .active = 0, .room = kRoom}), 0u);
}

}  // namespace
}  // namespace tessera::engine

// Places of what the beams of a sentence have read.
#include "models/layers/history_tree.h"

#include <gtest/gtest.h>

namespace tessera::models {
namespace {

constexpr std::int32_t kRoot = HistoryTree::kRoot;

TEST(HistoryTreeTest, ABeamAloneHasPlacesInTheirOrder) {
  HistoryTree tree;
  std::int32_t node = kRoot;
  for (std::int32_t p = 0; p < 200; ++p) {
    node = tree.Grow(node);
    ASSERT_EQ(node, p);
  }
  EXPECT_EQ(tree.places(), 200u);
  tree.Release(node);
  EXPECT_EQ(tree.places(), 0u);
  EXPECT_EQ(tree.Grow(kRoot), 0);
}

TEST(HistoryTreeTest, WhatLeadsToNoBeamIsFreeAndTheLowestPlaceComesNext) {
  HistoryTree tree;
  const std::int32_t stem = tree.Grow(kRoot);
  tree.Hold(stem);
  const std::int32_t left = tree.Grow(tree.Grow(stem));  // 1, 2
  const std::int32_t right = tree.Grow(stem);            // 3
  EXPECT_EQ(left, 2);
  EXPECT_EQ(right, 3);
  tree.Release(left);
  EXPECT_EQ(tree.places(), 4u);
  const std::int32_t next = tree.Grow(right);
  EXPECT_EQ(next, 1);
  EXPECT_EQ(tree.Grow(next), 2);
  tree.Hold(2);
  tree.Release(2);
  EXPECT_EQ(tree.places(), 4u) << "a beam is still at it";
  tree.Release(2);
  EXPECT_EQ(tree.places(), 0u);
}

TEST(HistoryTreeTest, HoldingTheRootIsNothing) {
  HistoryTree tree;
  tree.Hold(kRoot);
  tree.Release(kRoot);
  EXPECT_EQ(tree.places(), 0u);
}

}  // namespace
}  // namespace tessera::models

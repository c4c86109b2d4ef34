#include "cohesin/base/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>

namespace cohesin {
namespace {

TEST(CatchStopSignals, LeavesANote) {
  const CatchStopSignals outer;
  EXPECT_EQ(stop_requested(), 0);
  {
    const CatchStopSignals inner;
    raise(SIGTERM);
    EXPECT_EQ(stop_requested(), SIGTERM);
  }
  EXPECT_EQ(stop_requested(), SIGTERM);
}

TEST(CatchStopSignals, ForgetsTheNoteOfTheLastTime) {
  {
    const CatchStopSignals first;
    raise(SIGINT);
  }
  const CatchStopSignals second;
  EXPECT_EQ(stop_requested(), 0);
}

TEST(CatchStopSignals, SecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        const CatchStopSignals caught;
        raise(SIGINT);
        raise(SIGINT);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

TEST(CatchStopSignals, OutsideSignalsEndTheProcess) {
  EXPECT_EXIT(
      {
        { const CatchStopSignals caught; }
        raise(SIGTERM);
      },
      ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace cohesin

// For tests of what the checker finds.
#pragma once

#include <gtest/gtest.h>

#include "tests/simulator/simulator.hpp"

/// In a test or SetUp. Skips in a sanitized build alone: elsewhere main.cpp refuses to run without the
/// checker.
#define AGON_SKIP_WITHOUT_CHECKER()          \
  if (!::agon::simulator::checks_accesses()) \
  GTEST_SKIP() << "the checker is NOT tested here: AddressSanitizer takes its place in this build"

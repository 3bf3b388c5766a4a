// CUDA C++ for the host's compiler: what a kernel's source may use without including anything.
#pragma once

#include "tests/simulator/language/atomics.hpp"
#include "tests/simulator/language/barriers.hpp"
#include "tests/simulator/language/keywords.hpp"
#include "tests/simulator/language/math.hpp"
#include "tests/simulator/language/memory.hpp"
#include "tests/simulator/language/vector_types.hpp"
#include "tests/simulator/language/warp.hpp"

// Loads and stores with cache hints: plain ones here.
#pragma once

#include <cstdint>

#include "tests/simulator/language/keywords.hpp"

#define AGON_LOAD(name)             \
  template <class T>                \
  inline T name(const T* pointer) { \
    return *pointer;                \
  }
AGON_LOAD(__ldg)
AGON_LOAD(__ldca)
AGON_LOAD(__ldcg)
AGON_LOAD(__ldcs)
AGON_LOAD(__ldlu)
AGON_LOAD(__ldcv)
#undef AGON_LOAD

#define AGON_STORE(name)                  \
  template <class T>                      \
  inline void name(T* pointer, T value) { \
    *pointer = value;                     \
  }
AGON_STORE(__stwb)
AGON_STORE(__stcg)
AGON_STORE(__stcs)
AGON_STORE(__stwt)
#undef AGON_STORE

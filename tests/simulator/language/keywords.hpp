// Declaration specifiers and the built-in variables.
#pragma once

#include "tests/simulator/language/vector_types.hpp"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __shared__ static_assert(false, "shared memory is declared by AGON_SHARED");

/// The simulator's words are calls the checker does not see into.
#define AGON_DEVICE_WORD __attribute__((noinline, no_sanitize("thread")))
/// Where a word is written: the last parameters of each.
#define AGON_SITE const char *site_file = __builtin_FILE(), int site_line = __builtin_LINE()
#define AGON_PASS_SITE site_file, site_line

// Constant: on its own fiber a thread never sees them change.
extern const uint3 threadIdx, blockIdx;
extern const dim3 blockDim, gridDim;
inline constexpr int warpSize = 32;

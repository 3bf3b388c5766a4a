// Philox4x32-10: 128 random bits from a 64-bit key and a 128-bit counter.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"

namespace agon::kernels::formula {

struct PhiloxBlock {
  std::uint32_t word[4];
};

/// What is made of a block's words.
struct FourNumbers {
  float value[4];
};

/// Ten rounds. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011),
/// section 3.3 and table 2; the key is raised by the Weyl constants between rounds.
AGON_FORMULA PhiloxBlock philox(std::uint32_t key0, std::uint32_t key1, std::uint32_t c0, std::uint32_t c1,
                                std::uint32_t c2, std::uint32_t c3) {
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53u} * c0;
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57u} * c2;
    c0 = static_cast<std::uint32_t>(product1 >> 32) ^ c1 ^ key0;
    c2 = static_cast<std::uint32_t>(product0 >> 32) ^ c3 ^ key1;
    c1 = static_cast<std::uint32_t>(product1);
    c3 = static_cast<std::uint32_t>(product0);
    key0 += 0x9E3779B9u;  // golden ratio
    key1 += 0xBB67AE85u;  // sqrt(3) - 1
  }
  return {{c0, c1, c2, c3}};
}

/// Block `block` of the stream (seed, purpose, step), laid out as kernels/random.hpp says: element e of a
/// fill takes word e % 4 of block e / 4.
AGON_FORMULA PhiloxBlock random_block(std::uint64_t seed, std::uint32_t purpose, std::uint64_t step,
                                      std::uint32_t block) {
  return philox(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), block, purpose,
                static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32));
}

}  // namespace agon::kernels::formula

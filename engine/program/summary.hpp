// What an operation of a step is, for those who print it.
#pragma once

#include <cstdint>
#include <string>

namespace agon {

struct OperationSummary {
  std::string name;       ///< "linear_forward", "adam", ...: the kernel's function
  std::int64_t rows = 1;  ///< of its first product of matrices; 1 where it has none
  std::int64_t in = 0;    ///< columns that the product reads; 0 where there is none
  std::int64_t out = 0;   ///< columns that it makes, or without a product the elements that are written
  std::int64_t multiply_adds = 0;
  /// Of what was there before, and of what it writes, each byte once; what it does on few of the steps (a
  /// copy of the weights every 1,024) is left out.
  std::int64_t bytes_read = 0;
  std::int64_t bytes_written = 0;
};

}  // namespace agon

// Names of memory, for those who print it.
#pragma once

#include <cstdint>
#include <string>

namespace agon {

/// What a piece of memory is called, and the columns of its rows, 0 where it has none.
struct Label {
  std::string name;
  std::int64_t columns = 0;
};

}  // namespace agon

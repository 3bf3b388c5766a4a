// Which of several things that could run is next.
#pragma once

#include <iterator>

#include "tests/simulator/runtime/work.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon::simulator {

/// An element of the map, which is not empty, by options().order of its keys.
template <class Map>
typename Map::iterator choose(Map& ready) {
  switch (options().order) {
    case Order::reverse:
      return std::prev(ready.end());
    case Order::random:
      return std::next(ready.begin(), static_cast<std::ptrdiff_t>(random_number() % ready.size()));
    case Order::forward:
      break;
  }
  return ready.begin();
}

}  // namespace agon::simulator

// Warp collectives, in their _sync forms alone. Source: CUDA C++ Programming Guide, "Warp Vote Functions",
// "Warp Match Functions", "Warp Reduce Functions", "Warp Shuffle Functions". Of these only __syncwarp orders
// memory.
#pragma once

#include <cstring>
#include <type_traits>

#include "tests/simulator/language/keywords.hpp"

namespace agon::simulator {

/// What lanes of a warp do together: `combine(lanes, mask, context)` runs once all lanes of the mask have
/// come, lanes[i] being what lane i brought.
using Combine = void (*)(void** lanes, unsigned mask, const char* word, const char* file, int line);
void gather_warp(unsigned mask, void* mine, Combine combine, bool orders_memory, const char* word,
                 const char* file, int line);
unsigned lane_index();
void report_inactive_lane(int reader, int source, const char* word, const char* file, int line);

template <class T>
struct Shuffled {
  T value;
  int source;
  T result;
};

/// Every lane of the mask gets the value of its source lane. A source outside of the mask is reported; its
/// value is undefined: all ones here.
template <class T>
AGON_DEVICE_WORD T shuffle(unsigned mask, T value, int source, const char* word, const char* file, int line) {
  static_assert(std::is_trivially_copyable_v<T>);
  Shuffled<T> mine{value, source, value};
  gather_warp(
      mask, &mine,
      [](void** lanes, unsigned together, const char* w, const char* f, int l) {
        for (int lane = 0; lane < 32; ++lane) {
          if (!(together >> lane & 1)) continue;
          auto* const reader = static_cast<Shuffled<T>*>(lanes[lane]);
          if (together >> reader->source & 1) {
            reader->result = static_cast<Shuffled<T>*>(lanes[reader->source])->value;
          } else {
            report_inactive_lane(lane, reader->source, w, f, l);
            std::memset(static_cast<void*>(&reader->result), 0xff, sizeof(T));
          }
        }
      },
      false, word, file, line);
  return mine.result;
}

/// Every lane gets combine(one value of every lane in the mask, in lane order), by the lanes' tuple of input
/// and output.
template <class In, class Out>
struct Voted {
  In value;
  Out result;
};
template <class In, class Out, class Fold>
AGON_DEVICE_WORD Out vote(unsigned mask, In value, Fold, const char* word, const char* file, int line) {
  Voted<In, Out> mine{value, Out{}};
  gather_warp(
      mask, &mine,
      [](void** lanes, unsigned together, const char*, const char*, int) {
        for (int lane = 0; lane < 32; ++lane) {
          if (!(together >> lane & 1)) continue;
          auto* const self = static_cast<Voted<In, Out>*>(lanes[lane]);
          self->result = Fold{}([&](int other) { return static_cast<Voted<In, Out>*>(lanes[other])->value; },
                                together, lane);
        }
      },
      false, word, file, line);
  return mine.result;
}

/// fold of all lanes' values, lowest lane first.
template <class T, class Operation>
struct Reduction {
  template <class ValueOf>
  T operator()(const ValueOf& value_of, unsigned mask, int) const {
    T total{};
    bool first = true;
    for (int lane = 0; lane < 32; ++lane) {
      if (!(mask >> lane & 1)) continue;
      total = first ? value_of(lane) : Operation{}(total, value_of(lane));
      first = false;
    }
    return total;
  }
};

struct Ballot {
  template <class ValueOf>
  unsigned operator()(const ValueOf& value_of, unsigned mask, int) const {
    unsigned set = 0;
    for (int lane = 0; lane < 32; ++lane)
      if ((mask >> lane & 1) && value_of(lane)) set |= 1u << lane;
    return set;
  }
};

struct Match {
  template <class ValueOf>
  unsigned operator()(const ValueOf& value_of, unsigned mask, int self) const {
    unsigned same = 0;
    for (int lane = 0; lane < 32; ++lane)
      if ((mask >> lane & 1) && value_of(lane) == value_of(self)) same |= 1u << lane;
    return same;
  }
};

struct Least {
  template <class T>
  T operator()(T a, T b) const {
    return b < a ? b : a;
  }
};
struct Greatest {
  template <class T>
  T operator()(T a, T b) const {
    return a < b ? b : a;
  }
};
struct Sum {
  template <class T>
  T operator()(T a, T b) const {
    return a + b;
  }
};
struct BitAnd {
  unsigned operator()(unsigned a, unsigned b) const { return a & b; }
};
struct BitOr {
  unsigned operator()(unsigned a, unsigned b) const { return a | b; }
};
struct BitXor {
  unsigned operator()(unsigned a, unsigned b) const { return a ^ b; }
};

/// A lane's place in its group of `width` lanes.
struct LaneGroup {
  int lane, base, place;
  explicit LaneGroup(int width)
      : lane(static_cast<int>(lane_index())), base(lane & ~(width - 1)), place(lane & (width - 1)) {}
};

}  // namespace agon::simulator

inline void __syncwarp(unsigned mask = 0xffffffffu, AGON_SITE) {
  agon::simulator::gather_warp(mask, nullptr, nullptr, true, "__syncwarp", AGON_PASS_SITE);
}

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, AGON_SITE) {
  const agon::simulator::LaneGroup group(width);
  return agon::simulator::shuffle(mask, value, group.base + (source & (width - 1)), "__shfl_sync",
                                  AGON_PASS_SITE);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, AGON_SITE) {
  const agon::simulator::LaneGroup group(width);
  const int source = group.place - static_cast<int>(delta);
  return agon::simulator::shuffle(mask, value, source < 0 ? group.lane : group.base + source,
                                  "__shfl_up_sync", AGON_PASS_SITE);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, AGON_SITE) {
  const agon::simulator::LaneGroup group(width);
  const int source = group.place + static_cast<int>(delta);
  return agon::simulator::shuffle(mask, value, source >= width ? group.lane : group.base + source,
                                  "__shfl_down_sync", AGON_PASS_SITE);
}
/// A source beyond the lane's own group is the lane itself; one in an earlier group may be read.
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32, AGON_SITE) {
  const agon::simulator::LaneGroup group(width);
  const int source = group.lane ^ lane_mask;
  return agon::simulator::shuffle(mask, value, source >= group.base + width ? group.lane : source,
                                  "__shfl_xor_sync", AGON_PASS_SITE);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, AGON_SITE) {
  return agon::simulator::vote<int, unsigned>(mask, predicate, agon::simulator::Ballot{}, "__ballot_sync",
                                              AGON_PASS_SITE);
}
inline int __any_sync(unsigned mask, int predicate, AGON_SITE) {
  return agon::simulator::vote<int, int>(mask, int{predicate != 0},
                                         agon::simulator::Reduction<int, agon::simulator::Greatest>{},
                                         "__any_sync", AGON_PASS_SITE);
}
inline int __all_sync(unsigned mask, int predicate, AGON_SITE) {
  return agon::simulator::vote<int, int>(mask, int{predicate != 0},
                                         agon::simulator::Reduction<int, agon::simulator::Least>{},
                                         "__all_sync", AGON_PASS_SITE);
}
template <class T>
unsigned __match_any_sync(unsigned mask, T value, AGON_SITE) {
  return agon::simulator::vote<T, unsigned>(mask, value, agon::simulator::Match{}, "__match_any_sync",
                                            AGON_PASS_SITE);
}

#define AGON_WARP_REDUCTION(name, operation, type)                                                           \
  inline type name(unsigned mask, type value, AGON_SITE) {                                                   \
    return agon::simulator::vote<type, type>(                                                                \
        mask, value, agon::simulator::Reduction<type, agon::simulator::operation>{}, #name, AGON_PASS_SITE); \
  }
AGON_WARP_REDUCTION(__reduce_add_sync, Sum, unsigned)
AGON_WARP_REDUCTION(__reduce_add_sync, Sum, int)
AGON_WARP_REDUCTION(__reduce_min_sync, Least, unsigned)
AGON_WARP_REDUCTION(__reduce_min_sync, Least, int)
AGON_WARP_REDUCTION(__reduce_max_sync, Greatest, unsigned)
AGON_WARP_REDUCTION(__reduce_max_sync, Greatest, int)
AGON_WARP_REDUCTION(__reduce_and_sync, BitAnd, unsigned)
AGON_WARP_REDUCTION(__reduce_or_sync, BitOr, unsigned)
AGON_WARP_REDUCTION(__reduce_xor_sync, BitXor, unsigned)
#undef AGON_WARP_REDUCTION

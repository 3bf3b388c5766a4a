// distinct() as Thrust algorithms, for whichever of its back ends. Included by one file for each.
#pragma once

#include <thrust/copy.h>
#include <thrust/fill.h>
#include <thrust/functional.h>
#include <thrust/iterator/constant_iterator.h>
#include <thrust/reduce.h>
#include <thrust/scan.h>
#include <thrust/scatter.h>
#include <thrust/sequence.h>
#include <thrust/sort.h>
#include <thrust/transform.h>

#include "engine/table/distinct.hpp"

namespace agon {

/// The policy's memory is Vector<T>'s. Two sorted neighbours that differ start a value; the sum of starts up
/// to a place, less one, is the value's number.
template <template <class...> class Vector, class Policy>
Distinct distinct_with(const Policy& policy, std::span<const double> input) {
  Distinct found;
  const std::size_t n = input.size();
  if (n == 0) return found;
  Vector<double> keys(input.begin(), input.end());
  Vector<std::uint32_t> rows(n), numbers(n), places(n);
  thrust::sequence(policy, rows.begin(), rows.end());
  thrust::stable_sort_by_key(policy, keys.begin(), keys.end(), rows.begin());
  thrust::fill(policy, numbers.begin(), numbers.begin() + 1, 0u);
  thrust::transform(policy, keys.begin() + 1, keys.end(), keys.begin(), numbers.begin() + 1,
                    thrust::not_equal_to<double>());
  thrust::inclusive_scan(policy, numbers.begin(), numbers.end(), numbers.begin());
  thrust::scatter(policy, numbers.begin(), numbers.end(), rows.begin(), places.begin());

  Vector<double> values(n);
  Vector<std::int64_t> counts(n);
  const auto ends =
      thrust::reduce_by_key(policy, keys.begin(), keys.end(), thrust::constant_iterator<std::int64_t>(1),
                            values.begin(), counts.begin());
  const auto size = ends.first - values.begin();
  found.values.resize(static_cast<std::size_t>(size));
  found.counts.resize(static_cast<std::size_t>(size));
  found.index.resize(n);
  thrust::copy(values.begin(), ends.first, found.values.begin());
  thrust::copy(counts.begin(), ends.second, found.counts.begin());
  thrust::copy(places.begin(), places.end(), found.index.begin());
  return found;
}

}  // namespace agon

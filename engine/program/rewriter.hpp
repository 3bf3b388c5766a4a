// How a pass changes a program: by a few moves that keep its meaning, and refuse what would not.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "engine/program/byte_ranges.hpp"
#include "engine/program/program.hpp"

namespace agon {

/// Every function throws std::logic_error, which names the operations, where the program would mean something
/// else: that is a pass's defect, never a user's.
class Rewriter {
 public:
  explicit Rewriter(Program program) : program_(std::move(program)), operations_(program_.operations()) {}

  std::size_t size() const { return operations_.size(); }
  const Operation& operator[](std::size_t i) const { return operations_[i]; }

  /// Operation `from` comes to stand at place `to`; those between make room. Refused where one of them
  /// depends on it, or it on them.
  void move(std::size_t from, std::size_t to);
  bool can_move(std::size_t from, std::size_t to) const;

  /// The `count` operations from `first` on become `merged`. Refused where that writes other bytes, reads
  /// more, or does at once what depends on each other. A temporary that nobody reads afterwards need not be
  /// written any more.
  void merge(std::size_t first, std::size_t count, Operation merged);

  /// Operation `i` becomes `pieces`, which do its work one after the other. Refused where they write other
  /// bytes, or read more.
  void split(std::size_t i, const std::vector<Operation>& pieces);

  /// The temporary `second` comes to lie right behind `first`. False, and nothing done, where these are not
  /// two whole temporaries, of so many bytes the first.
  bool join(const void* first, std::int64_t bytes, const void* second);

  /// The temporaries that the `count` operations from `first` on write, and no later one reads.
  ByteRanges forgotten(std::size_t first, std::size_t count) const;

  Program done() && { return program_.with(std::move(operations_)); }

 private:
  std::size_t obstacle(std::size_t from, std::size_t to) const;

  Program program_;
  std::vector<Operation> operations_;
};

/// Whether the order of the two matters.
bool depend(const Operation& one, const Operation& other);

/// Calls `merge(first, second)` with every two operations in a row of these types, and puts what it returns
/// in their place.
template <class First, class Second, class Merge>
Program merge_in_a_row(const Program& program, const Merge& merge) {
  Rewriter rewriter(program);
  for (std::size_t i = 0; i + 1 < rewriter.size(); ++i) {
    const auto* const first = rewriter[i].as<First>();
    const auto* const second = rewriter[i + 1].as<Second>();
    if (first == nullptr || second == nullptr) continue;
    if (const std::optional<Operation> merged = merge(*first, *second)) rewriter.merge(i, 2, *merged);
  }
  return std::move(rewriter).done();
}

}  // namespace agon

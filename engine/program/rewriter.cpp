#include "engine/program/rewriter.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "engine/program/byte_ranges.hpp"

namespace agon {
namespace {

/// What operations in a row read from before them, and what they write.
struct Footprint {
  ByteRanges read, written;

  void add(const Operation& operation) {
    for (const Access& access : operation.accesses()) {
      if (access.reads() && !written.covers(access.first, access.end())) read.add(access.first, access.end());
      if (access.writes()) written.add(access.first, access.end());
    }
  }
};

[[noreturn]] void refuse(const std::string& what, const Operation& one, const Operation& other) {
  throw std::logic_error(what + ": " + std::string(one.name()) + " and " + std::string(other.name()));
}

/// `forgotten`: what is written before, and need not be after.
void check_same_work(const Footprint& before, const Footprint& after, const ByteRanges& forgotten,
                     const Operation& one, const Operation& other) {
  ByteRanges written = forgotten;
  written.add(after.written);
  if (!before.written.covers(after.written) || !written.covers(before.written))
    refuse("do not write the same", one, other);
  if (!before.read.covers(after.read)) refuse("do not read the same", one, other);
}

void check_groups(const Operation& operation) {
  const std::vector<Access> all = operation.accesses();
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (all[i].group != all[j].group && all[i].conflicts(all[j]))
        refuse("cannot be done at once, one depends on the other", operation, operation);
}

}  // namespace

bool depend(const Operation& one, const Operation& other) {
  const std::vector<Access> first = one.accesses(), second = other.accesses();
  return std::ranges::any_of(first, [&](const Access& a) {
    return std::ranges::any_of(second, [&](const Access& b) { return a.precedes(b); });
  });
}

/// The first operation in between that one of the two depends on; `from` where there is none.
std::size_t Rewriter::obstacle(std::size_t from, std::size_t to) const {
  for (std::size_t i = std::min(from, to); i <= std::max(from, to); ++i)
    if (i != from && depend(operations_[from], operations_[i])) return i;
  return from;
}

bool Rewriter::can_move(std::size_t from, std::size_t to) const { return obstacle(from, to) == from; }

void Rewriter::move(std::size_t from, std::size_t to) {
  if (const std::size_t i = obstacle(from, to); i != from)
    refuse("cannot change places, one depends on the other", operations_[from], operations_[i]);
  const auto at = [&](std::size_t i) { return operations_.begin() + static_cast<std::ptrdiff_t>(i); };
  if (from < to) {
    std::rotate(at(from), at(from + 1), at(to + 1));
  } else {
    std::rotate(at(to), at(from), at(from + 1));
  }
}

ByteRanges Rewriter::forgotten(std::size_t first, std::size_t count) const {
  const auto read_later = [&](const Access& written) {
    return std::any_of(operations_.begin() + static_cast<std::ptrdiff_t>(first + count), operations_.end(),
                       [&](const Operation& later) {
                         return std::ranges::any_of(later.accesses(), [&](const Access& access) {
                           return access.reads() && access.overlaps(written);
                         });
                       });
  };
  ByteRanges ranges;
  for (std::size_t i = first; i < first + count; ++i)
    for (const Access& access : operations_[i].accesses())
      if (access.writes() && Program::is_temporary(access.first) && !read_later(access))
        ranges.add(access.first, access.end());
  return ranges;
}

bool Rewriter::join(const void* first, std::int64_t bytes, const void* second) {
  const Temporary *const one = program_.temporary_at(first), *const other = program_.temporary_at(second);
  if (one == nullptr || other == nullptr || one == other || one->bytes != bytes) return false;
  program_ = program_.with(std::move(operations_)).joined(*one, *other);
  operations_ = program_.operations();
  return true;
}

void Rewriter::merge(std::size_t first, std::size_t count, Operation merged) {
  Footprint before, after;
  for (std::size_t i = first; i < first + count; ++i) before.add(operations_[i]);
  after.add(merged);
  check_same_work(before, after, forgotten(first, count), operations_[first], merged);
  check_groups(merged);
  const auto at = operations_.begin() + static_cast<std::ptrdiff_t>(first);
  *at = std::move(merged);
  operations_.erase(at + 1, at + static_cast<std::ptrdiff_t>(count));
}

void Rewriter::split(std::size_t i, const std::vector<Operation>& pieces) {
  Footprint before, after;
  before.add(operations_[i]);
  for (const Operation& piece : pieces) after.add(piece);
  check_same_work(before, after, {}, operations_[i], pieces.front());
  const auto at = operations_.begin() + static_cast<std::ptrdiff_t>(i);
  operations_.insert(operations_.erase(at), pieces.begin(), pieces.end());
}

}  // namespace agon

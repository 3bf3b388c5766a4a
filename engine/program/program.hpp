// A step as data: its operations in order. The engine's source records them one by one, passes merge them
// (engine/program/passes.hpp), temporaries get their place (engine/program/place.hpp), and a Loop runs what
// has come out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/program/operation.hpp"
#include "engine/runtime/arena.hpp"

namespace agon {

/// Memory that a program needs while it runs, at an address of its own until it is placed.
struct Temporary {
  Label label;
  const std::byte* first = nullptr;
  std::int64_t bytes = 0;
};

class Program {
 public:
  Program() = default;
  explicit Program(std::vector<Operation> operations) : operations_(std::move(operations)) {}

  /// Records an operation: program.add<kernels::adam>({.n = ...}) where a queue would be told
  /// kernels::adam(queue, {.n = ...}).
  template <auto Enqueue>
  void add(const typename DescriptorOf<decltype(Enqueue)>::Type& op) {
    operations_.push_back(Operation::of<Enqueue>(op));
  }

  /// A temporary of `count` elements: written before it is read, and nobody's business after the program.
  /// Stands in for an Arena.
  template <class T>
  T* take(std::size_t count, const Label& label = {}) {
    T* const first = reinterpret_cast<T*>(kFirst + used_);
    temporaries_.push_back(
        {label, reinterpret_cast<const std::byte*>(first), static_cast<std::int64_t>(count * sizeof(T))});
    used_ += arena_bytes<T>(count);
    return first;
  }
  float* floats(std::int64_t count, Label label) {
    return take<float>(static_cast<std::size_t>(count), label);
  }

  const std::vector<Operation>& operations() const { return operations_; }
  const std::vector<Temporary>& temporaries() const { return temporaries_; }

  /// The same temporaries with these operations.
  Program with(std::vector<Operation> operations) const {
    Program other = *this;
    other.operations_ = std::move(operations);
    return other;
  }

  /// The temporary that begins there; null where none does.
  const Temporary* temporary_at(const void* first) const;
  /// The same program with the second of two temporaries right behind the first, as one.
  Program joined(const Temporary& first, const Temporary& second) const;

  /// Whether an address is that of some program's temporary.
  static bool is_temporary(const void* address) {
    return reinterpret_cast<std::uintptr_t>(address) >= kFirst;
  }

  /// Enqueues all of them.
  void run(QueueView queue) const {
    for (const Operation& operation : operations_) operation.enqueue(queue);
  }

 private:
  static constexpr std::size_t kFirst = std::size_t{1} << 60;  // beyond all that a processor addresses

  std::vector<Operation> operations_;
  std::vector<Temporary> temporaries_;
  std::size_t used_ = 0;
};

}  // namespace agon

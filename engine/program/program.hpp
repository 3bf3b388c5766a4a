// A step as data: its operations in order. The engine's source records them one by one, passes merge them
// (engine/program/passes.hpp), and a Loop runs what has come out.
#pragma once

#include <utility>
#include <vector>

#include "engine/program/operation.hpp"

namespace agon {

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

  const std::vector<Operation>& operations() const { return operations_; }

  /// Enqueues all of them.
  void run(QueueView queue) const {
    for (const Operation& operation : operations_) operation.enqueue(queue);
  }

 private:
  std::vector<Operation> operations_;
};

}  // namespace agon

// One operation of a program: a kernel's descriptor, the function that enqueues it, and what it works on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/program/summary.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/precision.hpp"
#include "kernels/queue.hpp"

namespace agon {

/// A piece of memory that an operation works on.
struct Access {
  enum class Kind : std::uint8_t {
    reads,
    writes,
    updates,
    scales,  ///< each element is multiplied by a factor that does not depend on it
  };

  Kind kind = Kind::reads;
  const std::byte* first = nullptr;
  std::int64_t bytes = 0;
  int group = 0;        ///< those of different groups happen at the same time
  bool rarely = false;  ///< on few of the steps

  bool reads() const { return kind != Kind::writes; }
  bool writes() const { return kind != Kind::reads; }
  const std::byte* end() const { return first + bytes; }
  bool overlaps(const Access& other) const { return first < other.end() && other.first < end(); }
  /// Whether the two cannot happen at once.
  bool conflicts(const Access& other) const { return (writes() || other.writes()) && overlaps(other); }
  /// Whether their order matters, by more than the rounding of a product.
  bool precedes(const Access& other) const {
    return conflicts(other) && !(kind == Kind::scales && other.kind == Kind::scales);
  }
};

/// A product of matrices: rows x in by in x out.
struct Product {
  std::int64_t rows, in, out;
  kernels::Precision precision;

  std::int64_t multiply_adds() const { return rows * in * out; }
};

/// Collects what an operation works on (kernels/formula/replica.hpp says what a visitor has).
class AccessVisitor {
 public:
  template <class T>
  void moves(T*&) {}
  template <class T>
  void reads(T* pointer, std::int64_t n) {
    add(Access::Kind::reads, pointer, n);
  }
  template <class T>
  void writes(T* pointer, std::int64_t n) {
    add(Access::Kind::writes, pointer, n);
  }
  template <class T>
  void updates(T* pointer, std::int64_t n) {
    add(Access::Kind::updates, pointer, n);
  }
  template <class T>
  void scales(T* pointer, std::int64_t n) {
    add(Access::Kind::scales, pointer, n);
  }
  template <class T>
  void writes_or_adds(bool adds, T* pointer, std::int64_t n) {
    add(adds ? Access::Kind::updates : Access::Kind::writes, pointer, n);
  }
  template <class T>
  void updates_if(bool updates, T* pointer, std::int64_t n) {
    add(updates ? Access::Kind::updates : Access::Kind::reads, pointer, n);
  }
  template <class T>
  void reads_shared(T* pointer, std::int64_t n) {
    reads(pointer, n);
  }
  template <class T>
  void reads_own(bool, T* pointer, std::int64_t n) {
    reads(pointer, n);
  }
  template <class T>
  void ring(T* pointer, std::int64_t n) {
    writes(pointer, n);
  }
  template <class T>
  void reads_part(const T* pointer, std::int64_t n) {
    reads(pointer, n);
  }
  template <class T>
  void updates_part(const T* pointer, std::int64_t n) {
    updates(pointer, n);
  }
  void seed(std::uint64_t&) {}
  void at_once() { ++group_, rarely_ = false; }
  void rarely() { rarely_ = true; }
  void product(std::int64_t rows, std::int64_t in, std::int64_t out, kernels::Precision precision) {
    products_.push_back({rows, in, out, precision});
  }

  std::vector<Access> take() { return std::move(accesses_); }
  std::vector<Product> take_products() { return std::move(products_); }

 private:
  template <class T>
  void add(Access::Kind kind, const T* pointer, std::int64_t n) {
    if (pointer == nullptr || n <= 0) return;
    accesses_.push_back(
        {kind, reinterpret_cast<const std::byte*>(pointer), n * std::int64_t{sizeof(T)}, group_, rarely_});
  }

  std::vector<Access> accesses_;
  int group_ = 0;
  bool rarely_ = false;
  std::vector<Product> products_;
};

/// From where an operand was recorded to where it lies.
using AddressMap = std::function<const void*(const void*)>;

/// Moves every pointer of an operation.
class RelocateVisitor : public kernels::formula::EachPointer<RelocateVisitor> {
 public:
  explicit RelocateVisitor(const AddressMap& map) : map_(map) {}

  template <class T>
  void moves(T*& pointer) const {
    pointer = const_cast<T*>(static_cast<const T*>(map_(pointer)));
  }

 private:
  const AddressMap& map_;
};

/// The descriptor that a kernel's public function takes.
template <class Function>
struct DescriptorOf;
template <class Op>
struct DescriptorOf<void (*)(QueueView, const Op&)> {
  using Type = Op;
};

/// Immutable; copies share the descriptor.
class Operation {
 public:
  /// `Enqueue` is a kernel's public function, such as kernels::adam, `op` what it takes.
  template <auto Enqueue>
  static Operation of(const typename DescriptorOf<decltype(Enqueue)>::Type& op) {
    using Op = typename DescriptorOf<decltype(Enqueue)>::Type;
    return Operation(std::make_shared<const Holder<Op, Enqueue>>(op), Op::kName);
  }

  void enqueue(QueueView queue) const { held_->enqueue(queue); }
  /// Of the kernel's function; a literal.
  std::string_view name() const { return name_; }
  /// The descriptor, where the operation has one of that type; else null.
  template <class Op>
  const Op* as() const {
    const auto* const held = dynamic_cast<const Described<Op>*>(held_.get());
    return held == nullptr ? nullptr : &held->op;
  }
  /// In the order in which they happen.
  std::vector<Access> accesses() const {
    AccessVisitor visitor;
    held_->visit(visitor);
    return visitor.take();
  }
  std::vector<Product> products() const {
    AccessVisitor visitor;
    held_->visit(visitor);
    return visitor.take_products();
  }
  OperationSummary summary() const;
  /// CUDA's, by our own kernels, on a device of so many multiprocessors.
  std::int64_t launches(int multiprocessors) const { return held_->launches(multiprocessors); }
  /// The same operation on operands that lie elsewhere.
  Operation relocated(const AddressMap& map) const { return Operation(held_->relocated(map), name_); }

 private:
  struct Held {
    virtual ~Held() = default;
    virtual void enqueue(QueueView queue) const = 0;
    virtual void visit(AccessVisitor& visitor) const = 0;
    virtual std::int64_t launches(int multiprocessors) const = 0;
    virtual std::shared_ptr<const Held> relocated(const AddressMap& map) const = 0;
  };
  template <class Op>
  struct Described : Held {
    explicit Described(const Op& the_op) : op(the_op) {}
    void visit(AccessVisitor& visitor) const override {
      Op copy = op;
      visit_operands(visitor, copy);
    }
    std::int64_t launches(int multiprocessors) const override {
      if constexpr (requires { launch_count(op, multiprocessors); }) {
        return launch_count(op, multiprocessors);
      } else {
        return 1;
      }
    }
    Op op;
  };
  template <class Op, auto Enqueue>
  struct Holder final : Described<Op> {
    using Described<Op>::Described;
    void enqueue(QueueView queue) const override { Enqueue(queue, this->op); }
    std::shared_ptr<const Held> relocated(const AddressMap& map) const override {
      Op moved = this->op;
      const RelocateVisitor visitor(map);
      visit_operands(visitor, moved);
      return std::make_shared<const Holder>(moved);
    }
  };

  Operation(std::shared_ptr<const Held> held, std::string_view name) : held_(std::move(held)), name_(name) {}

  std::shared_ptr<const Held> held_;
  std::string_view name_;
};

}  // namespace agon

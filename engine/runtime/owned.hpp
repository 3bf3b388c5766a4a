// What a public object is made of.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "kernels/error.hpp"

namespace agon {

/// A std::unique_ptr that throws Error where it is used empty: after the object was moved from, which can
/// then only be given a value or destroyed.
template <class T>
class Owned {
 public:
  /// `of`: the public class, a literal: "Gan".
  Owned(const char* of, std::unique_ptr<T> object) : of_(of), object_(std::move(object)) {}

  T* operator->() const {
    if (!object_) throw Error(std::string(of_) + ": used after it was moved from");
    return object_.get();
  }
  T& operator*() const { return *operator->(); }

 private:
  const char* of_;
  std::unique_ptr<T> object_;
};

}  // namespace agon

// Ownership of cuDNN's descriptors.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "kernels/cuda/library/cudnn.hpp"

namespace agon::kernels::cuda {

/// A backend descriptor, move-only. Every call throws DeviceError, with the caller's file and line, where
/// cuDNN refuses it.
class Descriptor {
 public:
  Descriptor(const Cudnn& cudnn, cudnnBackendDescriptorType_t type, const char* file = __builtin_FILE(),
             int line = __builtin_LINE())
      : cudnn_(&cudnn) {
    check(cudnn_->create_descriptor(type, &descriptor_), "cudnnBackendCreateDescriptor", file, line);
  }
  Descriptor(Descriptor&& other) noexcept
      : cudnn_(other.cudnn_), descriptor_(std::exchange(other.descriptor_, nullptr)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(cudnn_, other.cudnn_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Descriptor() {
    if (descriptor_ != nullptr) static_cast<void>(cudnn_->destroy_descriptor(descriptor_));
  }

  cudnnBackendDescriptor_t get() const { return descriptor_; }

  template <class T>
  void set(cudnnBackendAttributeName_t what, cudnnBackendAttributeType_t type, std::span<const T> values,
           const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    check(cudnn_->set_attribute(descriptor_, what, type, static_cast<std::int64_t>(values.size()),
                                values.data()),
          "cudnnBackendSetAttribute", file, line);
  }
  template <class T>
  void set(cudnnBackendAttributeName_t what, cudnnBackendAttributeType_t type, const T& value,
           const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    set(what, type, std::span<const T>(&value, 1), file, line);
  }
  void set(cudnnBackendAttributeName_t what, const Descriptor& value, const char* file = __builtin_FILE(),
           int line = __builtin_LINE()) {
    set(what, CUDNN_TYPE_BACKEND_DESCRIPTOR, value.descriptor_, file, line);
  }
  void finalize(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    check(cudnn_->finalize(descriptor_), "cudnnBackendFinalize", file, line);
  }

  /// At most `most` values.
  template <class T>
  std::vector<T> get(cudnnBackendAttributeName_t what, cudnnBackendAttributeType_t type, std::size_t most = 1,
                     const char* file = __builtin_FILE(), int line = __builtin_LINE()) const {
    std::vector<T> values(most);
    values.resize(get_into(what, type, most, values.data(), file, line));
    return values;
  }
  /// What a descriptor holds is written into descriptors of the caller's; the number of those written.
  std::size_t get(cudnnBackendAttributeName_t what, std::span<const cudnnBackendDescriptor_t> into,
                  const char* file = __builtin_FILE(), int line = __builtin_LINE()) const {
    return get_into(what, CUDNN_TYPE_BACKEND_DESCRIPTOR, into.size(),
                    const_cast<cudnnBackendDescriptor_t*>(into.data()), file, line);
  }

 private:
  void check(cudnnStatus_t status, const char* call, const char* file, int line) const {
    check_cudnn(*cudnn_, status, call, file, line);
  }
  std::size_t get_into(cudnnBackendAttributeName_t what, cudnnBackendAttributeType_t type, std::size_t most,
                       void* into, const char* file, int line) const {
    std::int64_t count = 0;
    check(cudnn_->get_attribute(descriptor_, what, type, static_cast<std::int64_t>(most), &count, into),
          "cudnnBackendGetAttribute", file, line);
    return std::min(most, static_cast<std::size_t>(count));
  }

  const Cudnn* cudnn_;
  cudnnBackendDescriptor_t descriptor_ = nullptr;
};

}  // namespace agon::kernels::cuda

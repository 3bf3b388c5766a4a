// Ownership of cuDNN's descriptors.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "kernels/cuda/cudnn.hpp"

namespace agon::kernels::cuda {

/// A backend descriptor, move-only. Every call throws DeviceError where cuDNN refuses it.
class Descriptor {
 public:
  Descriptor(const Cudnn& cudnn, cudnnBackendDescriptorType_t type) : cudnn_(&cudnn) {
    AGON_CUDNN_CHECK(*cudnn_, create_descriptor(type, &descriptor_));
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
  void set(cudnnBackendAttributeName_t what, cudnnBackendAttributeType_t type, std::span<const T> values) {
    AGON_CUDNN_CHECK(*cudnn_, set_attribute(descriptor_, what, type, static_cast<std::int64_t>(values.size()),
                                            values.data()));
  }
  template <class T>
  void set(cudnnBackendAttributeName_t what, cudnnBackendAttributeType_t type, const T& value) {
    set(what, type, std::span<const T>(&value, 1));
  }
  void set(cudnnBackendAttributeName_t what, const Descriptor& value) {
    set(what, CUDNN_TYPE_BACKEND_DESCRIPTOR, value.descriptor_);
  }
  void finalize() { AGON_CUDNN_CHECK(*cudnn_, finalize(descriptor_)); }

  /// At most `most` values.
  template <class T>
  std::vector<T> get(cudnnBackendAttributeName_t what, cudnnBackendAttributeType_t type,
                     std::size_t most = 1) const {
    std::vector<T> values(most);
    std::int64_t count = 0;
    AGON_CUDNN_CHECK(*cudnn_, get_attribute(descriptor_, what, type, static_cast<std::int64_t>(most), &count,
                                            values.data()));
    values.resize(std::min(most, static_cast<std::size_t>(count)));
    return values;
  }
  /// What a descriptor holds is written into descriptors of the caller's; the number of those written.
  std::size_t get(cudnnBackendAttributeName_t what, std::span<const cudnnBackendDescriptor_t> into) const {
    std::int64_t count = 0;
    AGON_CUDNN_CHECK(*cudnn_, get_attribute(descriptor_, what, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                            static_cast<std::int64_t>(into.size()), &count,
                                            const_cast<cudnnBackendDescriptor_t*>(into.data())));
    return std::min(into.size(), static_cast<std::size_t>(count));
  }

 private:
  const Cudnn* cudnn_;
  cudnnBackendDescriptor_t descriptor_ = nullptr;
};

}  // namespace agon::kernels::cuda

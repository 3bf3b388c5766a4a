#include "kernels/cuda/library/graph_builder.hpp"

namespace agon::kernels::cuda {
namespace {

/// What cuDNN calls a convolution's attributes, by what is made.
struct ConvolutionWords {
  cudnnBackendDescriptorType_t operation;
  cudnnBackendAttributeName_t convolution, fine, weight, coarse, alpha, beta;
};
constexpr ConvolutionWords kWords[] = {
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA}};

}  // namespace

const Descriptor& GraphBuilder::tensor(std::int64_t name, std::span<const std::int64_t> sizes,
                                       std::span<const std::int64_t> strides, std::int64_t alignment) {
  Descriptor& tensor = part(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  tensor.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, name);
  tensor.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
  tensor.set(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, sizes);
  tensor.set(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, strides);
  tensor.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, alignment);
  tensor.set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, name > kFusedResult);
  tensor.finalize();
  return tensor;
}

const Descriptor& GraphBuilder::image(std::int64_t name, std::int64_t batch, const ImageShape& shape,
                                      std::int64_t alignment) {
  const std::array sizes{batch, shape.channels, shape.height, shape.width};
  const std::array strides{shape.size(), std::int64_t{1}, shape.width * shape.channels, shape.channels};
  return tensor(name, sizes, strides, alignment);
}

const Descriptor& GraphBuilder::filter(std::int64_t name, const ConvolutionShape& shape,
                                       std::int64_t alignment) {
  const std::array sizes{shape.coarse_channels, shape.fine_group(), shape.kernel, shape.kernel};
  const std::array strides{shape.patch(), std::int64_t{1}, shape.kernel * shape.fine_group(),
                           shape.fine_group()};
  return tensor(name, sizes, strides, alignment);
}

void GraphBuilder::multiply(const Descriptor& left, const Descriptor& right, const Descriptor& result) {
  Descriptor& product = part(CUDNN_BACKEND_MATMUL_DESCRIPTOR);
  product.set(CUDNN_ATTR_MATMUL_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
  product.finalize();
  Descriptor& operation = part(CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR);
  operation.set(CUDNN_ATTR_OPERATION_MATMUL_DESC, product);
  operation.set(CUDNN_ATTR_OPERATION_MATMUL_ADESC, left);
  operation.set(CUDNN_ATTR_OPERATION_MATMUL_BDESC, right);
  operation.set(CUDNN_ATTR_OPERATION_MATMUL_CDESC, result);
  add(operation);
}

/// Groups are what the tensors' channels come to.
void GraphBuilder::convolve(ConvolutionWay way, const ConvolutionShape& shape, const Descriptor& fine,
                            const Descriptor& weight, const Descriptor& coarse) {
  const std::array strides{shape.stride, shape.stride}, padding{shape.padding, shape.padding},
      dilation{std::int64_t{1}, std::int64_t{1}};
  const auto numbers = [](const auto& values) { return std::span<const std::int64_t>(values); };
  Descriptor& kind = part(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  kind.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
  kind.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, CUDNN_CROSS_CORRELATION);
  kind.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, std::int64_t{2});
  kind.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, numbers(strides));
  kind.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, numbers(padding));
  kind.set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, numbers(padding));
  kind.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, numbers(dilation));
  kind.finalize();
  const ConvolutionWords& words = kWords[static_cast<int>(way)];
  Descriptor& operation = part(words.operation);
  operation.set(words.convolution, kind);
  operation.set(words.fine, fine);
  operation.set(words.weight, weight);
  operation.set(words.coarse, coarse);
  operation.set(words.alpha, CUDNN_TYPE_FLOAT, 1.0f);
  operation.set(words.beta, CUDNN_TYPE_FLOAT, 0.0f);
  add(operation);
}

void GraphBuilder::add_bias(const Descriptor& matrix, const Descriptor& bias, const Descriptor& result) {
  Descriptor& operation = elementwise(CUDNN_POINTWISE_ADD, 1.0f);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, matrix);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, bias);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, result);
  add(operation);
}

void GraphBuilder::leaky_relu(const Descriptor& z, const Descriptor& y, float slope) {
  Descriptor& operation = elementwise(CUDNN_POINTWISE_RELU_FWD, slope);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, z);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
  add(operation);
}

void GraphBuilder::leaky_relu_backward(const Descriptor& x, const Descriptor& dy, const Descriptor& dx,
                                       float slope) {
  Descriptor& operation = elementwise(CUDNN_POINTWISE_RELU_BWD, slope);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_DYDESC, dy);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_DXDESC, dx);
  add(operation);
}

const Descriptor& GraphBuilder::graph(cudnnHandle_t handle) {
  Descriptor& graph = part(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  if (handle != nullptr) graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, handle);
  graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
            std::span<const cudnnBackendDescriptor_t>(operations_));
  graph.finalize();
  return graph;
}

Descriptor& GraphBuilder::elementwise(cudnnPointwiseMode_t mode, float slope) {
  Descriptor& kind = part(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
  kind.set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode);
  kind.set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
  if (mode != CUDNN_POINTWISE_ADD)
    kind.set(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, CUDNN_TYPE_DOUBLE, double{slope});
  kind.finalize();
  Descriptor& operation = part(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, kind);
  return operation;
}

void GraphBuilder::add(Descriptor& operation) {
  operation.finalize();
  operations_.push_back(operation.get());
}

}  // namespace agon::kernels::cuda

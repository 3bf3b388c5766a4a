# The one list of operations. An operation NAME is
#
#   kernels/NAME.hpp             its contract, its visit_operands(), and AGON_ON_BACKENDS of its function
#   kernels/NAME.cpp             that function, which chooses the backend (kernels/dispatch.hpp)
#   kernels/cpu/NAME.cpp         on the processor, or cpu/NAME/NAME.cpp beside what it needs; compiled several
#                                times: the rule for what it may define and call is in kernels/backends.hpp.
#                                None where NAME.cpp puts it together there from other operations
#   kernels/cuda/NAME.cu         on CUDA and on the simulated device, or every .cu of cuda/NAME/
#   tests/kernels/NAME_test.cpp  its tests on every device, and NAME_*_test.cpp
set(agon_operations
  activation adam augment batch_classes class_logit columns condition_gradient convolution draw_conditions dropout encode_records
  fma_peak gather_batch gradient_norm gradient_penalty gumbel_noise instance_noise kernel_sums linear logit_loss loss_gradient
  mixed_rows nearest_rows norm random record_heads resample row_densities sliced_wasserstein spectral_norm step)

# agon_operation_sources(RESULT public|processor|cuda|tests): those of every operation.
function(agon_operation_sources result part)
  set(sources)
  foreach(name ${agon_operations})
    if(part STREQUAL public)
      file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/${name}.cpp)
    elseif(part STREQUAL processor)
      file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/cpu/${name}.cpp
        ${PROJECT_SOURCE_DIR}/kernels/cpu/${name}/${name}.cpp)
    elseif(part STREQUAL cuda)
      file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/cuda/${name}.cu
        ${PROJECT_SOURCE_DIR}/kernels/cuda/${name}/*.cu)
    else()
      file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/kernels/${name}_test.cpp
        ${PROJECT_SOURCE_DIR}/tests/kernels/${name}_*_test.cpp)
    endif()
    if(NOT found AND NOT part STREQUAL processor)
      message(FATAL_ERROR "the operation ${name} has no source for: ${part}")
    endif()
    list(APPEND sources ${found})
  endforeach()
  list(REMOVE_DUPLICATES sources)
  set(${result} ${sources} PARENT_SCOPE)
endfunction()

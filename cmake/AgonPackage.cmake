# What `cmake --install` installs: the program, bundled data, and the library with its package, so that elsewhere
# find_package(agon) and agon::agon are enough for #include <agon/agon.hpp>.
include(CMakePackageConfigHelpers)
set(agon_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/agon)

# The public headers: agon.hpp and all it includes. They include each other as "engine/..." and "kernels/...".
target_sources(agon_library PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES
  engine/agon.hpp
  engine/checkpoint/checkpoint.hpp engine/model/snapshot.hpp engine/network/network_spec.hpp engine/network/parameter_layout.hpp
  engine/network/record_layout.hpp engine/table/calibration.hpp engine/table/coding.hpp engine/table/schema.hpp engine/table/text_table.hpp
  engine/program/summary.hpp
  engine/records/balance.hpp engine/records/bound_constraint.hpp engine/records/conditions.hpp engine/records/constraint.hpp
  engine/records/real_records.hpp engine/records/record_draw.hpp engine/records/table.hpp engine/records/table_recipe.hpp
  engine/runtime/device.hpp engine/runtime/loop_options.hpp engine/runtime/owned.hpp
  engine/gan/config.hpp engine/gan/gan.hpp engine/gan/step_statistics.hpp engine/metrics/held_out_score.hpp engine/tuning/layer_plan.hpp
  kernels/activation_kind.hpp kernels/augment_kind.hpp kernels/burn_in.hpp kernels/convolution_shape.hpp kernels/error.hpp kernels/formula/annotate.hpp kernels/layer_choice.hpp kernels/linear_shape.hpp kernels/norm_kind.hpp kernels/objective.hpp kernels/precision.hpp
  kernels/queue.hpp kernels/rate_schedule.hpp kernels/record_kind.hpp kernels/statistics.hpp kernels/workers.hpp)

# <agon/agon.hpp> for those who add this project to theirs without installing it.
configure_file(${PROJECT_SOURCE_DIR}/cmake/agon.hpp.in ${PROJECT_BINARY_DIR}/include/agon/agon.hpp COPYONLY)
target_include_directories(agon_library INTERFACE
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

install(TARGETS agon_library EXPORT agonTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/agon)
install(FILES cmake/agon.hpp.in DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/agon RENAME agon.hpp)
install(EXPORT agonTargets NAMESPACE agon:: DESTINATION ${agon_package_dir})
configure_package_config_file(cmake/agonConfig.cmake.in ${PROJECT_BINARY_DIR}/agonConfig.cmake
  INSTALL_DESTINATION ${agon_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/agonConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/agonConfig.cmake ${PROJECT_BINARY_DIR}/agonConfigVersion.cmake
  DESTINATION ${agon_package_dir})

install(DIRECTORY host/data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/agon PATTERN "make_*" EXCLUDE)

# Tests of host/table, host/evaluate and host/plot.
find_package(rapidcheck REQUIRED)
find_library(AGON_LIBCSV csv REQUIRED)

set(agon_table_test_folder ${CMAKE_CURRENT_LIST_DIR})
set(agon_table_tests csv_error csv_number csv_oracle csv_reader csv_writer dirac metrics mixture modes plot scaling table_statistics)
list(TRANSFORM agon_table_tests PREPEND ${agon_table_test_folder}/)
list(TRANSFORM agon_table_tests APPEND _test.cpp)
add_executable(agon_table_tests ${agon_table_tests})
target_compile_definitions(agon_table_tests PRIVATE AGON_SOURCE_FOLDER="${PROJECT_SOURCE_DIR}")
target_link_libraries(agon_table_tests PRIVATE agon_table nlohmann_json::nlohmann_json rapidcheck ${AGON_LIBCSV}
  GTest::gtest_main agon_warnings)
gtest_discover_tests(agon_table_tests TEST_PREFIX host. DISCOVERY_MODE PRE_TEST)

# The bundled table is what its script makes, where Debian's package with the source is installed.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME host.BundledDataIsReproducible
  COMMAND ${CMAKE_COMMAND} -DPYTHON=${Python3_EXECUTABLE} -DFOLDER=${PROJECT_SOURCE_DIR}/host/data
    -P ${agon_table_test_folder}/bundled_data.cmake)
set_tests_properties(host.BundledDataIsReproducible PROPERTIES SKIP_REGULAR_EXPRESSION "skipped:")

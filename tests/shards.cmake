# agon_add_test_shards(NAME PROGRAM SHARDS n [FILTER f] [ENVIRONMENT ...]): runs a GoogleTest program in n
# processes, each of which takes its share of the tests. A process for each test would spend more time starting than testing.
# What each did is in test-results (tests/summary.py).
function(agon_add_test_shards name program)
  cmake_parse_arguments(PARSE_ARGV 2 SHARD "" "SHARDS;FILTER" "ENVIRONMENT")
  math(EXPR last "${SHARD_SHARDS} - 1")
  foreach(index RANGE ${last})
    set(environment "GTEST_TOTAL_SHARDS=${SHARD_SHARDS}" "GTEST_SHARD_INDEX=${index}" "GTEST_BRIEF=1"
      "GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/test-results/${name}.${index}.xml" ${SHARD_ENVIRONMENT})
    if(SHARD_FILTER)
      list(APPEND environment "GTEST_FILTER=${SHARD_FILTER}")
    endif()
    add_test(NAME ${name}.${index} COMMAND ${program})
    set_tests_properties(${name}.${index} PROPERTIES ENVIRONMENT "${environment}" TIMEOUT 900)
  endforeach()
endfunction()

# agon_add_test_shards(NAME PROGRAM SHARDS n [FILTER f] [ENVIRONMENT ...] [LABELS ...]): runs a GoogleTest program in n
# processes, each of which takes its share of the tests. A process for each test would spend more time starting than testing.
function(agon_add_test_shards name program)
  cmake_parse_arguments(PARSE_ARGV 2 SHARD "" "SHARDS;FILTER" "ENVIRONMENT;LABELS")
  math(EXPR last "${SHARD_SHARDS} - 1")
  foreach(index RANGE ${last})
    set(environment "GTEST_TOTAL_SHARDS=${SHARD_SHARDS}" "GTEST_SHARD_INDEX=${index}" "GTEST_BRIEF=1" ${SHARD_ENVIRONMENT})
    if(SHARD_FILTER)
      list(APPEND environment "GTEST_FILTER=${SHARD_FILTER}")
    endif()
    add_test(NAME ${name}.${index} COMMAND ${program})
    set_tests_properties(${name}.${index} PROPERTIES ENVIRONMENT "${environment}" TIMEOUT 900 LABELS "${SHARD_LABELS}")
  endforeach()
endfunction()

#!/usr/bin/env bash
# Installs what is missing, builds agon with warnings as errors (in build/) and runs every test.
#
#   tests/run.sh [flags for ctest]
#
# AGON_SANITIZERS=1 first runs the unit tests under AddressSanitizer and UBSan, too (in build-asan/): twice the time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source host/setup.sh

install_packages "${build_packages[@]}" "${test_packages[@]}"
jobs=$(nproc)
if [[ -n ${AGON_SANITIZERS:-} ]]; then
  build asan agon_sanitized_tests
  ctest --preset asan -j"$jobs" "$@"
fi
build release -DAGON_WERROR=ON -DAGON_TESTS=ON
ctest --preset release -j"$jobs" "$@"

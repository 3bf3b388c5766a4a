#!/usr/bin/env bash
# What takes too long for each change: every GPU's architecture, other orders of threads, a barrier taken away at a time, and
# everything under AddressSanitizer and UBSan, the simulated device too, and the pages in Chromium. Ends with the time of each part.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source host/setup.sh

install_packages "${build_packages[@]}" "${test_packages[@]}" libbenchmark-dev chromium poppler-utils fonts-dejavu-core
parts=()
# part NAME COMMAND...: runs it and notes how long it took and whether it failed.
part() {
  local name=$1 begin=$SECONDS outcome=passed
  shift
  "$@" || outcome=FAILED
  parts+=("$name: $outcome in $((SECONDS - begin)) s")
}
part "build, every architecture" build nightly
part "tests" run_tests nightly
part "build, sanitized" build nightly-asan
part "tests, sanitized" run_tests nightly-asan
printf '%s\n' "${parts[@]}"
[[ ${parts[*]} != *FAILED* ]]

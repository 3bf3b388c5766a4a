#!/usr/bin/env bash
# Installs what is missing, builds agon, trains it on the bundled records, draws as many new ones and compares the two.
#
#   host/quickstart.sh [--epochs N and other flags of `agon train`]
#
# Results lie in runs/diabetes (AGON_RUN names another folder). Run again, it goes on where it stopped: what is done
# is not done again and nothing is overwritten.
set -euo pipefail
run=${AGON_RUN:+$(realpath -m "$AGON_RUN")}
run=${run:-runs/diabetes}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source host/setup.sh
table=host/data/diabetes.csv

install_packages "${build_packages[@]}"
options=()
if [[ ! -e build/CMakeCache.txt ]]; then
  options=(-DAGON_TESTS=OFF)
  nvidia-smi -L >/dev/null 2>&1 || options+=(-DAGON_CUDA=OFF)  # kernels for a GPU that is not here take minutes to compile
fi
build release agon "${options[@]}"

if [[ -e $run ]]; then
  say "$run exists: going on with it (for a fresh run, remove it or name another: AGON_RUN=folder $0)"
  build/agon train --resume "$run" "$@" >/dev/null
else
  say "training on $table"
  build/agon train "$table" --out "$run" "$@" >/dev/null
fi

checkpoints=("$run"/checkpoint-[0-9]*.safetensors)  # not the best one
step=${checkpoints[-1]##*checkpoint-}
step=${step%.safetensors}
synthetic=$run/synthetic-$step.csv
report=$run/report-$step.json
rows=$(($(wc -l <"$table") - 1))
[[ -e $synthetic ]] || build/agon sample "$run" -n "$rows" --out "$synthetic"

say "the bundled records beside $rows new ones"
if [[ -e $report ]]; then
  build/agon evaluate "$table" "$synthetic"
else
  build/agon evaluate "$table" "$synthetic" --out "$report"
fi

say "done; the results:"
cat <<END
$synthetic  $rows new records
$report  how they compare with the real ones
$run/report.html  how it went, drawn
$run  the run; it goes on with: build/agon train --resume $run --epochs N
END

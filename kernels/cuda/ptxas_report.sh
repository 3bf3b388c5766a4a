#!/bin/sh
# Runs a CUDA compile and keeps what ptxas said of each kernel (registers, shared memory, spills) beside the object,
# as <object>.ptxas, where tests/kernels/spills_test.sh looks. Everything else the compiler said goes on to stderr.
# Usage: ptxas_report.sh <compile command with -o object>
object=
previous=
for argument; do
  [ "$previous" = -o ] && object=$argument
  previous=$argument
done
[ -n "$object" ] || exec "$@"
"$@" 2>"$object.ptxas.part"
status=$?
grep -Ev '^ptxas info|bytes stack frame,' "$object.ptxas.part" >&2
if [ $status -eq 0 ]; then mv "$object.ptxas.part" "$object.ptxas"; else rm -f "$object.ptxas.part"; fi
exit $status

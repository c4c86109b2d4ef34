#!/bin/bash
# Everything that must hold before a change lands, in the order in which mistakes are cheapest.
# Usage: ./test.sh [--core]     --core: what needs no libtorch, in a minute or two
set -euo pipefail
cd "$(dirname "$0")"
core_only=false
case ${1:-} in
  "") ;;
  --core) core_only=true ;;
  *) echo "usage: ./test.sh [--core]" >&2; exit 2 ;;
esac

jobs=$(nproc)
summary=()
export CTEST_OUTPUT_ON_FAILURE=1
# ccache, where there is one: precompiled headers of ours do not depend on the time of day.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros,include_file_mtime,include_file_ctime}

finish() {
  local status=$?
  printf '\n%-44s %s\n' "step" "seconds"
  printf '%s\n' "${summary[@]}"
  if [ $status -eq 0 ]; then echo "all passed"; else echo "FAILED in: $current"; fi
}
current="start"
trap finish EXIT

# step NAME COMMAND...
step() {
  current=$1
  shift
  local start=$SECONDS
  printf '\n== %s\n' "$current"
  "$@"
  summary+=("$(printf '%-44s %d' "$current" $((SECONDS - start)))")
}

# build PRESET TARGET...
build() {
  local preset=$1
  shift
  cmake --preset "$preset" >/dev/null
  cmake --build "build/$(folder_of "$preset")" --parallel "$jobs" ${1:+--target "$@"}
}
folder_of() { if [ "$1" = ci ]; then echo release; else echo "$1"; fi; }

# test_built PRESET CTEST_ARGUMENT...
# As many tests at a time as there are cores, so each has one thread: threads beyond that would wait
# for one another. The tests about threads ask for theirs.
test_built() {
  local preset=$1
  shift
  OMP_NUM_THREADS=1 ctest --test-dir "build/$(folder_of "$preset")" --parallel "$jobs" --timeout 900 --no-tests=error "$@" |
    grep -vE '^ *(Start +[0-9]+:|[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed )'
}

if $core_only; then core=core; else core=ci; fi
if ! $core_only; then step "setup" tools/setup.sh --dev; fi
step "format" tools/check_format.sh
step "layers" python3 tools/check_layers.py
step "the checks themselves" python3 -m unittest discover --quiet --start-directory tools --pattern "*_test.py"
step "core: build" build $core core_tests
step "core: tests" test_built $core -L core
if $core_only; then exit 0; fi
step "core under sanitizers: build" build asan
step "core under sanitizers: tests" test_built asan
step "core: clang-tidy" tools/check_tidy.sh build/asan
step "all: build" build ci
step "all: tests" test_built ci -LE core
step "Python: build and tests" tools/check_python.sh build/release
step "install" tools/check_install.sh build/release
step "documentation: every command shown" python3 tools/run_docs.py --binary build/release/cli/cohesin

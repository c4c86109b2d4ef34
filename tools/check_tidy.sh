#!/bin/bash
# clang-tidy on the core (files below the torch line take too long to parse for every run).
# Usage: tools/check_tidy.sh [BUILD_FOLDER [FILE...]]     (default build/asan, must be configured)
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/asan}
shift || true
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  mapfile -t files < <(find cohesin/{base,omics,io,encode,stats,metrics,report} -name '*.cpp' | sort)
fi
# clang cannot read GCC's precompiled headers: the files are read as they stand.
commands=$(mktemp -d)
trap 'rm -rf "$commands"' EXIT
sed -E 's/ -Winvalid-pch//; s/ -include [^ ]*cmake_pch\.hxx//' "$build/compile_commands.json" > "$commands/compile_commands.json"
# Flags of GCC that clang does not know are no fault of the file.
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy -p "$commands" --quiet --extra-arg=-Wno-unknown-warning-option \
    2> >(grep -vE '^[0-9]+ warnings? generated|^$' >&2 || true) || {
  echo "clang-tidy: faults, see above" >&2
  exit 1
}
echo "clang-tidy: ${#files[@]} files, no faults" >&2

#!/bin/bash
# Installs a build into a fresh folder, then builds and runs tests/install against it, as somebody
# would who has only the installed files: once without libtorch, once with all.
# Usage: tools/check_install.sh [BUILD_FOLDER]     (default build/release, must be built)
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" || {
  cat "$work/install.log"
  echo "the build in $build could not be installed" >&2
  exit 1
}

# consume NAME CMAKE_ARGUMENT...
consume() {
  local name=$1
  shift
  cmake -S tests/install -B "$work/$name" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$work/prefix" "$@" >"$work/$name.log" &&
    cmake --build "$work/$name" >>"$work/$name.log" || {
    cat "$work/$name.log"
    echo "a program that uses the installed $name could not be built" >&2
    exit 1
  }
  echo "$name: $("$work/$name/consumer")"
}

COHESIN_TORCH=/nowhere consume core -DCORE_ONLY=ON
if [ -e "$work/prefix/bin/cohesin" ]; then
  (unset COHESIN_TORCH Torch_DIR; consume cohesin)
  "$work/prefix/bin/cohesin" --version
fi

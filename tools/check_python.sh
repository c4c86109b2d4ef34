#!/bin/bash
# Builds the Python package in a build folder that has the library, and runs its tests. Skipped, saying
# so, where .venv/ lacks nanobind (see tools/setup.sh --dev) or Python's headers are not installed.
# Usage: tools/check_python.sh [BUILD_FOLDER]     (default build/release, configured)
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
python=$PWD/.venv/bin/python
headers='import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))'
if ! "$python" -c 'import nanobind, numpy' 2>/dev/null; then
  echo "skipped: .venv/ has no nanobind and numpy"
  exit 0
elif ! "$python" -c "$headers"; then
  echo "skipped: Python's headers are not installed (Debian: python3-dev)"
  exit 0
fi
cmake -S . -B "$build" -DCOHESIN_BUILD_PYTHON=ON -DPython_EXECUTABLE="$python" >/dev/null
cmake --build "$build" --target cohesin_python cohesin_cli --parallel "$(nproc)"
PYTHONPATH=$build/python COHESIN_BINARY=$build/cli/cohesin \
  "$python" -m unittest discover --start-directory tests/python --pattern "*_test.py"

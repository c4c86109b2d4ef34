#!/bin/bash
# Brings what the build needs: Debian packages, and the pinned libtorch in .deps/ (530 MB to
# download, 1.3 GB on disk). Does nothing where all is there.
# Usage: tools/setup.sh [--dev] [--no-packages]
#   --dev          also what test.sh needs: formatter, linter, Python packages for comparisons
#   --no-packages  leave the system's packages alone
# An existing libtorch is taken through COHESIN_TORCH (a folder with include/ and lib/) or Torch_DIR.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/wheels.sh

packages=(g++ cmake ninja-build ccache python3 python3-venv unzip libfmt-dev libspdlog-dev
  nlohmann-json3-dev libcli11-dev libhdf5-dev zlib1g-dev libeigen3-dev libgtest-dev libgmock-dev
  libbigwig-dev)
dev_packages=(clang-format clang-tidy python3-dev)
dev=false
install_packages=true
for argument in "$@"; do
  case $argument in
    --dev) dev=true ;;
    --no-packages) install_packages=false ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "setup.sh: unknown option '$argument'; see --help" >&2; exit 2 ;;
  esac
done
if $dev; then packages+=("${dev_packages[@]}"); fi

# as_root COMMAND...
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

setup_packages() {
  local missing=() package
  command -v dpkg-query >/dev/null ||
    die "no Debian packages here: install the like of '${packages[*]}' and pass --no-packages"
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "Debian packages to install: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    die "no right to install packages and no sudo here: ask an administrator for 'apt-get install ${missing[*]}'"
  fi
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get -qq update || echo "setup.sh: the package lists could not be renewed, going on with the old ones" >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get could not install '${missing[*]}': see its words above (network, full disk or rights)"
}

check_own_torch() {
  local torch=${COHESIN_TORCH:-}
  if [ -z "$torch" ]; then torch=$(realpath -m "$Torch_DIR/../../.."); fi
  [ -e "$torch/include/ATen/ATen.h" ] && [ -e "$torch/lib/libtorch_cpu.so" ] ||
    die "no libtorch in '$torch' (from COHESIN_TORCH or Torch_DIR): it needs include/ATen/ATen.h and lib/libtorch_cpu.so"
  echo "libtorch: $torch"
}

setup_torch() {
  local pins
  pins=$(sha256sum <tools/torch-requirements.txt)
  if [ "$(cat .deps/pins 2>/dev/null)" = "$pins" ]; then return; fi
  [ "$(uname -sm)" = "Linux x86_64" ] ||
    die "the pinned libtorch is for Linux on x86-64: set COHESIN_TORCH to a libtorch for $(uname -sm)"
  make_folder .deps
  rm -rf .deps/wheels .deps/torch .deps/nvidia .deps/pins
  require_space .deps 2500
  echo "libtorch: downloading 530 MB into .deps/"
  fetch_wheels tools/torch-requirements.txt .deps/wheels
  unpack_wheels .deps/wheels .deps 'torch/*' 'nvidia/*'
  rm -rf .deps/wheels
  echo "$pins" >.deps/pins
}

# For the Python package and the tests that compare with anndata; without them these are skipped,
# and say so.
setup_python() {
  local pins
  pins=$(sha256sum <tests/requirements.txt)
  if [ "$(cat .venv/pins 2>/dev/null)" = "$pins" ]; then return; fi
  make_venv .venv
  echo "Python packages of tests/requirements.txt: installing into .venv/"
  if .venv/bin/pip install --quiet --disable-pip-version-check --only-binary=:all: -r tests/requirements.txt; then
    echo "$pins" >.venv/pins
  else
    echo "setup.sh: the Python package and the comparisons with anndata will be skipped, their packages could not be installed" >&2
  fi
}

if $install_packages; then setup_packages; fi
if [ -n "${COHESIN_TORCH:-}${Torch_DIR:-}" ]; then check_own_torch; else setup_torch; fi
if $dev; then setup_python; fi

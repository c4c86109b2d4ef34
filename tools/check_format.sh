#!/bin/bash
# Says which C++ files clang-format would change, and which are longer than 500 lines. --fix formats.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <(find cohesin cli python tests bench -name '*.h' -o -name '*.cpp' -o -name '*.cu' 2>/dev/null | sort)
if [ "${1:-}" = --fix ]; then
  clang-format -i "${files[@]}"
fi
faults=0
while read -r file; do
  echo "$file: not formatted; run tools/check_format.sh --fix"
  faults=$((faults + 1))
done < <(clang-format --dry-run "${files[@]}" 2>&1 | sed -n 's/^\([^: ]*\):[0-9].*/\1/p' | sort -u)
for file in "${files[@]}"; do
  lines=$(wc -l <"$file")
  if [ "$lines" -gt 500 ]; then
    echo "$file: $lines lines; split what is more than one story"
    faults=$((faults + 1))
  fi
done
echo "format: ${#files[@]} files, $faults faults" >&2
[ "$faults" -eq 0 ]

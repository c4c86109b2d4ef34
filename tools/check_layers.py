#!/usr/bin/env python3
"""Holds every #include against the table of layers, and the lists of sources against the files.

Usage: tools/check_layers.py [ROOT]      (exit code 1 and one line a fault when something is wrong)

The table is that of docs/architecture.md: a file may include only from its own folder and the
folders named for it here. Above the torch line no file may see a torch header.
"""

import pathlib
import re
import sys

# folder of cohesin/ -> folders it may include, in the order in which data flows
MAY_INCLUDE = {
    "base": [],
    "omics": ["base"],
    "io": ["omics", "base"],
    "encode": ["omics", "base"],
    "stats": ["base"],
    "metrics": ["stats", "base"],
    "report": ["metrics", "stats", "base"],
    # the torch line
    "ops": ["base"],
    "tensor": ["io", "ops", "base"],
    "nn": ["tensor", "ops", "base"],
    "models": ["nn", "tensor", "base"],
    "data": ["encode", "omics", "tensor", "base"],
    "tasks": ["models", "data", "metrics", "stats", "tensor", "base"],
    "train": ["tasks", "data", "models", "io", "tensor", "base"],
}
MAY_INCLUDE["run"] = list(MAY_INCLUDE)
MAY_INCLUDE["cli"] = ["run", "report", "io", "omics", "base"]
MAY_INCLUDE["python"] = MAY_INCLUDE["cli"]

BELOW_TORCH_LINE = {"ops", "tensor", "nn", "models", "data", "tasks", "train", "run", "cli",
                    "python"}
EVERYWHERE = set(MAY_INCLUDE)

# header of others (a regular expression) -> folders that may include it
MAY_INCLUDE_FOREIGN = [
    (r"[a-z_]+", EVERYWHERE),  # the standard library
    (r"(unistd|fcntl|poll|sys/\w+)\.h", EVERYWHERE),  # POSIX
    (r"fmt/\w+\.h", EVERYWHERE),
    (r"nlohmann/json(_fwd)?\.hpp", EVERYWHERE),
    (r"spdlog/.*", {"base"}),
    (r"Eigen/\w+", {"stats"}),
    (r"malloc\.h", {"base"}),
    (r"immintrin\.h", {"ops"}),
    (r"zlib\.h|hdf5\.h|htslib/.*|bigWig\.h", {"io"}),
    (r"hwy/.*", {"omics", "io", "ops"}),
    (r"(torch|ATen|c10)/.*", BELOW_TORCH_LINE),
    (r"CLI/CLI\.hpp", {"cli"}),
    (r"nanobind/.*", {"python"}),
]
# too slow to parse, or nobody's business, in a header
NOT_IN_HEADERS = {"nlohmann/json.hpp", "torch/torch.h", "ATen/ATen.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
SOURCE_SUFFIXES = {".h", ".cpp", ".cu"}


def folder_of(path):
    """'cohesin/io/npy.h' -> 'io', 'cli/main.cpp' -> 'cli', so python/, else None."""
    parts = pathlib.PurePosixPath(path).parts
    if parts[0] == "cohesin" and len(parts) > 2:
        return parts[1]
    return parts[0] if parts[0] in ("cli", "python") else None


def fault_of_own(path, included):
    """Why `path` may not include our header `included`, or None."""
    folder, other = folder_of(path), folder_of(included)
    if other is None:
        return 'our headers are named from the root: "cohesin/FOLDER/NAME.h"'
    if other not in MAY_INCLUDE:
        return f"'{other}' is no folder of the table"
    if other != folder and other not in MAY_INCLUDE[folder]:
        return f"{folder}/ may include only {', '.join([folder] + MAY_INCLUDE[folder])}"
    return fault_within_models(path, included) if folder == other == "models" else None


def fault_within_models(path, included):
    """models/: encoders/ know no fusion/, and only the registry knows them both."""
    def part(name):
        inner = pathlib.PurePosixPath(name).parts[2:-1]
        return inner[0] if inner else ""

    if part(path) == "encoders" and part(included) == "fusion":
        return "encoders stand above fusion"
    registry = pathlib.PurePosixPath(path).stem == "model_registry"
    if part(path) == "" and part(included) != "" and not registry:
        return "only the registry knows the models by name"
    return None


def fault_of_foreign(path, included):
    """Why `path` may not include the header `included` of others, or None."""
    if path.endswith(".h") and included in NOT_IN_HEADERS:
        return "not in a header: include it in the .cpp, or a smaller header"
    for pattern, folders in MAY_INCLUDE_FOREIGN:
        if re.fullmatch(pattern, included):
            folder = folder_of(path)
            return None if folder in folders else f"only for {', '.join(sorted(folders))}"
    return "not in the table of foreign headers"


def faults_of_text(path, text):
    """One message for each include that breaks the table."""
    if folder_of(path) not in MAY_INCLUDE:
        return [f"{path}: its folder is not in the table"]
    faults = []
    for match in INCLUDE.finditer(text):
        quote, included = match.groups()
        fault = (fault_of_own if quote == '"' else fault_of_foreign)(path, included)
        if fault:
            line = text.count("\n", 0, match.start(2)) + 1
            faults.append(f"{path}:{line}: includes {included}: {fault}")
    if path.endswith(".h") and "#pragma once" not in text:
        faults.append(f"{path}: no #pragma once")
    return faults


def faults_of_stems(paths):
    """One stem stands for one topic: x.h and x.cpp of one folder."""
    first, faults = {}, []
    for path in sorted(paths):
        pure = pathlib.PurePosixPath(path)
        other = first.setdefault(pure.stem, pure.parent)
        if other != pure.parent:
            faults.append(f"{path}: the stem '{pure.stem}' is also in {other}/")
    return faults


def faults_of_lists(root, paths):
    """Every source is listed once in the CMakeLists.txt of its folder."""
    faults = []
    for path in sorted(paths):
        if not path.endswith(".cpp"):
            continue
        depth = 2 if path.startswith("cohesin/") else 1
        parts = pathlib.PurePosixPath(path).parts
        listing = root.joinpath(*parts[:depth], "CMakeLists.txt")
        name = "/".join(parts[depth:])
        text = re.sub(r"#.*", "", listing.read_text())
        words = text.replace("(", " ").replace(")", " ").split()
        if words.count(name) != 1:
            faults.append(f"{path}: listed {words.count(name)} times in {listing.relative_to(root)}")
    return faults


def main(root):
    paths = [path.relative_to(root).as_posix()
             for top in ("cohesin", "cli", "python")
             for path in (root / top).rglob("*") if path.suffix in SOURCE_SUFFIXES]
    faults = faults_of_stems(paths) + faults_of_lists(root, paths)
    for path in sorted(paths):
        faults += faults_of_text(path, (root / path).read_text())
    for fault in faults:
        print(fault)
    print(f"layers: {len(paths)} files, {len(faults)} faults", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))

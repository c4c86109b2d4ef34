#!/usr/bin/env python3
"""Runs every command that README.md and docs/ show, so that none of them is out of date.

Usage: tools/run_docs.py --binary build/release/cli/cohesin [PAGE...]

Each page gets an empty folder, with `examples` linked into it and `cohesin` on the PATH; its ```sh
blocks run there in order, and each must end with exit code 0. Two comments change that:

    <!-- not run: why -->      stands before a block that is only shown
    <!-- run first             hidden commands that make what the page starts from
    cohesin simulate ...
    -->
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECONDS_A_BLOCK = 900
PART = re.compile(
    r"(?P<skip><!-- not run: [^>]+-->\s*)?^```sh(?: run)?\n(?P<shown>.*?)^```$"
    r"|^<!-- run first\n(?P<hidden>.*?)^-->$",
    re.MULTILINE | re.DOTALL)


def blocks_of(text):
    """(line, commands) of each block to run, in order."""
    blocks = []
    for part in PART.finditer(text):
        if part["skip"]:
            continue
        group = "shown" if part["shown"] is not None else "hidden"
        blocks.append((text.count("\n", 0, part.start(group)) + 1, part[group]))
    return blocks


def faults_of(page, text):
    """Commands in blocks that are not marked as such would never be run."""
    faults = []
    for block in re.finditer(r"^```(?P<mark>.*)\n(?P<body>(?:(?!```).*\n)*)```$", text, re.MULTILINE):
        if not block["mark"].startswith("sh") and re.search(r"^cohesin ", block["body"], re.MULTILINE):
            line = text.count("\n", 0, block.start()) + 1
            faults.append(f"{page}:{line}: shows a command but is not marked ```sh")
    return faults


def run_page(page, binary):
    """Number of blocks that ran; raises SystemExit with the place and the output of a failure."""
    blocks = blocks_of(page.read_text())
    with tempfile.TemporaryDirectory(prefix="cohesin-docs-") as folder:
        (pathlib.Path(folder) / "examples").symlink_to(ROOT / "examples")
        environment = dict(os.environ, PATH=f"{binary.parent}{os.pathsep}{os.environ['PATH']}")
        for line, commands in blocks:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", commands], cwd=folder, env=environment,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS_A_BLOCK)
            if done.returncode != 0:
                output = done.stdout.decode(errors="replace").splitlines()[-30:]
                sys.exit("\n".join(output) + f"\n{page.relative_to(ROOT)}:{line}: exit code "
                         f"{done.returncode} from:\n{commands}")
    return len(blocks)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("pages", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    if binary.name != "cohesin" or not binary.exists():
        sys.exit(f"no command in {binary}: build it first")
    pages = arguments.pages or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    faults = [fault for page in pages for fault in faults_of(page, page.read_text())]
    if faults:
        sys.exit("\n".join(faults))
    for page in pages:
        start = time.monotonic()
        count = run_page(page.resolve(), binary)
        if count:
            print(f"{page.resolve().relative_to(ROOT)}: {count} blocks, {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs every command that README.md and docs/ show, so that none of them is out of date.

Usage: tools/run_docs.py --binary build/release/cli/cohesin [PAGE...]

Each page gets an empty folder, with `examples` linked into it and `cohesin` on the PATH; its ```sh
blocks run there in order, and each must end with exit code 0. So do ```python blocks, each by
itself, where the Python package was built beside the command. Two comments change that:

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
    r"(?P<skip><!-- not run: [^>]+-->\s*)?^```(?:sh(?: run)?|(?P<python>python))\n(?P<shown>.*?)^```$"
    r"|^<!-- run first\n(?P<hidden>.*?)^-->$",
    re.MULTILINE | re.DOTALL)


def blocks_of(text, with_python=False):
    """(line, commands) of each block to run, in order; code of Python as a command."""
    blocks = []
    for part in PART.finditer(text):
        if part["skip"] or (part["python"] and not with_python):
            continue
        group = "shown" if part["shown"] is not None else "hidden"
        commands = f"python - <<'PYTHON'\n{part[group]}PYTHON\n" if part["python"] else part[group]
        blocks.append((text.count("\n", 0, part.start(group)) + 1, commands))
    return blocks


def package_environment(binary):
    """The environment in which `python` has our package and what its pages use, or None."""
    environment = dict(os.environ, PYTHONPATH=str(binary.parent.parent / "python"))
    environment["PATH"] = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    try:
        tried = subprocess.run(["python", "-c", "import cohesin, mudata"], env=environment, capture_output=True)
    except FileNotFoundError:
        return None
    return environment if tried.returncode == 0 else None


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
    text = page.read_text()
    package = package_environment(binary) if "```python" in text else None
    blocks = blocks_of(text, package is not None)
    if package is None and "```python" in text:
        print(f"{page.name}: its Python is skipped, for the package is not built (tools/check_python.sh)")
    with tempfile.TemporaryDirectory(prefix="cohesin-docs-") as folder:
        (pathlib.Path(folder) / "examples").symlink_to(ROOT / "examples")
        environment = dict(package or os.environ)
        environment["PATH"] = f"{binary.parent}{os.pathsep}{environment['PATH']}"
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

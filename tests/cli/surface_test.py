"""Holds the user's surface: every verb's flags and every key of a recipe stand in surface.txt, so that a change
of any of them is a visible diff. Usage: surface_test.py COHESIN_BINARY [--update]"""

import difflib
import pathlib
import re
import subprocess
import sys

HELD = pathlib.Path(__file__).with_name("surface.txt")


def help_of(binary, *words):
    return subprocess.run([binary, *words], check=True, capture_output=True, text=True).stdout


def verbs_of(text):
    """The names below the line `Subcommands:`."""
    return re.findall(r"^  (\w+) ", text.partition("Subcommands:")[2].partition("\n\n")[0], re.MULTILINE)


def flags_of(text):
    return re.findall(r"^ +(?:-\w,)?(--[\w-]+)", text, re.MULTILINE)


def surface(binary):
    lines, common = [], {"--help"}
    for verb in verbs_of(help_of(binary, "--help")):
        text = help_of(binary, "help", verb)
        nested = verbs_of(text)
        for words in [(verb, name) for name in nested] or [(verb,)]:
            shown = help_of(binary, "help", *words)
            if shared := re.search(r"\nCommon:.*?(?:\n\n|$)", shown, re.DOTALL):
                common.update(flags_of(shared.group()))
            lines += [f"{' '.join(words)} {flag}" for flag in sorted(set(flags_of(shown)) - common)]
    lines += [f"every verb {flag}" for flag in sorted(common)]
    keys = help_of(binary, "help", "train").partition("Keys of a recipe")[2]
    model = ""
    for line in keys.splitlines():
        if line.startswith("With model.name ") or not line:
            model = line.removeprefix("With model.name ")
        if key := re.match(r" *([a-z_]+(?:\.\w+)+|baselines) ", line):
            lines.append(f"recipe {model} {key[1]}".replace("  ", " "))
    return lines


def main():
    found = surface(sys.argv[1])
    if "--update" in sys.argv:
        HELD.write_text("\n".join(found) + "\n")
    held = HELD.read_text().splitlines()
    changes = list(difflib.unified_diff(held, found, "tests/cli/surface.txt", "this build", lineterm="", n=0))
    print("\n".join(changes) or f"{len(found)} flags and keys, as held")
    sys.exit(1 if changes else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The promises of run_docs.py. Run: python3 tools/run_docs_test.py"""

import unittest

from run_docs import blocks_of, faults_of

PAGE = """# Title
```sh
first
```
text
<!-- not run: needs the network -->
```sh
skipped
```
```text
no command
```
<!-- run first
hidden
-->
```sh
second
third
```
"""


class RunDocs(unittest.TestCase):
    def test_runs_shown_and_hidden_blocks_in_order(self):
        self.assertEqual([commands for _, commands in blocks_of(PAGE)],
                         ["first\n", "hidden\n", "second\nthird\n"])

    def test_names_the_line_of_a_block(self):
        self.assertEqual([line for line, _ in blocks_of(PAGE)], [3, 14, 17])

    def test_python_runs_only_where_the_package_is(self):
        page = PAGE + "```python\nimport cohesin\n```\n"
        self.assertEqual(len(blocks_of(page)), 3)
        self.assertEqual(blocks_of(page, with_python=True)[3],
                         (21, "python - <<'PYTHON'\nimport cohesin\nPYTHON\n"))

    def test_a_command_in_an_unmarked_block_is_a_fault(self):
        self.assertEqual(faults_of("a.md", PAGE), [])
        self.assertEqual(len(faults_of("a.md", "x\n```\ncohesin split\n```\n")), 1)


if __name__ == "__main__":
    unittest.main()

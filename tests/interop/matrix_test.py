"""docs/interop.md is what is seen when docmill meets the programs of others: each case of the
matrix, run. With --write the page is written."""
import sys

import http_cases
import language_cases
import matrix
import python_cases
import rsyslog_cases

MODULES = (python_cases, language_cases, rsyslog_cases, http_cases)


def main():
    page = matrix.run_all([case for module in MODULES for case in module.cases()])
    if "--write" in sys.argv:
        with open(matrix.PAGE, "w", encoding="utf-8") as file:
            file.write(page)
        return 0
    with open(matrix.PAGE, encoding="utf-8") as file:
        known = file.read()
    if page != known:
        print(f"docs/interop.md differs from what was seen; write it anew with --write:\n{page}")
    return 0 if page == known else 1


if __name__ == "__main__":
    sys.exit(main())

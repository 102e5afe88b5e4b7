"""``python -m sqlnomaly.dbt`` writes the generated macros of the dbt package anew; ``--check`` writes nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sqlnomaly.dbt import package


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: 0 if the files are, or now are, what the code generates; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m sqlnomaly.dbt", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing, fail on a difference")
    check = parser.parse_args(arguments).check
    lines = list(package.differences()) if check else package.write()
    sys.stdout.write("".join(f"sql/dbt/{line}\n" for line in lines))
    return int(check and bool(lines))


if __name__ == "__main__":
    sys.exit(main())

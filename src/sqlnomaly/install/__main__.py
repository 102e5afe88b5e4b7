"""``python -m sqlnomaly.install`` writes the checked-in scripts anew; ``--check`` writes nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sqlnomaly.install import goldens


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: 0 if the files are, or now are, what the code generates; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m sqlnomaly.install", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing, fail on a difference")
    check = parser.parse_args(arguments).check
    names = list(goldens.differences()) if check else goldens.write()
    sys.stdout.write("".join(f"sql/install/{name}: changed\n" for name in names))
    return int(check and bool(names))


if __name__ == "__main__":
    sys.exit(main())

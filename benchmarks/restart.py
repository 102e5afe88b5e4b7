"""A fair start for numpy: OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE, which machines set to save memory, slow it down."""

from __future__ import annotations

import os
import sys

SLOW = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def without_slow_settings() -> None:
    """Starts the process anew without these variables if one is set, and says so: OpenBLAS reads them at import."""
    found = [name for name in SLOW if name in os.environ]
    if found:
        print(f"started again without {', '.join(found)}, which slows numpy down", file=sys.stderr, flush=True)
        rest = {name: value for name, value in os.environ.items() if name not in SLOW}
        os.execve(sys.executable, sys.orig_argv, rest)

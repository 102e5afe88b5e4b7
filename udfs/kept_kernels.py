"""Loops that numba compiles once a machine: what it makes of them is kept on disk, where somebody may write.

numba keeps it beside the source, in ``__pycache__``, else in the user's cache folder, else where ``NUMBA_CACHE_DIR``
says. It notices a change of the function's own file, not of another one: a kept loop calls none of another file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

jit = numba.njit(nogil=True, error_model="numpy")
"""The same for a loop that calls those of other files, which every process compiles anew."""


def kept(function: Callable[..., Any]) -> Any:
    """The function compiled at its first call, without the interpreter's lock; kept where there is a place for it.

    Example:
        >>> def twice(x: float) -> float:
        ...     return 2.0 * x
        >>> kept(twice)(4.0)
        8.0
    """
    try:
        return numba.njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:  # nobody may write anywhere
        return jit(function)

"""The numbers of a fitted estimator as rows of a relation, and back: which array, row, column and value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

NAMES = ("array", "row", "column", "value")
FLAT = -1
"""The column number in an array of one dimension."""


def number_table(arrays: Sequence[Array]) -> pa.Table:
    """The arrays, of one or two dimensions and none empty, as rows in the order of their values.

    Example:
        >>> import numpy as np
        >>> number_table([np.array([5.0, 7.0])]).to_pylist()[1]
        {'array': 0, 'row': 1, 'column': -1, 'value': 7.0}
    """
    import numpy as np
    import pyarrow as pa

    parts: list[tuple[Any, ...]] = []
    for number, array in enumerate(arrays):
        places = np.arange(array.size)
        rows, columns = (places, np.full(array.size, FLAT)) if array.ndim == 1 else np.divmod(places, array.shape[1])
        parts.append((np.full(array.size, number), rows, columns, np.asarray(array, np.float64).ravel()))
    joined = [np.concatenate(one) for one in zip(*parts, strict=True)]
    kinds = [pa.float64() if name == "value" else pa.int64() for name in NAMES]
    return pa.table([pa.array(one, kind) for one, kind in zip(joined, kinds, strict=True)], names=NAMES)


def arrays_of(table: pa.Table) -> list[Array]:
    """The arrays in a relation."""
    return _shaped(*(table.column(name).to_numpy() for name in NAMES))


def arrays_in(rows: Iterable[Mapping[str, Any]]) -> list[Array]:
    """The arrays in the rows of a relation."""
    import numpy as np

    listed = [tuple(row[name] for name in NAMES) for row in rows]
    return _shaped(*(np.array(column) for column in zip(*listed, strict=True)))


def _shaped(array: Any, row: Any, column: Any, value: Any) -> list[Array]:
    import numpy as np

    found: list[Array] = []
    codes = np.unique(array).tolist()
    if codes != list(range(len(codes))):
        raise ModelError("an array of the model is missing")
    for number in codes:
        own = array == number
        places, across, values = row[own], column[own], value[own]
        flat = bool((across == FLAT).all())
        shape = (int(places.max()) + 1,) if flat else (int(places.max()) + 1, int(across.max()) + 1)
        if len(values) != np.prod(shape):
            raise ModelError("an array of the model has holes")
        made = np.empty(shape)
        made[places if flat else (places, across)] = values
        found.append(made)
    return found

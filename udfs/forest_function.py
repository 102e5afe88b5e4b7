"""The functions that score rows by forests inside an engine: Arrow arrays in, one Arrow array out.

Engines read their annotations as they run, so these name nothing that is imported late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.forest_score import Forests, contributions, pack, score
from sqlnomaly.udfs.partition_keys import keys_of

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.udfs.forest import Forest


def score_function(packed: Forests | None) -> Callable[..., Any]:
    """A function of the forest's number and the features: the score, NULL where there is none, as without forests."""

    def forest_score(*arguments: Any) -> Any:
        import pyarrow as pa

        if packed is None:
            return pa.nulls(len(arguments[0]), pa.float64())
        found = score(packed, *_given(packed, arguments))
        return pa.array(found, mask=np.isnan(found))

    return forest_score


def stored_function(forests: Sequence[Forest], keys: pa.Table) -> Callable[..., Any]:
    """A function of the partition keys and the features: the score, NULL where there is none or no such partition.

    Args:
        forests: in the order of the keys.
        keys: one row a forest; without columns there is one forest.
    """
    packed = pack(forests)
    number = {key: place for place, key in enumerate(keys_of(keys.columns))}
    width = keys.num_columns

    def stored_score(*arguments: Any) -> Any:
        import pyarrow as pa

        features = [feature.to_numpy(zero_copy_only=False).astype(np.float64) for feature in arguments[width:]]
        group = None
        if width:
            group = np.array([number.get(key, -1) for key in keys_of(arguments[:width])], np.int32)
        found = score(packed, features, group)
        return pa.array(found, mask=np.isnan(found))

    return stored_score


def terms_function(packed: Forests | None) -> Callable[..., Any]:
    """A function of the forest's number and the features: the list of contributions, NULL where there is no score."""

    def forest_terms(*arguments: Any) -> Any:
        import pyarrow as pa

        rows, features = len(arguments[0]), len(arguments) - 1
        if packed is None:
            return pa.nulls(rows, pa.list_(pa.float64()))
        found = contributions(packed, *_given(packed, arguments))
        known = ~np.isnan(found[:, 0])
        offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * features)
        values = pa.array(np.ascontiguousarray(found).ravel())
        return pa.ListArray.from_arrays(offsets, values, mask=pa.array(~known))

    return forest_terms


def _given(
    forests: Forests, arguments: Sequence[pa.Array]
) -> tuple[list[NDArray[np.float64]], NDArray[np.int32] | None]:
    """The features with NaN for NULL, and the number of each row's forest, -1 for none."""
    number, *features = arguments
    columns = [feature.to_numpy(zero_copy_only=False) for feature in features]
    if len(forests.depth) == 1 and not number.null_count:
        return columns, None
    return columns, number.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)

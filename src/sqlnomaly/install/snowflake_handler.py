"""The handler of Snowflake's text function: plain Python of the standard library; its text is what is installed.

Tables of texts stand in front of it there: ``QUERIES``, ``FIXED``, ``SHARES``, ``REFUSED``, ``DOUBLES``, ``TAKEN``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

QUERIES: Mapping[str, str] = {}
FIXED: Mapping[str, float] = {}
SHARES: Mapping[str, float] = {}
REFUSED: Mapping[str, str] = {}
DOUBLES: Mapping[str, str] = {}
TAKEN: Sequence[str] = ()

# -- 8< -- what stands above is for the checks of this module only

JUDGING = """\
WITH _sn_numbered AS (
  SELECT given.*, {part} AS _sn_part FROM _sn_rows AS given
), _sn_cells AS (
  SELECT
    numbered._sn_row AS row_id,
    numbered._sn_part AS part,
    places.feature AS feature,
    CASE places.feature {values} END AS x
  FROM _sn_numbered AS numbered
  CROSS JOIN ({places}) AS places
), _sn_judged AS (
{query}
)
SELECT
  numbered.* EXCLUDE (_sn_row, _sn_part),
  judged.anomaly_score,
  judged.anomaly_probability,
  judged.is_anomaly,
  judged.anomaly_threshold,
  CASE judged.anomaly_feature {reasons} END AS anomaly_reason,
  judged.anomaly_status
FROM _sn_numbered AS numbered
JOIN _sn_judged AS judged ON numbered._sn_row = judged.row_id"""


def statement(
    found: list[dict[str, str]] | None,
    features: list[str] | None,
    detector: str | None,
    partition_by: list[str] | None,
    threshold: float | None,
    contamination: float | None,
) -> str:
    """The statement that judges the rows of _SN_ROWS, from the columns of the table and the arguments of the call."""
    detector = detector or "zscore"
    if detector in REFUSED:
        raise ValueError(f"{detector} is not for this procedure: {REFUSED[detector]}")
    if detector not in QUERIES:
        raise ValueError(f"unknown detector {detector!r}; allowed: {', '.join(QUERIES)}")
    kinds = {column["name"]: column["kind"].partition("(")[0].upper() for column in found or []}
    for name in kinds:
        if name.upper() in TAKEN:
            raise ValueError(
                f"the table has a column {name}, which detect_anomalies adds: rename it in a view"
            )
    if not features:
        raise ValueError("name at least one feature")
    columns = [column_of(word, kinds, "features") for word in features]
    keys = [column_of(word, kinds, "partition_by") for word in partition_by or []]
    for name in columns:
        if kinds[name] not in DOUBLES:
            raise ValueError(f"feature {name} is {kinds[name]}: cast it to a number in a view")
    fixed, share = rule_of(detector, threshold, contamination)
    places = " UNION ALL ".join(f"SELECT {place} AS feature" for place in range(1, len(columns) + 1))
    values = " ".join(
        f"WHEN {place} THEN {DOUBLES[kinds[name]].replace('_SN_HOLE', 'numbered.' + quoted(name))}"
        for place, name in enumerate(columns, 1)
    )
    reasons = " ".join(f"WHEN {place} THEN {text(word)}" for place, word in enumerate(features, 1))
    partition = ", ".join("given." + quoted(name) for name in keys)
    part = f"MIN(given._sn_row) OVER ({'PARTITION BY ' + partition if partition else ''})"
    query = QUERIES[detector].replace("_sn_fixed", fixed).replace("_sn_share", share)
    return JUDGING.format(part=part, values=values, places=places, query=query, reasons=reasons)


def rule_of(detector: str, threshold: float | None, contamination: float | None) -> tuple[str, str]:
    """The threshold and the quantile's share, as SQL; numbers only, written by repr."""
    if threshold is not None and contamination is not None:
        raise ValueError("threshold and contamination exclude each other: give NULL for one")
    if threshold is not None and not abs(threshold) < float("inf"):
        raise ValueError("threshold has to be a number")
    if contamination is not None and not 0 < contamination <= 0.5:
        raise ValueError("contamination has to be above 0, and at most 0.5")
    fixed = threshold if threshold is not None or contamination is not None else FIXED.get(detector)
    share = SHARES[detector] if contamination is None else 1.0 - contamination
    return "NULL" if fixed is None else text(repr(float(fixed))), repr(share)


def column_of(word: str, columns: dict[str, str], argument: str) -> str:
    """The table's column of a word: exact, else in capitals, as Snowflake reads a name without quotes."""
    for name in (word, str(word).upper()):
        if name in columns:
            return name
    raise ValueError(f"{argument}: the table has no column {word!r}; it has {', '.join(columns) or 'none'}")


def quoted(name: str) -> str:
    """An identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"

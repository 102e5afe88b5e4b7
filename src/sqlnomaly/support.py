"""What runs where, found by compiling: each use of a detector and each operator, dialect by dialect."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlnomaly import packs
from sqlnomaly.compiling import compile  # noqa: A004  (the public name)
from sqlnomaly.dialects import DIALECTS, Dialect
from sqlnomaly.dialects.definitions import DEFINITIONS
from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.install.natives import MODULES
from sqlnomaly.pushdown.contract import Detector, Shape

USES: Mapping[str, str] = MappingProxyType(
    {
        "OVER ()": "is_anomaly({own}) OVER ()",
        "PARTITION BY": "is_anomaly({own}) OVER (PARTITION BY store{order})",
        "FILTER": "is_anomaly({own}) FILTER (WHERE NOT disputed) OVER (PARTITION BY store{order})",
        "contamination": "is_anomaly({own}, contamination => 0.05) OVER (PARTITION BY store{order})",
        "leave_one_out": "is_anomaly({own}, leave_one_out => TRUE) OVER (PARTITION BY store{order})",
        "direction": "is_anomaly({own}, direction => 'high') OVER (PARTITION BY store{order})",
        "min_effect": "is_anomaly({own}, min_effect => 5) OVER (PARTITION BY store{order})",
        "nulls => 'ignore'": "is_anomaly({own}, nulls => 'ignore') OVER (PARTITION BY store{order})",
        "anomaly_probability": "anomaly_probability({own}) OVER (PARTITION BY store{order})",
        "anomaly_explanation": "anomaly_explanation({own}) OVER (PARTITION BY store{order})",
        "anomaly_expected": "anomaly_expected({own}) OVER (PARTITION BY store{order})",
        "anomaly_lower, anomaly_upper": "anomaly_upper({own}) OVER (PARTITION BY store{order})",
        "ORDER BY": "is_anomaly({own}, threshold => 3) OVER (PARTITION BY store ORDER BY day)",
        "ORDER BY, ROWS frame": "is_anomaly({own}, threshold => 3) "
        "OVER (PARTITION BY store ORDER BY day ROWS BETWEEN 6 PRECEDING AND 6 FOLLOWING)",
        "ORDER BY, RANGE frame without offset": "is_anomaly({own}, threshold => 3) "
        "OVER (PARTITION BY store ORDER BY day RANGE UNBOUNDED PRECEDING)",
        "ORDER BY, RANGE frame with offset": "is_anomaly({own}, threshold => 3) "
        "OVER (PARTITION BY store ORDER BY day RANGE INTERVAL 7 DAY PRECEDING)",
    }
)
"""A way to use a call -> the call; ``{order}`` is there for detectors that need an order."""

SHORT: Mapping[str, str] = MappingProxyType(
    {"esd": "max_outliers => 2", "ocsvm": "n_components => 8", "autoencoder": "hidden_layer_sizes => [1]"}
)
"""Options under which a long statement is soon printed; nothing is refused for them."""

PROBE = "SELECT id, {call} AS answer FROM orders"

OPERATORS: Mapping[str, str] = MappingProxyType(
    {
        "avg": "the mean",
        "var_pop": "the variance, without raw sums of squares",
        "covar_pop": "the covariance, likewise",
        "quantile": "an exact quantile",
        "count_if": "rows that meet a condition",
        "md5_hex": "the hash behind samples",
        "number_text": "a number as text",
        "epoch_date": "a date as seconds",
        "epoch_timestamp": "a timestamp as seconds",
        "epoch_timestamptz": "a timestamp with time zone as seconds",
        "wall_timestamptz": "a timestamp with time zone by the clock of a place",
        "hour_of": "the hour of a timestamp",
        "dow_of": "the day of the week, 1 for Monday",
        "week_of": "the ISO week",
        "list": "a frame as a list, for quantiles of frames",
    }
)
"""Operators that dialects differ in -> what they give."""


def refusal(detector: type[Detector], use: str, dialect: str) -> str | None:
    """Why a dialect refuses a use of a detector, or None if it compiles."""
    if detector.by_function and not DIALECTS[dialect].functions_from_client:
        use = "OVER ()"  # refused for one reason, whatever the use
    features = packs.features_of(detector.name)
    alone = features.split(", ")[0] if detector.least == 1 else features
    own = ", ".join(filter(None, (alone, f"detector => '{detector.name}'", SHORT.get(detector.name))))
    order = " ORDER BY day" if detector.shape is Shape.WINDOW else ""
    call = USES[use].replace("{own}", own).replace("{order}", order)
    try:
        compile(PROBE.replace("{call}", call), write=dialect, schema=packs.SCHEMA)
    except (UnsupportedError, CallError) as error:
        return error.message
    return None


def operator(name: str, dialect: Dialect) -> str:
    """How a dialect says an operator; empty where it has none."""
    return dialect.templates.get(name, "")


def installed(dialect: str) -> tuple[str, str]:
    """What can be installed there: native functions, and models as functions."""
    native = "yes" if dialect in MODULES else "no"
    words = DEFINITIONS.get(dialect)
    if words is None:
        return native, "no"
    return native, f"SQL, {words.language} where large" if words.language else "SQL"


def uses_of(detector: type[Detector], dialect: str) -> dict[str, str]:
    """Each use -> the dialect's tier, or the reason against it."""
    tier = DIALECTS[dialect].tier.value
    return {use: refusal(detector, use, dialect) or tier for use in USES}

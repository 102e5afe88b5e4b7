"""BigQuery's CREATE MODEL and DROP MODEL, for the models that ML.DETECT_ANOMALIES reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlnomaly.errors import CallError, ParseError, UnsupportedError
from sqlnomaly.frontends.bigquery_arima import TYPES, series_of
from sqlnomaly.frontends.text import Text, name_of
from sqlnomaly.pushdown.statements import CreateModel, DropModel

DETECTORS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "KMEANS": ("kmeans", {"normalized": True, "max_samples": 100_000, "calibration": 0}),
    "PCA": ("pca", {"form": "reconstruction", "calibration": 0}),
    "AUTOENCODER": (
        "autoencoder", {"activation": "relu", "alpha": 0.0, "max_samples": 100_000, "calibration": 0}
    ),
}
"""MODEL_TYPE -> our detector, and the options under which its score is BigQuery's number; no row is held out."""
REFUSED_TYPES: Mapping[str, str] = {
    "ARIMA_PLUS_XREG": "MODEL_TYPE = 'ARIMA_PLUS': a series is forecast by itself here",
}
"""Other models that ML.DETECT_ANOMALIES reads -> what to use."""
ADMINISTRATIVE = frozenset(
    {"MODEL_TYPE", "MODEL_REGISTRY", "VERTEX_AI_MODEL_ID", "VERTEX_AI_MODEL_VERSION_ALIASES", "KMS_KEY_NAME"}
)
"""Options that change no number: accepted, and without effect."""
FIXED: Mapping[str, tuple[tuple[Any, ...], str]] = {
    "KMEANS_INIT_METHOD": (("KMEANS++",), "centres start as in k-means++ here"),
    "DISTANCE_TYPE": (("EUCLIDEAN",), "distances are Euclidean here"),
    "WARM_START": ((False,), "a model starts anew here"),
    "PCA_SOLVER": (("FULL", "AUTO"), "components are exact here"),
    "L1_REG": ((0,), "weights cost nothing here, so that the error alone counts"),
    "L2_REG": ((0,), "how much BigQuery's costs is not documented; alpha of CREATE ANOMALY MODEL is scikit-learn's"),
    "L1_REG_ACTIVATION": ((0,), "the numbers that are kept of a row cost nothing here"),
    "DROPOUT": ((0,), "every unit takes part in the fit here"),
}
"""Options of which we have some values: these, and why no other."""
STEPS = "each step of the fit sees all rows here, and chooses its own length; there are 200 at most"
ABSENT: Mapping[str, str] = {
    **dict.fromkeys(
        ("MAX_ITERATIONS", "EARLY_STOP", "MIN_REL_PROGRESS"),
        "here centres are moved until no row changes its own, 300 times at most",
    ),
    **dict.fromkeys(("BATCH_SIZE", "LEARN_RATE", "OPTIMIZER"), STEPS),
    "TF_VERSION": "networks are fitted by scikit-learn here",
    "KMEANS_INIT_COL": "centres start as in k-means++ here",
    **dict.fromkeys(
        ("NUM_TRIALS", "MAX_PARALLEL_TRIALS", "HPARAM_TUNING_ALGORITHM", "HPARAM_TUNING_OBJECTIVES"),
        "nothing is tuned here",
    ),
}
"""Options that change numbers and that we have not -> why."""
BY_STEPS = frozenset({"MAX_ITERATIONS", "EARLY_STOP", "MIN_REL_PROGRESS"})
"""Of these, what is absent from AUTOENCODER for the reason of STEPS."""
ACTIVATIONS: Mapping[str, str] = {"RELU": "relu", "TANH": "tanh", "SIGMOID": "logistic"}
"""ACTIVATION_FN -> ours."""
NAMES: Mapping[str, Mapping[str, str]] = {
    "KMEANS": {"NUM_CLUSTERS": "n_clusters", "STANDARDIZE_FEATURES": "scaling"},
    "PCA": {
        "NUM_PRINCIPAL_COMPONENTS": "n_components",
        "PCA_EXPLAINED_VARIANCE_RATIO": "explained_variance",
        "SCALE_FEATURES": "standardization",
    },
    "AUTOENCODER": {"HIDDEN_UNITS": "hidden_layer_sizes", "ACTIVATION_FN": "activation"},
}
"""MODEL_TYPE -> its options -> ours."""
NEEDED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "KMEANS": (("NUM_CLUSTERS",), "BigQuery's default is log10 of the number of rows, which nobody knows before"),
    "PCA": (
        ("NUM_PRINCIPAL_COMPONENTS", "PCA_EXPLAINED_VARIANCE_RATIO"),
        "with all components nothing is lost, and every error is 0",
    ),
    "AUTOENCODER": (("HIDDEN_UNITS",), "which layers BigQuery takes by default could not be verified"),
}
"""MODEL_TYPE -> the options of which exactly one is needed, and why."""


def create_model(text: Text) -> CreateModel | None:
    """CREATE [OR REPLACE] MODEL [IF NOT EXISTS] name OPTIONS (MODEL_TYPE = .., ..) AS query.

    Returns:
        The statement; None for another one, also for a model of a type that finds no anomalies.

    Raises:
        UnsupportedError: a type or an option that we do not have, naming it.
        CallError: an option that is missing or out of range.
        ParseError: a head that is not complete.
    """
    replace = text.says(0, "CREATE", "OR", "REPLACE", "MODEL")
    if not replace and not text.says(0, "CREATE", "MODEL"):
        return None
    begin = 4 if replace else 2
    listed = next((n for n in range(begin, len(text.tokens)) if text.says(n, "OPTIONS", "(")), None)
    if listed is None:  # CREATE MODEL of another system, such as Redshift
        return None
    closing = text.closing(listed + 1)
    options = text.options(listed + 2, closing)
    kind, place = options.get("MODEL_TYPE", ("", listed))
    kind = str(kind).upper()
    if kind in REFUSED_TYPES:
        raise text.error(UnsupportedError, place, f"there are no {kind} models here", REFUSED_TYPES[kind])
    if kind not in DETECTORS and kind not in TYPES:
        return None
    absent = text.says(begin, "IF", "NOT", "EXISTS")
    name, after = name_of(text, begin + 3 * absent)
    if after != listed:
        message = f"{text.word(after)} is not supported between the name and OPTIONS"
        raise text.error(UnsupportedError, after, message, "compute the features in the query")
    if not text.says(closing + 1, "AS") or closing + 2 >= len(text.tokens):
        raise text.error(ParseError, closing + 1, "CREATE MODEL needs AS and a query", "AS SELECT amount FROM orders")
    query = text.sql[text.start(closing + 2) :].strip()
    if kind in TYPES:
        if text.says(closing + 2, "(") and text.says(closing + 4, "AS", "("):
            message = f"{text.word(closing + 3)} AS (..) is not supported: no holidays are known to arima"
            raise text.error(UnsupportedError, closing + 3, message, "AS SELECT ts, y FROM t")
        series = series_of(text, kind, options, listed)
        return CreateModel(
            name=name,
            detector="arima",
            query=series.query(query, text),
            options=series.options,
            partition_by=series.ids,
            order_by=(series.time,),
            replace=replace,
            if_not_exists=absent,
        )
    detector, own = DETECTORS[kind]
    return CreateModel(
        name=name,
        detector=detector,
        query=query,
        options={**own, **_options(text, kind, options, listed)},
        replace=replace,
        if_not_exists=absent,
    )


def drop_model(text: Text) -> DropModel | None:
    """DROP MODEL [IF EXISTS] name; None for another statement.

    Raises:
        ParseError: it does not end behind the name.
    """
    if not text.says(0, "DROP", "MODEL"):
        return None
    there = text.says(2, "IF", "EXISTS")
    name, after = name_of(text, 4 if there else 2)
    if after < len(text.tokens):
        raise text.error(ParseError, after, f"{text.word(after)} is not expected here", "end the statement before it")
    return DropModel(name=name, if_exists=there)


def _options(text: Text, kind: str, options: Mapping[str, tuple[Any, int]], place: int) -> dict[str, Any]:
    """Our options for BigQuery's."""
    found: dict[str, Any] = {}
    names = NAMES[kind]
    others = {name for other in NAMES.values() for name in other} - set(names)
    for name, (value, at) in options.items():
        shown = value.upper() if isinstance(value, str) else value
        if name in ADMINISTRATIVE:
            continue
        if name in FIXED:
            values, reason = FIXED[name]
            if shown not in values:
                allowed = " or ".join(str(one) for one in values)
                raise text.error(UnsupportedError, at, f"{name} = {value}: {reason}", f"{name} = {allowed}")
        elif name in ABSENT:
            reason = STEPS if kind == "AUTOENCODER" and name in BY_STEPS else ABSENT[name]
            raise text.error(UnsupportedError, at, f"{name} is not supported: {reason}", f"leave {name} out")
        elif name not in names:
            what = "belongs to another MODEL_TYPE" if name in others else "is not known"
            raise text.error(CallError, at, f"option {name} {what}", f"options of {kind}: {', '.join(names)}")
        else:
            found[names[name]] = _value(text, name, value, at)
    needed, reason = NEEDED[kind]
    if sum(name in options for name in needed) != 1:
        one = " or ".join(needed)
        hint = f"OPTIONS (MODEL_TYPE = '{kind}', {needed[0]} = ..)"
        raise text.error(CallError, place, f"{kind} needs {one}: {reason}", hint)
    return found


def _value(text: Text, name: str, value: Any, at: int) -> Any:
    """An option's value, in its range; of STANDARDIZE_FEATURES the scaling."""
    if name in ("STANDARDIZE_FEATURES", "SCALE_FEATURES"):
        if not isinstance(value, bool):
            raise text.error(CallError, at, f"{name} is TRUE or FALSE", f"{name} = TRUE")
        return value if name == "SCALE_FEATURES" else ("standard" if value else "none")
    if name == "ACTIVATION_FN":
        if str(value).upper() not in ACTIVATIONS:
            allowed = ", ".join(ACTIVATIONS)
            raise text.error(UnsupportedError, at, f"{name} = {value} is not supported", f"one of {allowed}")
        return ACTIVATIONS[str(value).upper()]
    if name == "HIDDEN_UNITS":
        sizes = value if isinstance(value, list | tuple) else ()
        if not 1 <= len(sizes) <= 7 or not all(type(one) is int and 1 <= one <= 100 for one in sizes):
            message = f"{name} is a list of one to seven whole numbers from 1 to 100, not {value}"
            raise text.error(CallError, at, message, f"{name} = [8, 2, 8]")
        return tuple(map(float, sizes))
    whole = isinstance(value, int) and not isinstance(value, bool)
    if name == "PCA_EXPLAINED_VARIANCE_RATIO":
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            raise text.error(CallError, at, f"{name} lies between 0 and 1", f"{name} = 0.8")
        return float(value)
    least, most = (2, 100) if name == "NUM_CLUSTERS" else (1, 50)
    if not whole or not least <= value <= most:
        message = f"{name} is a whole number from {least} to {most}, not {value}"
        raise text.error(CallError, at, message, f"{name} = 3")
    return value

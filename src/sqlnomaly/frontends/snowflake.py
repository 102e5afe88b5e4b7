"""Snowflake's SNOWFLAKE.ML.ANOMALY_DETECTION: recognized, and refused with what to use."""

from __future__ import annotations

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.frontends.text import Text

CLASS = ("SNOWFLAKE", ".", "ML", ".", "ANOMALY_DETECTION")
HEADS = frozenset({"CREATE", "DROP", "ALTER", "DESCRIBE", "DESC"})
METHODS = frozenset(
    {"DETECT_ANOMALIES", "SHOW_EVALUATION_METRICS", "EXPLAIN_FEATURE_IMPORTANCE", "SHOW_TRAINING_LOGS"}
)
REMEDY = (
    "judge each row by those before it, without a model: "
    "SELECT *, is_anomaly(y, detector => 'ewma') OVER (PARTITION BY series ORDER BY ts) FROM t; "
    "for rows without an order, CREATE ANOMALY MODEL m USING iforest AS SELECT .."
)


def refuse_class(text: Text, number: int) -> None:
    """CREATE, SHOW, DROP .. SNOWFLAKE.ML.ANOMALY_DETECTION.

    Raises:
        UnsupportedError: where a token begins the class in such a statement.
    """
    # SHOW is no token.
    if text.says(number, *CLASS) and (not number or text.word(0) in HEADS):
        message = "models of SNOWFLAKE.ML.ANOMALY_DETECTION are time series, by a method that is Snowflake's own"
        raise text.error(UnsupportedError, number, message, REMEDY)


def refuse_method(text: Text, number: int) -> None:
    """m!DETECT_ANOMALIES(..) and the other methods, behind CALL or in TABLE(..).

    Raises:
        UnsupportedError: where a token is the mark before one.
    """
    if text.word(number + 1) in METHODS and text.says(number + 2, "("):
        message = f"{text.word(number + 1)} is a method of a model that Snowflake keeps"
        raise text.error(UnsupportedError, number - 1, message, REMEDY)

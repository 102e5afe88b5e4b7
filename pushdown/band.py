"""What a call for the expected value or an end of the band needs: one feature, and a detector that has one."""

from __future__ import annotations

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown.calls import BAND
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.pushdown.rules import By, over_rows


def check_band(output: str, detector: Detector, features: int, by: By | None, shown: str) -> None:
    """Refuses ``expected``, ``lower`` and ``upper`` where they have no meaning; other outputs pass.

    Raises:
        CallError: for several features.
        UnsupportedError: for a detector or a rule that has no such value.
    """
    if output not in BAND.values():
        return
    function = f"anomaly_{output}"
    if features != 1:
        raise CallError(
            f"{function} is about one feature, and here are {features}",
            where=shown,
            hint="one call a feature; anomaly_explanation has the expected value of each",
        )
    if output == "expected" and detector.expected([Feature("x", "x", "x")]) is None:
        raise UnsupportedError(
            f"{function}: {detector.name} expects no value, it says how odd one is",
            where=shown,
            hint="use a detector with a centre, such as zscore or mad",
        )
    if output != "expected" and not detector.edges:
        raise UnsupportedError(
            f"{function}: {detector.name} has no band", where=shown, hint="use zscore, mad, iqr, percentile or ewma"
        )
    if output != "expected" and over_rows(by):
        raise UnsupportedError(
            f"{function}: {by.name} is a verdict over a set of rows, which has no band",
            where=shown,
            hint="use threshold or contamination",
        )

"""What an installed ``detect_anomalies`` gives, as the verdicts that the reference is compared with."""

from __future__ import annotations

import pyarrow as pa

from sqlnomaly.pushdown.relation_form import COLUMNS
from tests.conformance.ask import VERDICT, Ask
from tests.conformance.compare import differences
from tests.conformance.datasets import DataSet
from tests.reference.judge import Verdict


def unlike_reference(data: DataSet, detector: str, found: pa.Table, **options: object) -> list[str]:
    """What differs from the reference, in the six columns behind those of the data set.

    Args:
        found: the result; names may have come back in upper case.
        options: of the call; ``order`` names the order key.
    """
    order = options.pop("order", None)
    functions = VERDICT if order else (*VERDICT, "anomaly_probability")
    ask = Ask(
        options=options,
        partition=data.keys,
        order=None if order is None else str(order),
        functions=functions,
    )
    width = data.table.num_columns
    names = [name.lower() for name in found.column_names[width:]]
    if found.column_names[:width] != data.table.column_names or names != list(COLUMNS):
        return [f"columns {found.column_names}"]
    rows = found.rename_columns([*data.table.column_names, *COLUMNS]).to_pylist()
    verdicts = {
        row["id"]: Verdict(
            score=row["anomaly_score"],
            threshold=row["anomaly_threshold"],
            is_anomaly=row["is_anomaly"],
            reason=row["anomaly_reason"],
            status=row["anomaly_status"],
            probability=row["anomaly_probability"],
            explanation=None,
        )
        for row in rows
    }
    if len(verdicts) < len(rows):
        return [f"{len(rows)} rows with {len(verdicts)} ids"]
    return differences(data, detector, ask, verdicts, ask.reference(data, detector))

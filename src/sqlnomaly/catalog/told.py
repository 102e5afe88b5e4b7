"""What statements about models say, as rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlnomaly.catalog.catalog import Catalog, Done
from sqlnomaly.catalog.shelf import options_of
from sqlnomaly.pushdown.statements import DescribeModel, DropModel, SetOptions, SetVersion, ShowModels

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.fitted import FittedModel


Telling = ShowModels | DescribeModel | SetVersion | SetOptions | DropModel
"""The statements that fit nothing."""


def done(found: Done) -> pa.Table:
    """One row: the model, what became of it, and the version in force."""
    import pyarrow as pa

    return pa.table(
        {
            "model": pa.array([found.name], pa.string()),
            "status": pa.array([found.what], pa.string()),
            "version": pa.array([found.version], pa.int64()),
        }
    )


def answer(catalog: Catalog, wanted: Telling) -> pa.Table:
    """Runs a statement about models that fits nothing, and says what became of it."""
    match wanted:
        case ShowModels():
            return models(catalog)
        case DescribeModel():
            return described(catalog, wanted)
        case SetVersion():
            return done(catalog.set_version(wanted))
        case SetOptions():
            return done(catalog.set_options(wanted))
        case DropModel():
            return done(catalog.drop(wanted))


def plan(text: str) -> pa.Table:
    """A plan in words, a row a line."""
    import pyarrow as pa

    return pa.table({"plan": pa.array(text.splitlines(), pa.string())})


def models(catalog: Catalog) -> pa.Table:
    """A row for each model that is in force."""
    import pyarrow as pa

    rows = []
    for pointer in catalog.ledger.pointers():
        if pointer.version is None:
            continue
        entry = catalog.ledger.version(pointer.name, pointer.version)
        assert entry is not None, "what is in force was written first"
        manifest = json.loads(entry.manifest)
        rows.append(
            {
                "model": pointer.name,
                "version": pointer.version,
                "versions": len(catalog.ledger.versions(pointer.name)),
                "detector": manifest["detector"],
                "features": ", ".join(one["name"] for one in manifest["features"]),
                "partition_by": ", ".join(one["name"] for one in manifest["keys"]) or None,
                "threshold": rule_of(manifest),
                "changed_at": pointer.changed_at,
            }
        )
    schema = pa.schema(
        [
            (name, pa.int64() if name in ("version", "versions") else pa.string())
            for name in (
                "model",
                "version",
                "versions",
                "detector",
                "features",
                "partition_by",
                "threshold",
                "changed_at",
            )
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def described(catalog: Catalog, wanted: DescribeModel) -> pa.Table:
    """What is known of a version, a row for each property."""
    import pyarrow as pa

    kept = catalog.kept(wanted.name, wanted.version)
    current = catalog.current(wanted.name).version
    entry = catalog.ledger.version(wanted.name, kept.version)
    assert entry is not None, "what is kept was written first"
    manifest, definition = json.loads(entry.manifest), options_of(entry.definition)
    model = kept.model
    tables = catalog.ledger.state(wanted.name, kept.version)
    partitions = next(
        (one.n_rows for one in tables if one.relation == "model:table"), model.calibration.num_rows
    )
    what = "points" if model.detector.forecasts else "partitions"  # those to come too
    lines = {
        "model": wanted.name,
        "version": f"{kept.version}" + (", in force" if kept.version == current else ""),
        "versions": ", ".join(f"{one.version} {one.how}" for one in catalog.ledger.versions(wanted.name)),
        "made": f"{entry.how} at {entry.created_at}",
        "detector": manifest["detector"],
        "parameters": ", ".join(f"{name} = {value}" for name, value in manifest["parameters"].items()),
        "features": ", ".join(f"{one.name} {one.kind.value}" for one in model.features),
        "partition_by": ", ".join(f"{one.name} {one.kind.value}" for one in model.keys),
        what: f"{partitions:,}" if model.keys else "",
        "threshold": rule_of(manifest),
        "calibration": _calibration(model),
        "nulls": manifest["nulls"],
        "min_rows": f"{manifest['min_rows']}",
        "placement": f"joined to the rows, {partitions:,} {what}"
        if kept.table
        else "written into the query",
        "query": definition.get("query", ""),
        "libraries": ", ".join(f"{name} {version}" for name, version in manifest["libraries"].items()),
    }
    kept_lines = {name: value for name, value in lines.items() if value}
    return pa.table(
        {"property": pa.array(kept_lines, pa.string()), "value": pa.array(kept_lines.values(), pa.string())}
    )


def rule_of(manifest: dict[str, object]) -> str:
    """The threshold rule in words."""
    if manifest["threshold"] is not None:
        return f"threshold = {manifest['threshold']:g}"
    if manifest["contamination"] is not None:
        return f"contamination = {manifest['contamination']:g}"
    rule = manifest.get("rule")
    if isinstance(rule, dict):
        return ", ".join(f"{name} = {_shown(value)}" for name, value in rule.items())
    return "none"


def _shown(value: object) -> str:
    """The value of an option."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else f"{value}"


def _calibration(model: FittedModel) -> str:
    if model.held is None:
        return "none: no row was held out of the fit"
    if model.held.num_rows == 0:
        return "rows held out of each partition's fit"
    return f"{sum(model.held.column('held').to_pylist()):,} rows held out of the fit"

"""Rows out: a table for people; CSV, JSON and Parquet for programs; a file appears whole or not at all."""

from __future__ import annotations

import base64
import json
import math
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sqlnomaly.cli.failures import say
from sqlnomaly.errors import UsageError
from sqlnomaly.plotting import check_picture, save
from sqlnomaly.plotting import plot as plot_rows
from sqlnomaly.replacing import replaced
from sqlnomaly.result import SHOWN_ROWS, more_rows, table_of

if TYPE_CHECKING:
    import pyarrow as pa

WIDE = 100_000
"""The width of a table that goes to a file or a pipe: it is never cut."""


class Format(StrEnum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def choose_format(given: Format | None, output: Path | None) -> Format:
    """The format asked for, else what the file's ending says, else a table.

    Raises:
        UsageError: for an ending that says nothing, or Parquet on a terminal.
    """
    if given is None and output is not None:
        ending = output.suffix.lower().removeprefix(".")
        given = {"txt": Format.TABLE, **{kind.value: kind for kind in Format}}.get(ending)
        if given is None:
            raise UsageError(f"which format is {str(output)!r}?", hint="--format table, csv, json or parquet")
    chosen = given or Format.TABLE
    if chosen is Format.PARQUET and output is None and sys.stdout.isatty():
        raise UsageError("Parquet is binary and would garble the terminal", hint="-o FILE, or a pipe")
    return chosen


def check_output(output: Path | None, option: str = "-o") -> None:
    """Refuses a place that cannot be written to, before the query runs.

    Raises:
        UsageError: for a folder, or a folder that is missing or not writable.
    """
    if output is None:
        return
    if output.is_dir():
        raise UsageError(f"{str(output)!r} is a folder", hint=f"{option} takes a file name")
    folder = output.resolve().parent
    if not folder.is_dir():
        raise UsageError(f"cannot write {str(output)!r}: there is no folder {str(folder)!r}")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"cannot write {str(output)!r}: the folder is not writable")


def check_plot(plot: Path | None, output: Path | None) -> None:
    """Refuses a picture that could not be drawn or written, before the query runs.

    Raises:
        UsageError: for an ending that is no picture's, or a place that cannot be written to or is taken by the rows.
        MissingDriverError: without matplotlib.
    """
    if plot is None:
        return
    check_picture(plot)
    check_output(plot, "--plot")
    if output is not None and output.resolve() == plot.resolve():
        raise UsageError(f"{str(plot)!r} cannot be both the rows and their picture", hint="two names")


def write_plot(rows: pa.Table, path: Path) -> None:
    """Draws the rows into the file.

    Raises:
        SqlnomalyError: if there is nothing to draw, or the file cannot be written.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        save(plot_rows(rows), path)
    for text in dict.fromkeys(str(warning.message).splitlines()[0] for warning in said):
        say(f"note: {text}")


def write_rows(
    rows: pa.RecordBatchReader, form: Format, output: Path | None, limit: int = SHOWN_ROWS
) -> str | None:
    """Writes all rows, or the first ones as a table.

    Returns:
        A note for standard error about what a table does not show, or None.

    Raises:
        EngineError: if the rows cannot be made or the file not be written.
    """
    if form is Format.TABLE:
        return _write_table(rows, output, limit)
    write = {Format.CSV: _write_csv, Format.JSON: _write_json, Format.PARQUET: _write_parquet}[form]
    with _sink(output) as sink:
        write(rows, sink)
    return None


@contextmanager
def _sink(output: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a temporary file that takes its final name when everything is written."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with replaced(output) as file:
        yield file


def _write_table(rows: pa.RecordBatchReader, output: Path | None, limit: int) -> str | None:
    import pyarrow as pa
    from rich.console import Console

    kept, count = [], 0
    for batch in rows:
        if count < limit:
            kept.append(batch.slice(0, limit - count))
        count += batch.num_rows
    table = pa.Table.from_batches(kept, schema=rows.schema)
    if output is None:
        width = None if sys.stdout.isatty() else WIDE
        console = Console(file=sys.stdout, width=width)
        console.print(table_of(table, width=console.width if width is None else None))
    else:
        import io

        text = io.StringIO()
        Console(file=text, width=WIDE).print(table_of(table, width=None))
        with _sink(output) as sink:
            sink.write(text.getvalue().encode())
    if count == 0:
        return "no rows"
    note = more_rows(count, limit)
    return f"{note}; --rows N shows more, --format csv|json|parquet all" if note else None


def _write_csv(rows: pa.RecordBatchReader, sink: BinaryIO) -> None:
    """A header and a line a row; NULL is empty, the empty text is ``""``."""
    sink.write((",".join(_csv_text(name) for name in rows.schema.names) + "\n").encode())
    for batch in rows:
        columns = [_encoded(column, _csv_text, "", str) for column in batch.columns]
        lines = [",".join(row) for row in zip(*columns, strict=True)]
        sink.write(("\n".join(lines) + "\n").encode() if lines else b"")


def _write_json(rows: pa.RecordBatchReader, sink: BinaryIO) -> None:
    """One array with an object a line; NULL, NaN and infinities are null."""
    keys = [_json_text(name) + ": " for name in _distinct(rows.schema.names)]
    between = "[\n"
    for batch in rows:
        columns = [_encoded(column, _json_text, "null", _json_number) for column in batch.columns]
        labelled = [[key + value for value in column] for key, column in zip(keys, columns, strict=True)]
        lines = ["  {" + ", ".join(row) + "}" for row in zip(*labelled, strict=True)]
        if lines:
            sink.write((between + ",\n".join(lines)).encode())
            between = ",\n"
    sink.write(b"[]\n" if between == "[\n" else b"\n]\n")


def _write_parquet(rows: pa.RecordBatchReader, sink: BinaryIO) -> None:
    """Parquet with the types of the result; intervals, which it lacks, as text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    odd = [pa.types.is_interval(field.type) for field in rows.schema]
    fields = [
        field.with_name(name).with_type(pa.string() if strange else field.type)
        for field, name, strange in zip(rows.schema, _distinct(rows.schema.names), odd, strict=True)
    ]
    schema = pa.schema(fields)
    with pq.ParquetWriter(sink, schema) as writer:
        for batch in rows:
            columns = [
                pa.array(
                    [None if value is None else _plain(value) for value in column.to_pylist()], pa.string()
                )
                if strange
                else column
                for column, strange in zip(batch.columns, odd, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))


def _encoded(
    column: pa.Array, text: Callable[[str], str], null: str, number: Callable[[float], str]
) -> list[str]:
    """The values of a column as texts of the output format."""
    import pyarrow as pa

    kind, values = column.type, column.to_pylist()
    if pa.types.is_floating(kind):
        return [null if value is None else number(value) for value in values]
    if pa.types.is_boolean(kind):
        return [null if value is None else "true" if value else "false" for value in values]
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return [
            null if value is None else format(value, "f" if pa.types.is_decimal(kind) else "d")
            for value in values
        ]
    if pa.types.is_nested(kind):
        nested = [null if value is None else _json_value(value) for value in values]
        return nested if null else [text(value) if value else "" for value in nested]
    return [null if value is None else text(_plain(value)) for value in values]


def _csv_text(value: str) -> str:
    if value == "" or any(character in value for character in ',"\r\n') or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value


def _json_text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _json_number(value: float) -> str:
    return repr(value) if math.isfinite(value) else "null"


def _json_value(value: Any) -> str:
    """A nested value as JSON."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return _json_number(value)
        case int() | Decimal():
            return format(value, "f" if isinstance(value, Decimal) else "d")
        case dict():
            return "{" + ", ".join(f"{_json_text(str(k))}: {_json_value(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_json_value, value)) + "]"
        case tuple() if len(value) == 2:  # an entry of a map
            return f'{{"key": {_json_value(value[0])}, "value": {_json_value(value[1])}}}'
        case _:
            return _json_text(_plain(value))


def _plain(value: Any) -> str:
    """A scalar as text: ISO 8601 for times, with a space as SQL prints them; base64 for bytes."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if hasattr(value, "isoformat"):
        return str(
            value.isoformat(sep=" ")
            if hasattr(value, "hour") and hasattr(value, "year")
            else value.isoformat()
        )
    if hasattr(value, "nanoseconds") and hasattr(value, "months"):
        return f"{value.months} months {value.days} days {value.nanoseconds / 1e9:g} seconds"
    return str(value)


def _distinct(names: Sequence[str]) -> list[str]:
    """Names made different by a number, ``a``, ``a_1``: objects and Parquet columns cannot share one."""
    taken = set(names)
    seen: set[str] = set()
    result = []
    for name in names:
        free = name
        if name in seen:
            free = next(n for i in range(1, len(names) + 1) if (n := f"{name}_{i}") not in taken)
        seen.add(name)
        taken.add(free)
        result.append(free)
    return result

"""Google's own GoogleSQL engine, run offline: the analyzer checks BigQuery SQL, the evaluator runs it.

The `zetasql` package is GoogleSQL compiled to WebAssembly. Three of its habits are replaced here: the module
is compiled at each start (40 to 140 s; the compiled form is cached, then a start takes about 1 s), memory is
copied byte by byte in Python (ctypes here), and the time zone is Los Angeles' (UTC here, as in BigQuery).

The evaluator is a reference implementation, quadratic in places, so tables are held to `ROW_LIMIT` rows.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import platform
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.engines.googlesql_values import arrow_type, decode, encode, type_kind, type_message, type_name

ROW_LIMIT = 500
"""The most rows a table may have in `GoogleSql.execute`."""

STACK_BYTES = 2 << 20
"""The module's stack, the most that the runtime allows: the default of 512 KiB ends 400 levels deep."""

NOT_IN_BIGQUERY = (
    "FEATURE_AGGREGATE_FILTERING",
    "FEATURE_EXPERIMENTAL_MODULES",
    "FEATURE_FOR_UPDATE",
    "FEATURE_INSERT_ON_CONFLICT_CLAUSE",
    "FEATURE_LATERAL_COLUMN_REFERENCES",
    "FEATURE_LATERAL_JOIN",
    "FEATURE_MAP_TYPE",
    "FEATURE_MULTILEVEL_AGGREGATION",
    "FEATURE_ROW_TYPE",
    "FEATURE_UUID_TYPE",
)
"""Features of GoogleSQL that BigQuery's reference does not have: switched off, so that using one raises."""

BIGQUERY_LIMITS = ("FEATURE_DISABLE_FLOAT32",)
"""Restrictions of BigQuery that GoogleSQL leaves off by default."""


class GoogleSqlError(Exception):
    """GoogleSQL refused the statement, or failed while it ran; the text is its own message."""


class GoogleSql:
    """Tables that GoogleSQL knows, to analyze statements over them and to run queries on small data.

    Args:
        tables: column types by table and column name. Types are BigQuery's (`FLOAT64`) or their usual
            synonyms (`DOUBLE`). A dot in a table name makes datasets: ``shop.orders`` is found by that path
            and, as in BigQuery, by one quoted name; the evaluator reads data only by the quoted name.

    Example:
        >>> GoogleSql({"t": {"x": "FLOAT64"}}).analyze("SELECT x > 1 AS big FROM t")
        [('big', 'BOOL')]
    """

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        self.tables = {
            table: {name: type_kind(kind) for name, kind in columns.items()}
            for table, columns in tables.items()
        }

    def analyze(self, sql: str) -> list[tuple[str, str]]:
        """The names and types of a statement's result, without running it; empty for INSERT and other DML.

        Raises:
            GoogleSqlError: the statement does not parse, or a name or a type does not resolve.
        """
        service = _service()
        request = service.pb.AnalyzeRequest(
            options=service.options, simple_catalog=self._catalog(), sql_statement=_single(sql)
        )
        answer = service.call("Analyze", request)
        return list(_output_columns(service.pb.AnalyzeResponse.DESCRIPTOR, answer, service))

    def execute(self, sql: str, data: Mapping[str, pa.Table] | None = None) -> pa.Table:
        """The result of a query over `data`, one Arrow table for each table name; a table left out is empty.

        Raises:
            GoogleSqlError: the query does not analyze, or fails while it runs (division by zero, overflow).
            ValueError: a table is unknown, has other columns than declared, or more than `ROW_LIMIT` rows.
        """
        data = data or {}
        if unknown := set(data) - set(self.tables):
            raise ValueError(f"no such table: {', '.join(sorted(unknown))}")
        service = _service()
        request = service.pb.EvaluateQueryRequest(
            options=service.options, simple_catalog=self._catalog(), sql=_single(sql)
        )
        for table, columns in self.tables.items():
            request.table_content[table].CopyFrom(_content(service, table, columns, data.get(table)))
        answer = service.pb.EvaluateQueryResponse.FromString(service.call("EvaluateQuery", request))
        kinds = [column.type for column in answer.prepared.columns]
        rows = [
            [decode(cell, kind) for cell, kind in zip(row.cell, kinds, strict=True)]
            for row in answer.content.table_data.row
        ]
        arrays = [pa.array([row[at] for row in rows], type=arrow_type(kind)) for at, kind in enumerate(kinds)]
        return pa.Table.from_arrays(arrays, names=[column.name for column in answer.prepared.columns])

    def _catalog(self) -> Any:
        """The catalog message: tables, datasets as nested catalogs, and the functions of the language."""
        service = _service()
        catalog = service.catalog_pb.SimpleCatalogProto(name="tables")
        catalog.builtin_function_options.language_options.CopyFrom(service.options.language_options)
        for table, columns in self.tables.items():
            entry = catalog.table.add(name=table)
            for column, kind in columns.items():
                type_message(entry.column.add(name=column).type, kind)
            *datasets, name = table.split(".")
            place = catalog
            for dataset in datasets:
                found = [inner for inner in place.catalog if inner.name == dataset]
                place = found[0] if found else place.catalog.add(name=dataset)
            if place is not catalog:
                copied = place.table.add()
                copied.CopyFrom(entry)
                copied.name = name
        return catalog


class _Service:
    """One instance of the WebAssembly module: requests and answers are protobuf messages."""

    def __init__(self) -> None:
        from wasmtime import Config, Engine, Linker, Store, WasiConfig
        from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2
        from zetasql.wasi._pb2.zetasql.proto import simple_catalog_pb2
        from zetasql.wasi._pb2.zetasql.public import options_pb2
        from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_pb2

        self.pb: Any = local_service_pb2
        self.catalog_pb: Any = simple_catalog_pb2
        self.resolved: Any = resolved_ast_pb2
        config = Config()
        config.shared_memory = True  # the module imports shared memory
        config.max_wasm_stack = STACK_BYTES
        engine = Engine(config)
        module = _module(engine)
        self.store = Store(engine)
        self.store.set_wasi(_wasi(WasiConfig()))
        linker = Linker(engine)
        linker.define_wasi()
        exports: Any = linker.instantiate(self.store, module).exports(self.store)
        self.exports = exports
        with contextlib.suppress(KeyError):
            exports["_initialize"](self.store)
        self.options = self._default_options(options_pb2)

    def call(self, method: str, request: Any) -> bytes:
        """The answer's bytes.

        Raises:
            GoogleSqlError: with the engine's message; or the module itself broke, then a new one is made.
        """
        from wasmtime import Trap, WasmtimeError

        try:
            return self._exchange(f"ZetaSqlLocalService_{method}", request.SerializeToString())
        except (Trap, WasmtimeError) as broken:
            _service.cache_clear()
            raise GoogleSqlError(f"the evaluator broke (too deep a statement?): {broken!r}") from broken

    def _exchange(self, function: str, payload: bytes) -> bytes:
        malloc, free = self.exports["wasm_malloc"], self.exports["wasm_free"]
        request, size = malloc(self.store, max(len(payload), 1)), malloc(self.store, 4)
        try:
            ctypes.memmove(self._address(request), payload, len(payload))
            answer = self.exports[function](self.store, request, len(payload), size)
            if not answer:
                raise GoogleSqlError(self._last_error())
            length = int.from_bytes(self._read(size, 4), "little")
            content = self._read(answer, length)
            free(self.store, answer)
            return content
        finally:
            free(self.store, request)
            free(self.store, size)

    def _address(self, pointer: int) -> int:
        """The pointer as an address of this process; the memory may move, so never kept."""
        return ctypes.addressof(self.exports["memory"].data_ptr().contents) + (pointer & 0xFFFFFFFF)

    def _read(self, pointer: int, length: int) -> bytes:
        return ctypes.string_at(self._address(pointer), length)

    def _last_error(self) -> str:
        length = self.exports["wasm_get_last_error_size"](self.store)
        text = self._read(self.exports["wasm_get_last_error"](self.store), length).decode("utf-8", "replace")
        return text.partition("Message: ")[2] or text or "no message"

    def _default_options(self, options_pb2: Any) -> Any:
        """The analyzer's options: every released feature that BigQuery has, and BigQuery's dialect."""
        from zetasql.wasi._pb2.zetasql.proto import options_pb2 as messages

        options = messages.AnalyzerOptionsProto.FromString(
            self.call("GetAnalyzerOptions", self.pb.AnalyzerOptionsRequest())
        )
        language = messages.LanguageOptionsProto.FromString(
            self.call("GetLanguageOptions", self.pb.LanguageOptionsRequest(maximum_features=True))
        )
        off = {options_pb2.LanguageFeature.Value(name) for name in NOT_IN_BIGQUERY}
        on = [options_pb2.LanguageFeature.Value(name) for name in BIGQUERY_LIMITS]
        kept = [feature for feature in language.enabled_language_features if feature not in off] + on
        del language.enabled_language_features[:]
        language.enabled_language_features.extend(kept)
        language.product_mode = options_pb2.ProductMode.Value("PRODUCT_EXTERNAL")
        del language.supported_statement_kinds[:]
        del language.reserved_keywords[:]
        language.reserved_keywords.append("QUALIFY")
        options.ClearField("allowed_hints_and_options")  # they refer to descriptors that no request carries
        options.language_options.CopyFrom(language)
        options.default_timezone = "UTC"
        options.error_message_mode = options_pb2.ErrorMessageMode.Value("ERROR_MESSAGE_ONE_LINE")
        return options


@cache
def _service() -> _Service:
    """This process's instance, made at first use, let go before the interpreter takes its library apart."""
    atexit.register(_service.cache_clear)
    return _Service()


def _wasi(config: Any) -> Any:
    """The module may read the time zone database, and write to standard error."""
    import tzdata  # type: ignore[import-untyped]

    config.inherit_stderr()
    config.preopen_dir(str(Path(tzdata.__file__).parent / "zoneinfo"), "/usr/share/zoneinfo")
    return config


def cache_file() -> Path:
    """Where the compiled module is kept: one file for each version of package and runtime."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    key = f"zetasql-{version('zetasql')}-wasmtime-{version('wasmtime')}-{platform.machine()}"
    return Path(root) / "sqlnomaly" / f"{key}.cwasm"


def _module(engine: Any) -> Any:
    """The compiled module, from the cache; compiled and cached if missing or made by another build."""
    from wasmtime import Module, WasmtimeError
    from zetasql.wasi import get_wasm_path

    path = cache_file()
    if path.exists():
        with contextlib.suppress(WasmtimeError):
            return Module.deserialize_file(engine, str(path))
    module = Module.from_file(engine, str(get_wasm_path()))
    with contextlib.suppress(OSError):  # a read-only home only costs the time of compiling again
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(module.serialize())
            os.replace(temporary, path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
    return module


def _single(sql: str) -> str:
    """The statement without its closing semicolon, which the analyzer of one statement refuses in places."""
    return sql.strip().removesuffix(";")


def _content(service: _Service, table: str, columns: Mapping[str, str], data: pa.Table | None) -> Any:
    """The rows of one table as a message, columns taken by name."""
    content = service.pb.TableContent()
    content.table_data.SetInParent()
    if data is None:
        return content
    if data.num_rows > ROW_LIMIT:
        raise ValueError(f"{table} has {data.num_rows} rows; the evaluator is held to {ROW_LIMIT}")
    if set(data.column_names) != set(columns):
        raise ValueError(f"{table} has columns {data.column_names}, declared are {list(columns)}")
    values = [data.column(name).to_pylist() for name in columns]
    for row in zip(*values, strict=True):
        cells = content.table_data.row.add().cell
        for value, kind in zip(row, columns.values(), strict=True):
            encode(cells.add(), value, kind)
    return content


def _output_columns(message: Any, content: bytes, service: _Service) -> Iterator[tuple[str, str]]:
    """The output columns inside an analyzed statement, found on the wire.

    The whole tree is not decoded: its nesting passes the 100 levels that protobuf accepts in Python.
    """
    for number, payload in _fields(content):
        field = message.fields_by_number.get(number)
        if field is None or field.message_type is None:
            continue
        if field.name == "output_column_list":
            column = service.resolved.ResolvedOutputColumnProto.FromString(payload)
            yield column.name, type_name(column.column.type)
        elif field.name == "parent" or field.name == "resolved_statement" or field.name.endswith("_node"):
            yield from _output_columns(field.message_type, payload, service)


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a protobuf message: number and payload."""
    at = 0
    while at < len(content):
        tag, at = _varint(content, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            _, at = _varint(content, at)
        elif wire == 2:
            length, at = _varint(content, at)
            yield number, content[at : at + length]
            at += length
        else:
            at += 8 if wire == 1 else 4


def _varint(content: Sequence[int], at: int) -> tuple[int, int]:
    """The number that starts at a position, and the position behind it."""
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at

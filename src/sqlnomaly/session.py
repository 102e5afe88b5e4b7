"""The front door: compile a query for any engine, or connect to one and run it there."""

from __future__ import annotations

import itertools
import os
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlnomaly.catalog.scoring import Scoring
from sqlnomaly.compiling import compile_bound
from sqlnomaly.dialects import get_dialect
from sqlnomaly.engines.base import TEMPORARY, Engine
from sqlnomaly.engines.files import STANDARD_INPUT, FileTable, check_file, file_tables, splice
from sqlnomaly.engines.registry import open_engine
from sqlnomaly.errors import BindError, EngineError, UnsupportedError, UsageError
from sqlnomaly.explaining import periods
from sqlnomaly.result import Result
from sqlnomaly.script import identifier, statements_of, table_names, type_in

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.catalog.catalog import Catalog
    from sqlnomaly.catalog.models import Models
    from sqlnomaly.install.installer import Report
    from sqlnomaly.install.pack import Pack
    from sqlnomaly.model import Model
    from sqlnomaly.prepared import Prepared
    from sqlnomaly.pushdown.bind import Schema
    from sqlnomaly.pushdown.client import ClientFit, Learned
    from sqlnomaly.pushdown.compiled import Compiled, Look, Step
    from sqlnomaly.pushdown.function import Function
    from sqlnomaly.pushdown.statements import Statement
    from sqlnomaly.verify import Verified

_numbers = itertools.count(1)


def connect(
    target: object = None,
    *,
    must_exist: bool = False,
    read_only: bool = False,
    max_rows_out: int | None = None,
) -> Session:
    """A session on an engine.

    Args:
        target: None for a DuckDB in memory; ``"duckdb:///file.db"``; ``"spark"`` for a local Spark;
            ``"postgresql://.."``, ``"snowflake://connection"``, ``"bigquery://project/dataset"``; a live connection of
            DuckDB, ADBC for PostgreSQL or Snowflake; a SparkSession, a Snowpark session or a BigQuery client.
        must_exist: whether a database file that is not there is an error; otherwise it is made.
        read_only: whether to open a database file without the right to write to it.
        max_rows_out: how many rows a fit on the client (iforest) may draw out of the engine; 0 for none, and None,
            the default, for as many as the detector says. The rows of the result are not counted.

    Raises:
        UsageError, MissingDriverError or EngineError.
    """
    engine = open_engine(target, must_exist=must_exist, read_only=read_only)
    return Session(engine, max_rows_out=max_rows_out)


class Session:
    """Compiles queries for one engine and runs them there. Use it in ``with``, or close it.

    Files are tables: ``FROM 'orders.parquet'``, with CSV, TSV and JSON too.

    Attributes:
        engine: what runs the SQL.
        standard_input: gives the file that ``FROM '-'`` reads; the command line sets it.
        max_rows_out: how many rows a fit on the client may draw out of the engine; None for any number.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        standard_input: Callable[[], Path] | None = None,
        max_rows_out: int | None = None,
    ) -> None:
        if max_rows_out is not None and (type(max_rows_out) is not int or max_rows_out < 0):
            raise UsageError(f"max_rows_out is {max_rows_out!r}", hint="a whole number of rows, or None")
        self.engine = engine
        self.max_rows_out = max_rows_out
        self.standard_input = standard_input
        self._unread = ExitStack()

    def sql(self, sql: str, read: str | None = None) -> Result:
        """Runs statements now, and gives the rows of the last one, in memory.

        Args:
            sql: one or more statements, with or without detection calls.
            read: the dialect they are written in, the engine's own if left out.

        Raises:
            SqlnomalyError: for what the compiler refuses, before anything ran; for what the engine refuses.
        """
        self._unread.close()
        *first, last = self._statements(sql, read)
        for statement in first:
            self._run(statement, read)
        return self._run(last, read)

    def stream(self, sql: str, read: str | None = None) -> pa.RecordBatchReader:
        """Runs statements now, and gives the rows of the last one batch by batch.

        The result is never in memory as a whole. The session's next statement ends a stream that is unread.
        """
        import pyarrow as pa

        self._unread.close()
        *first, last = self._statements(sql, read)
        for statement in first:
            self._run(statement, read)
        told = self._told(last, read)
        if not isinstance(told, str):
            return self._tell(told, read).arrow().to_reader()
        with ExitStack() as stack:
            text = stack.enter_context(self._files_as_tables(told, read))
            compiled = self._to_run(text, read, stack)
            *steps, last_step = compiled.steps
            self._check_leaving(steps)
            for before in steps:
                with self._step(compiled, before):
                    self._before(before, stack)
            with self._step(compiled, last_step):
                reader = self.engine.stream(last_step.sql)
            unread = self._unread = stack.pop_all()

        def batches() -> Iterator[pa.RecordBatch]:
            with unread:
                yield from reader

        stream = pa.RecordBatchReader.from_batches(reader.schema, batches())
        weakref.finalize(stream, unread.close)  # one that nobody reads, or at exit
        return stream

    def prepare(self, sql: str) -> Prepared:
        """A query with parameters that is planned once, for rows that come one by one: DuckDB only.

        Each question mark is a parameter; one that is no DOUBLE has its type by ``CAST(? AS VARCHAR)``.

        Raises:
            SqlnomalyError: for what a query would raise, and for a fit on the client.

        Example:
            >>> session = sqlnomaly.connect()
            >>> with session.prepare("SELECT ? + 1, UPPER(CAST(? AS VARCHAR))") as ask:
            ...     ask.run(2.5, "a"), ask.run(4, "b")
            ([(3.5, 'A')], [(5.0, 'B')])
        """
        from sqlnomaly.prepared import Prepared

        self._unread.close()
        return Prepared(
            self.engine, sql, lambda query, stack: self._compiled(query, None, tagged=True, stack=stack)
        )

    def compile(self, sql: str, read: str | None = None, write: str | None = None) -> Compiled:
        """The SQL that ``sql`` would run, or the same for another dialect, bound to this engine's tables.

        It is SQL alone. Over many rows a session may run it with functions of its own in the place of windows, which
        give the same scores; ``explain`` says so.
        """
        with self._files_as_tables(sql, read) as text:
            return self._compiled(text, read, write)

    def explain(self, sql: str, read: str | None = None, write: str | None = None) -> str:
        """The plan in words: steps, scans, where each runs, assumptions.

        Nothing runs, but for a detector that chooses by the rows: its sample is drawn, where rows may leave, and the
        plan says what it chooses. Of one that looks for a period the first 8,192 points of the 20 longest series are.
        """
        told = self._told(sql, read)
        from sqlnomaly.pushdown.statements import ExplainAnomaly

        sql = told.sql if isinstance(told, ExplainAnomaly) else sql
        with self._files_as_tables(sql, read) as text:
            compiled = self._compiled(text, read, write)
            if compiled.write == self.engine.dialect and self._walks(compiled):
                compiled = self._compiled(text, read, walks={})
            if not any(fit.rule or fit.seeks for fit in compiled.fits):
                return compiled.explain()
            here = compiled if compiled.write == self.engine.dialect else self._compiled(text, read)
            return compiled.explain(self._cases(here), periods(here, self._first_points))

    def _first_points(self, look: Look) -> pa.Table:
        """The points that EXPLAIN looks at."""
        from sqlnomaly.training import lower_names

        self._check_look(look.counting, "EXPLAIN", "or give the period")
        return lower_names(self.engine.run(look.sql))

    def _cases(self, compiled: Compiled) -> list[str]:
        """What the rules of detectors choose for the rows at hand, in the order of the fits that have rules."""
        from sqlnomaly.pushdown.client import ClientFit

        cases: list[str] = []
        made: list[str] = []
        for step in compiled.steps:
            if step.fit is not None:
                if isinstance(step.fit, ClientFit) and step.fit.detector.rule:
                    cases.append(self._case(step, step.fit, made))
                made.append(step.fit.given.name)
        return cases

    def _case(self, step: Step, fit: ClientFit, made: Sequence[str]) -> str:
        """What a rule chooses, where nothing has to be fitted first."""
        from sqlnomaly.training import lower_names

        if any(name in step.sql for name in made):
            return "not looked at: its rows have scores of another fit"
        try:
            self._check_leaving([step])
        except UnsupportedError as refused:
            return f"not looked at: {refused.message}"
        lines = Counter(fit.detector.chosen(lower_names(self.engine.run(step.sql)), fit))
        found = [
            f"rule {line + 1}" + (f" in {number:,} partitions" if fit.keys else "")
            for line, number in sorted(lines.items())
        ]
        return ", ".join(found) or "no row to decide by"

    def fit(
        self, query: str, *, detector: str | Sequence[str], partition_by: str | Sequence[str] = (), **options: Any
    ) -> Model:
        """Fits a model on the rows of a query: its columns are the features, but for the partition keys.

        Args:
            query: one SELECT in the engine's dialect.
            detector: the detector's name.
            partition_by: the columns whose values have a model each.
            options: the detector's parameters and those of every call, such as ``contamination``.

        Raises:
            SqlnomalyError: for what a detection call would raise; ModelError where no row has a score.
        """
        from sqlnomaly.model import Model
        from sqlnomaly.training import plan_training, run_training

        self._unread.close()
        keys = (partition_by,) if isinstance(partition_by, str) else tuple(partition_by)
        tag = f"_{os.getpid()}_{next(_numbers)}"
        with self._files_as_tables(query, None) as text:
            training = plan_training(self.engine, text, detector, options, keys, tag)
            if training.client is not None:
                self._check_leaving([training.client])
            return Model(run_training(self.engine, training, self._before))

    def models(self) -> Models:
        """The models that live in the engine, in schema ``sqlnomaly``."""
        from sqlnomaly.catalog.models import Models

        return Models(self._catalog, self.sql)

    @cached_property
    def _catalog(self) -> Catalog:
        from sqlnomaly.catalog.catalog import Catalog

        return Catalog(self.engine, self._before, self._check_leaving)

    def install(
        self,
        model: Model | None = None,
        *,
        name: str | None = None,
        schema: str | None = None,
        live: bool = False,
    ) -> Report:
        """Makes functions that any client of the engine can call, or makes them again.

        Args:
            model: a model whose functions to make; without one, the engine's native detection functions.
            name: of the model's score.
            schema: where; the current schema if left out.
            live: register the score of a forest, or of another detector that is not SQL, as a vectorized function,
                which is fast and lasts as long as the connection: DuckDB and Spark.

        Raises:
            UnsupportedError: before anything is made, where a name is taken.
            EngineError: where the engine refuses; says what is there then.
        """
        from sqlnomaly.install.installer import install, install_native
        from sqlnomaly.install.live import install_live

        if live:
            return install_live(self.engine, model, name)
        pack = self._pack(model, name, schema)
        return install(self.engine, pack, schema) if model else install_native(self.engine, pack, schema)

    def uninstall(
        self, model: Model | None = None, *, name: str | None = None, schema: str | None = None
    ) -> Report:
        """Removes what ``install`` with the same arguments made, and nothing else."""
        from sqlnomaly.install.installer import uninstall, uninstall_native

        pack = self._pack(model, name, schema)
        return uninstall(self.engine, pack) if model else uninstall_native(self.engine, pack)

    def verify(self, model: Model, *, name: str, schema: str | None = None) -> Verified:
        """Scores the model's test rows through its installed function."""
        from sqlnomaly.verify import verify

        return verify(self.engine, model.fitted, name=name, schema=schema)

    def _pack(self, model: Model | None, name: str | None, schema: str | None) -> Pack:
        from sqlnomaly.install.natives import native_pack

        if model is None:
            if name is not None:
                raise UsageError("a name belongs to a model", hint="give the model, or leave the name out")
            return native_pack(self.engine.dialect, schema)
        if name is None:
            raise UsageError("the functions of a model need a name", hint="name='fraud_score'")
        return model.pack(self.engine.dialect, name=name, schema=schema)

    def load(self, name: str, data: pa.Table) -> None:
        """Makes Arrow rows a temporary table of that name for this session."""
        self.engine.load(name, data)

    def tables(self) -> list[str]:
        """The tables that a query can read."""
        return self.engine.tables()

    def close(self) -> None:
        """Gives back what the session opened; a connection that was handed in stays open."""
        self._unread.close()
        self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _statements(self, sql: str, read: str | None) -> list[str]:
        """The statements of a script; each is compiled after those before it ran: it may need their tables."""
        from sqlnomaly.frontends import may_be_foreign
        from sqlnomaly.pushdown.compiler import parse
        from sqlnomaly.pushdown.statements import read_statement

        dialect = get_dialect(read or self.engine.dialect)
        statements = statements_of(sql, dialect.sqlglot)
        said = [read_statement(one, dialect) or may_be_foreign(one) for one in statements]
        plain = [one for one, ours in zip(statements, said, strict=True) if not ours]
        inner = [getattr(one, "query", None) or getattr(one, "sql", None) for one in said]
        # Nothing runs of a script that does not parse, what a model is fitted on included.
        for one in [sql] if len(plain) == len(statements) else [*plain, *filter(None, inner)]:
            if one is sql or not may_be_foreign(one):
                parse(one, dialect)
        return statements

    def _told(self, statement: str, read: str | None) -> Statement | str:
        """The statement about models that this is, or its SQL with our calls in the place of foreign ones."""
        from sqlnomaly.frontends import foreign
        from sqlnomaly.pushdown.statements import read_statement

        dialect = get_dialect(read or self.engine.dialect)
        # What is foreign elsewhere is the engine's own where it is at home, unless somebody says how to read it.
        at_home = read is None and self.engine.has_anomaly_sql
        own = get_dialect(self.engine.dialect)
        found = None if at_home else foreign(statement, dialect, self._catalog.described, own, self._catalog.query)
        text = found if isinstance(found, str) else statement
        return (None if isinstance(found, str) else found) or read_statement(text, dialect) or text

    def _run(self, statement: str, read: str | None) -> Result:
        told = self._told(statement, read)
        if not isinstance(told, str):
            return self._tell(told, read)
        with ExitStack() as stack:
            text = stack.enter_context(self._files_as_tables(told, read))
            compiled = self._compiled(text, read, tagged=True, stack=stack)
            if self._walks(compiled):
                return self._walked(self._compiled(text, read, tagged=True, stack=stack, walks={}), compiled)
            *steps, last = compiled.steps
            self._check_leaving(steps)
            for before in steps:
                with self._step(compiled, before):
                    self._before(before, stack)
            with self._step(compiled, last):
                return Result(self.engine.run(last.sql), sql=compiled.script if steps else last.sql)

    def _tell(self, wanted: Statement, read: str | None) -> Result:
        """Runs a statement about models."""
        from sqlnomaly.catalog import told
        from sqlnomaly.pushdown.statements import CreateModel, ExplainAnomaly, RefreshModel

        catalog = self._catalog
        if isinstance(wanted, ExplainAnomaly):
            return Result(told.plan(self.explain(wanted.sql, read)))
        if not isinstance(wanted, CreateModel | RefreshModel):
            return Result(told.answer(catalog, wanted))
        tag = f"_{os.getpid()}_{next(_numbers)}"
        if wanted.query is None:
            assert isinstance(wanted, RefreshModel), "only a refresh leaves it out"
            return Result(told.done(catalog.refresh(wanted, tag)))
        with self._files_as_tables(self._own(wanted.query, read), None) as text:
            whole = replace(wanted, query=text)
            made = catalog.create(whole, tag) if isinstance(whole, CreateModel) else catalog.refresh(whole, tag)
            return Result(told.done(made))

    def _own(self, query: str, read: str | None) -> str:
        """A query in the engine's own dialect."""
        source, target = get_dialect(read or self.engine.dialect), get_dialect(self.engine.dialect)
        if source.sqlglot == target.sqlglot:
            return query
        from sqlnomaly.pushdown.compiler import emit, parse

        return "; ".join(emit(tree, target) for tree in parse(query, source))

    @contextmanager
    def _step(self, compiled: Compiled, step: Step) -> Iterator[None]:
        """Names the step in what the engine says against it; the user's own SQL needs no naming."""
        try:
            yield
        except EngineError as error:
            if not compiled.fits:
                raise
            name = f"step {compiled.steps.index(step) + 1} of {len(compiled.steps)}, {step.name},"
            raise error.during(engine=self.engine.dialect, step=name, sql=step.sql) from None

    def _before(self, step: Step, stack: ExitStack) -> Learned | None:
        """Runs a step whose result a later one reads; the stack drops what it makes, whatever happens."""
        if step.fit is None:
            self.engine.run(step.sql)
            return None
        from sqlnomaly.training import lower_names

        learned = step.fit.learn(lower_names(self.engine.run(step.sql)))
        given = step.fit.given
        for what, function in learned.functions.items():
            stack.callback(self.engine.unregister, [given.functions[what]])
            self.engine.register(given.functions[what], function)
        stack.callback(self.engine.drop, [given.name])
        self.engine.load(given.name, learned.relation)
        return learned

    def _check_leaving(self, steps: list[Step]) -> None:
        """Refuses a statement whose fits would together draw more rows to the client than the session allows.

        Raises:
            UnsupportedError: before any row has left.
        """
        fits = [step for step in steps if step.fit is not None]
        if self.max_rows_out is None or not fits:
            return
        moved = "rows"
        if self.max_rows_out > 0:
            rows = sum(self.engine.run(step.counting).column(0)[0].as_py() for step in fits)
            if rows <= self.max_rows_out:
                return
            moved = f"{rows:,} rows"
        names = ", ".join(dict.fromkeys(step.fit.detector.name for step in fits if step.fit is not None))
        raise UnsupportedError(
            f"{names} is fitted on the client, which would move {moved} out of the engine; "
            f"max_rows_out is {self.max_rows_out:,}",
            hint="allow as many, or use a detector that is fitted in SQL, such as ecod, hbos or mahalanobis",
        )

    def _to_run(self, sql: str, read: str | None, stack: ExitStack) -> Compiled:
        """The statement compiled with windows, or with functions that walk along the rows where that is faster."""
        plain = self._compiled(sql, read, tagged=True, stack=stack)
        return self._compiled(sql, read, tagged=True, stack=stack, walks={}) if self._walks(plain) else plain

    def _walked(self, compiled: Compiled, windows: Compiled) -> Result:
        """What functions that walk along the rows give, or windows where memory does not hold lists of them."""
        try:
            return self._answer(compiled)
        except EngineError as error:
            if not self.engine.lacked_memory(error):
                raise
            with suppress(EngineError):  # of a transaction that the error has ended
                return self._answer(windows)
            raise

    def _answer(self, compiled: Compiled) -> Result:
        """What a statement of one step gives."""
        (step,) = compiled.steps
        with self._step(compiled, step):
            return Result(self.engine.run(step.sql), sql=step.sql)

    def _walks(self, plain: Compiled) -> bool:
        """Whether functions that walk along the rows would make a statement faster."""
        single = len(plain.steps) == 1 and any(fit.walks for fit in plain.fits)
        return single and self.engine.takes_walks(plain.steps[0].sql)

    def _compiled(
        self,
        sql: str,
        read: str | None,
        write: str | None = None,
        *,
        tagged: bool = False,
        stack: ExitStack | None = None,
        walks: dict[str, Function] | None = None,
    ) -> Compiled:
        own = self.engine.dialect
        source, target = get_dialect(read or own).name, get_dialect(write or own).name
        if target == own:
            # Two queries of one database may run at a time, and its functions are everybody's.
            tag = f"_{os.getpid()}_{next(_numbers)}" if tagged else ""
            scoring = Scoring(self._catalog, stack)
            compiled = compile_bound(
                sql,
                source,
                target,
                describe=self.engine.describe,
                tag=tag,
                models=scoring.find,
                look=cache(self._look),
                walks=walks,
            )
            scoring.complete()
            if stack is not None:
                for name, function in (walks or {}).items():
                    stack.callback(self.engine.unregister, [name])
                    self.engine.register(name, function)
            return compiled
        # The compiler asks in the target's words, which this engine does not read: it gets the tables.
        schema = self._schema(sql, source)
        return compile_bound(sql, source, target, schema=schema, models=self._catalog.carried)

    def _look(self, query: str, counting: str) -> tuple[tuple[str, ...], str]:
        """The slots of a season that the points of a query show, by name and in words.

        Raises:
            UnsupportedError: where so many rows may not leave.
        """
        from sqlnomaly.training import lower_names
        from sqlnomaly.udfs.found_slots import found_slots

        self._check_look(counting, "season => 'auto'", "or name the slots: season => ['dow', 'hour']")
        return found_slots(lower_names(self.engine.run(query)))

    def _check_look(self, counting: str, who: str, instead: str) -> None:
        """Refuses to look at more points than the session allows.

        Raises:
            UnsupportedError: before any row has left.
        """
        most = self.max_rows_out
        if most is None:
            return
        rows = self.engine.run(counting).column(0)[0].as_py() if most > 0 else None
        if rows is None or rows > most:
            raise UnsupportedError(
                f"{who} looks at points of a few series on the client, which would move "
                f"{'rows' if rows is None else f'{rows:,} rows'} out of the engine; max_rows_out is {most:,}",
                hint=f"allow as many, {instead}",
            )

    def _schema(self, sql: str, read: str) -> Schema:
        """The columns of the tables that the query names, their types in the words of read."""
        real = {name.lower(): name for name in self.engine.tables()}
        schema = {}
        for table in table_names(sql, get_dialect(read).sqlglot):
            if table.lower() in real:
                columns = self.engine.columns(real[table.lower()])
                schema[table] = {name: type_in(kind, self.engine.dialect, read) for name, kind in columns}
        return schema

    @contextmanager
    def _files_as_tables(self, sql: str, read: str | None) -> Iterator[str]:
        """The query with its files as relations that the engine reads, for as long as this lasts."""
        dialect = get_dialect(read or self.engine.dialect).sqlglot
        files = file_tables(sql, dialect)
        if files:
            real = {table.lower() for table in self.engine.tables()}
            files = [file for file in files if file.path.lower() not in real]
        views: dict[str, str] = {}
        try:
            yield splice(
                sql, [(file.start, file.end, self._relation(file, dialect, views)) for file in files]
            )
        finally:
            self.engine.drop(list(views.values()))

    def _relation(self, file: FileTable, dialect: str, views: dict[str, str]) -> str:
        """What stands in the query for a file: itself where the engine reads it, else a temporary view."""
        path = file.path
        if path == STANDARD_INPUT:
            if self.standard_input is None:
                raise BindError("'-' is standard input, a table only on the command line", where="'-'")
            path = str(self.standard_input())
        check_file(path)
        if self.engine.names_files and not file.dotted:
            name = "'" + path.replace("'", "''") + "'"
        else:
            if path not in views:
                views[path] = f"{TEMPORARY}file_{next(_numbers)}"
                self.engine.open_file(views[path], path)
            name = views[path]
        return name if file.aliased else f"{name} AS {identifier(file.alias, dialect)}"

"""BigQuery's REST interface on the loopback, as far as its Python client uses it, over the GoogleSQL evaluator.

The client is Google's own: `client()` gives one with anonymous credentials whose endpoint is this server. Queries are
analyzed and run by GoogleSQL, so at most 500 rows a table. CREATE, INSERT and DROP are analyzed by it and done here, on
the rows of the query in them. A function is analyzed and kept; where it is called, its body is put in its place.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from sqlglot import exp

from tests.engines.googlesql import GoogleSql, GoogleSqlError
from tests.engines.googlesql_values import arrow_of, type_kind

PROJECT, DATASET, LOCATION = "a-project", "shop", "EU"
LEAST_BILLED = 10 * 1024 * 1024
"""Bytes that the smallest query costs."""
PAGE = 100
"""The most rows of an answer."""
LEGACY = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN"}
TABLE = re.compile(r"Table not found: `?([\w.-]+)")
OPTIONS = re.compile(r"\s*OPTIONS \(description = '[^']*'\)")
"""What sqlglot does not read in the statement of a function."""

Json = dict[str, Any]


class RefusalError(Exception):
    """What the service answers instead."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        self.code, self.reason, self.message = code, reason, message
        super().__init__(message)

    def body(self) -> Json:
        """The answer."""
        error = {"message": self.message, "domain": "global", "reason": self.reason}
        return {"error": {"code": self.code, "message": self.message, "errors": [error]}}


class Job:
    """A job, its rows and what may have gone wrong."""

    def __init__(self, config: Json, number: str) -> None:
        self.config, self.number = config, number
        self.done = threading.Event()
        self.kind = ""
        self.session: str | None = None
        self.schema: list[tuple[str, str]] = []
        self.rows: pa.Table | None = None
        self.refusal: RefusalError | None = None

    def resource(self) -> Json:
        """As the service tells it."""
        kind = "load" if "load" in self.config else "query"
        statistics: Json = {"creationTime": "0", kind: {}}
        if kind == "query":
            statistics["query"] = {"statementType": self.kind, "schema": {"fields": fields(self.schema)}}
        if self.session:
            statistics["sessionInfo"] = {"sessionId": self.session}
        status: Json = {"state": "DONE" if self.done.is_set() else "RUNNING"}
        if self.refusal is not None:
            status["errorResult"] = self.refusal.body()["error"]["errors"][0]
            status["errors"] = [status["errorResult"]]
        return {
            "kind": "bigquery#job",
            "id": f"{PROJECT}:{LOCATION}.{self.number}",
            "jobReference": {"projectId": PROJECT, "jobId": self.number, "location": LOCATION},
            "configuration": self.config,
            "statistics": statistics,
            "status": status,
        }


class BigQueryPeer:
    """One project with one dataset.

    Attributes:
        tables: name -> types and rows; those of another dataset than the peer's with its name before theirs.
        schemas: the datasets that were made, with where.
        sessions: the same of each session.
        routines: name -> description.
        bodies: name -> parameters and body of a function.
        asked: the configuration of every job.
        uploads: the configurations of loads whose file came in a request of its own.
        held: whether a query that is no dry run waits until it is canceled.
    """

    def __init__(self) -> None:
        self.tables: dict[str, tuple[dict[str, str], pa.Table]] = {}
        self.schemas: dict[str, str | None] = {}
        self.sessions: dict[str, dict[str, tuple[dict[str, str], pa.Table]]] = {}
        self.routines: dict[str, str | None] = {}
        self.bodies: dict[str, tuple[list[exp.ColumnDef], exp.Expr]] = {}
        self.asked: list[Json] = []
        self.held = False
        self._jobs: dict[str, Job] = {}
        self.uploads: dict[str, Json] = {}
        self._lock = threading.Lock()
        peer = self

        class Handler(_Handler):
            service = peer

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def client(self, **options: Any) -> Any:
        """Google's client, whose default dataset is the peer's unless ``options`` say otherwise."""
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import bigquery

        default = bigquery.QueryJobConfig(default_dataset=bigquery.DatasetReference(PROJECT, DATASET))
        return bigquery.Client(
            project=PROJECT,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.url},
            **{"default_query_job_config": default, **options},
        )

    def stop(self) -> None:
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, verb: str, path: str, query: Json, body: Any, headers: Any) -> tuple[Json, dict[str, str]]:
        """The answer to a request, and headers of it."""
        parts = path.strip("/").split("/")
        if parts[0] == "upload":
            return self._upload(verb, query, body, headers)
        match (verb, *parts[4:]):
            case ("POST", "jobs"):
                return self._begin(json.loads(body)).resource(), {}
            case ("GET", "jobs", number):
                return self._jobs[number].resource(), {}
            case ("POST", "jobs", number, "cancel"):
                job = self._jobs[number]
                if not job.done.is_set():
                    job.refusal = RefusalError(400, "stopped", "Job execution was cancelled: User requested it")
                    job.done.set()
                return {"kind": "bigquery#jobCancelResponse", "job": job.resource()}, {}
            case ("GET", "queries", number):
                return self._results(self._jobs[number], query), {}
            case ("GET", "datasets", _):
                reference = {"projectId": PROJECT, "datasetId": DATASET}
                return {"id": f"{PROJECT}:{DATASET}", "datasetReference": reference, "location": LOCATION}, {}
            case ("GET", "datasets", _, "tables"):
                return {"tables": [table(name) for name in self.tables], "totalItems": len(self.tables)}, {}
            case ("GET", "datasets", _, "tables", name) if name in self.tables:
                schema = {"fields": fields(list(self.tables[name][0].items()))}
                return {**table(name), "schema": schema}, {}
            case ("GET", "datasets", dataset, "routines", name) if name in self.routines:
                reference = {"projectId": PROJECT, "datasetId": dataset, "routineId": name}
                return {"routineReference": reference, "description": self.routines[name]}, {}
        raise RefusalError(404, "notFound", f"Not found: {'/'.join(parts[5:])}")

    def _begin(self, request: Json) -> Job:
        """A query; its own thread runs it."""
        config = request["configuration"]
        self.asked.append(config)
        number = request.get("jobReference", {}).get("jobId") or str(uuid.uuid4())
        job = self._jobs[number] = Job(config, number)
        query = config["query"]
        for known in query.get("connectionProperties", ()):
            if known["key"] == "session_id" and known["value"] not in self.sessions:
                raise RefusalError(404, "notFound", f"Not found: Session {known['value']}")
            job.session = known["value"]
        if "maximumBytesBilled" in query and int(query["maximumBytesBilled"]) < LEAST_BILLED:
            least = f"{LEAST_BILLED} or higher required."
            told = f"Query exceeded limit for bytes billed: {query['maximumBytesBilled']}. {least}"
            raise RefusalError(400, "bytesBilledLimitExceeded", told)
        job.kind, job.schema = self._analyzed(query["query"], query, job.session)
        if config.get("dryRun"):
            job.done.set()
        elif not self.held:
            threading.Thread(target=self._work, args=(job,), daemon=True).start()
        return job

    def _work(self, job: Job) -> None:
        try:
            self._run(job, job.config["query"]["query"])
        except Exception as error:  # noqa: BLE001  (a job that never ends is waited for)
            job.refusal = RefusalError(400, "invalidQuery", worded(error))
        job.done.set()

    def _run(self, job: Job, sql: str) -> None:
        if job.kind == "SELECT":
            job.rows = self._executed(sql, job)
        elif job.kind == "CALL":
            del self.sessions[str(job.session)]
        elif job.kind == "CREATE_SCHEMA":
            made = re.search(r"EXISTS (\w+)", sql)
            assert made is not None, sql
            place = re.search(r"location='(\w+)'", sql)
            self.schemas.setdefault(made[1], place[1] if place else None)
        elif job.kind.startswith("DROP"):
            name = path_of(sql)
            if job.kind == "DROP_TABLE":
                self.tables.pop(name, None)
                self.sessions.get(str(job.session), {}).pop(name.rpartition(".")[2], None)
            else:
                self.routines.pop(name.rpartition(".")[2], None)
        elif job.kind in ("CREATE_FUNCTION", "CREATE_PROCEDURE"):
            path = re.search(r"(?:FUNCTION|PROCEDURE)\s+([\w`.-]+)", sql)
            told = re.search(r"description = '(.*?)'", sql)
            assert path is not None
            kept = path[1].replace("`", "").rpartition(".")[2]
            self.routines[kept] = told[1] if told else None
            if job.kind == "CREATE_FUNCTION":
                read = sqlglot.parse_one(OPTIONS.sub("", sql), read="bigquery")
                self.bodies[kept] = (read.this.expressions, read.expression)
        elif job.kind == "CREATE_TABLE":
            columns = sqlglot.parse_one(sql, read="bigquery").find_all(exp.ColumnDef)
            types = {column.name: column.args["kind"].sql("bigquery") for column in columns}
            self._make(path_of(sql), types, None)
        else:
            tree = sqlglot.parse_one(sql, read="bigquery")
            query = rows_of(tree.expression).sql(dialect="bigquery")
            rows = self._executed(query, job)
            if job.kind == "INSERT":
                columns = [part.name for part in tree.this.expressions] if isinstance(tree.this, exp.Schema) else None
                types, before = self.tables[path_of(sql)]
                rows = rows.rename_columns(columns or list(types)).select(list(types)).cast(before.schema)
                self.tables[path_of(sql)] = (types, pa.concat_tables([before, rows]))
            else:
                self._make(path_of(sql), dict(self._sql(job).analyze(query)), rows)

    def _make(self, name: str, types: dict[str, str], rows: pa.Table | None) -> None:
        dataset = name.rpartition(".")[0]
        if dataset and dataset not in self.schemas:
            raise RefusalError(404, "notFound", f"Not found: Dataset {PROJECT}:{dataset} was not found in location EU")
        if rows is None:
            schema = pa.schema([(column, arrow_of(type_kind(kind))) for column, kind in types.items()])
            if name in self.tables:
                return
            rows = schema.empty_table()
        self.tables[name] = (types, rows)

    def _analyzed(self, sql: str, query: Json, session: str | None) -> tuple[str, list[tuple[str, str]]]:
        """Kind and columns of a statement."""
        words = re.sub(r"--.*|/\*.*?\*/", " ", sql, flags=re.DOTALL if "/*" in sql else 0).upper().split()
        kind = {"WITH": "SELECT", "(SELECT": "SELECT"}.get(words[0], words[0]) if words else ""
        if kind in ("CREATE", "DROP"):
            (what,) = [word for word in words if word in ("TABLE", "FUNCTION", "PROCEDURE", "SCHEMA")][:1]
            kind = f"{kind}_{what}" + ("_AS_SELECT" if kind == "CREATE" and what == "TABLE" and "AS" in words else "")
        if kind in ("CALL", "DROP_TABLE"):
            return kind, []
        job = Job({"query": query}, "")
        job.session = session
        try:
            columns = self._sql(job).analyze(sql if kind == "CREATE_PROCEDURE" else self._inlined(sql))
        except GoogleSqlError as error:
            if found := TABLE.search(str(error)):
                path = f"{PROJECT}:{DATASET}.{found[1].rpartition('.')[2]}"
                raise RefusalError(404, "notFound", f"Not found: Table {path} was not found in location EU") from None
            raise RefusalError(400, "invalidQuery", worded(error)) from None
        return kind, columns if kind == "SELECT" else []

    def _visible(self, job: Job) -> dict[str, tuple[dict[str, str], pa.Table]]:
        """What a query sees: by its own name where it is of the default dataset or of the session."""
        qualified = {name if "." in name else f"{DATASET}.{name}": found for name, found in self.tables.items()}
        own = {name: found for name, found in self.tables.items() if "." not in name}
        plain = own if "defaultDataset" in job.config["query"] else {}
        return {**qualified, **plain, **self.sessions.get(str(job.session), {})}

    def _sql(self, job: Job) -> GoogleSql:
        return GoogleSql({name: types for name, (types, _) in self._visible(job).items()})

    def _executed(self, sql: str, job: Job) -> pa.Table:
        visible = self._visible(job)
        used = {name: rows for name, (_, rows) in visible.items() if name in sql}
        # Data is found by the quoted path only.
        datasets = "|".join([DATASET, *self.schemas])
        quoted = re.sub(rf"(?<![\w`])({datasets})\.(\w+)", r"`\1.\2`", self._inlined(sql))
        with self._lock:
            return GoogleSql({name: visible[name][0] for name in used}).execute(quoted, used)

    def _inlined(self, sql: str) -> str:
        """The statement with the bodies of functions where they are called."""
        if not any(re.search(rf"\b{name}`?\(", sql) for name in self.bodies):
            return sql

        def body(node: exp.Expr) -> exp.Expr:
            call = node.expression if isinstance(node, exp.Dot) else node
            if not isinstance(call, exp.Anonymous) or call.name not in self.bodies:
                return node
            parameters, text = self.bodies[call.name]
            given = {
                part.name: exp.cast(value.transform(body), part.args["kind"])
                for part, value in zip(parameters, call.expressions, strict=True)
            }
            filled = text.transform(
                lambda part: given[part.name].copy() if isinstance(part, exp.Column) and part.name in given else part
            )
            return exp.paren(filled.transform(body))

        return sqlglot.parse_one(OPTIONS.sub("", sql), read="bigquery").transform(body).sql(dialect="bigquery")

    def _results(self, job: Job, query: Json) -> Json:
        if not job.done.wait(min(float(query.get("timeoutMs", 1000)) / 1000, 0.2)):
            return {"jobReference": job.resource()["jobReference"], "jobComplete": False}
        if job.refusal is not None:
            raise job.refusal
        rows = job.rows.to_pylist() if job.rows is not None else []
        start = int(query.get("pageToken") or query.get("startIndex") or 0)
        page = rows[start : start + min(int(query.get("maxResults", PAGE)), PAGE)]
        answer: Json = {
            "kind": "bigquery#getQueryResultsResponse",
            "jobReference": job.resource()["jobReference"],
            "schema": {"fields": fields(job.schema)},
            "totalRows": str(len(rows)),
            "jobComplete": True,
        }
        if page:
            answer["rows"] = [{"f": [{"v": told(value)} for value in row.values()]} for row in page]
        if page and start + len(page) < len(rows):
            answer["pageToken"] = str(start + len(page))
        return answer

    def _upload(self, verb: str, query: Json, body: bytes, headers: Any) -> tuple[Json, dict[str, str]]:
        """A load job: its file in one request with the configuration, or in the next one."""
        if verb == "POST" and query["uploadType"] == "resumable":
            number = str(uuid.uuid4())
            self.uploads[number] = json.loads(body)
            place = f"{self.url}/upload/bigquery/v2/projects/{PROJECT}/jobs"
            return {}, {"Location": f"{place}?uploadType=resumable&id={number}"}
        if verb == "PUT":
            return self._loaded(self.uploads[query["id"]], body).resource(), {}
        mark = re.search(r'boundary="?([^";]+)', headers["Content-Type"])
        assert mark is not None
        _, first, second, _ = body.split(b"--" + mark[1].encode(), 3)
        request = json.loads(first.split(b"\r\n\r\n", 1)[1])
        return self._loaded(request, second.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")).resource(), {}

    def _loaded(self, request: Json, file: bytes) -> Job:
        config = request["configuration"]
        self.asked.append(config)
        load = config["load"]
        job = Job(config, request.get("jobReference", {}).get("jobId") or str(uuid.uuid4()))
        self._jobs[job.number] = job
        types = {field["name"]: field["type"] for field in load["schema"]["fields"]}
        given = [one["value"] for one in load.get("connectionProperties", ()) if one["key"] == "session_id"]
        if load["destinationTable"]["datasetId"] != "_SESSION" or bool(given) == bool(load.get("createSession")):
            raise RefusalError(400, "invalid", "a temporary table is of one session")
        job.session = given[0] if given else str(uuid.uuid4())
        place = self.sessions.setdefault(job.session, {})
        place[load["destinationTable"]["tableId"]] = (types, pq.read_table(io.BytesIO(file)))
        job.done.set()
        return job


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    service: BigQueryPeer

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """Reads something."""
        self._answer("GET")

    def do_POST(self) -> None:
        """Makes something."""
        self._answer("POST")

    def do_PUT(self) -> None:
        """Takes a file."""
        self._answer("PUT")

    def _answer(self, verb: str) -> None:
        address = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        code, headers = 200, {}
        try:
            content, headers = self.service.answer(verb, address.path, query, body, self.headers)
        except RefusalError as refusal:
            code, content = refusal.code, refusal.body()
        except Exception as error:  # noqa: BLE001  (a server that breaks is asked again and again)
            told = f"the peer cannot do this: {type(error).__name__}: {error}"
            code, content = 400, RefusalError(400, "invalid", told).body()
        text = json.dumps(content).encode()
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)


def path_of(sql: str) -> str:
    """The table that a statement makes, fills or drops, with its dataset if it is another one than the peer's."""
    found = sqlglot.parse_one(OPTIONS.sub("", sql), read="bigquery").find(exp.Table)
    assert found is not None, sql
    return found.name if found.db in ("", DATASET, "_SESSION") else f"{found.db}.{found.name}"


def rows_of(source: exp.Expr) -> exp.Expr:
    """The query of a statement; the rows of VALUES, which GoogleSQL has in INSERT alone, as one."""
    if not isinstance(source, exp.Values):
        return source
    rows = [exp.select(*(value.copy() for value in row.expressions)) for row in source.expressions]
    every: exp.Query = rows[0]
    for row in rows[1:]:
        every = every.union(row, distinct=False)
    return every


def worded(error: Exception) -> str:
    """GoogleSQL's message as BigQuery has it, the place without the word in the brackets."""
    return re.sub(r"\s+\[at (\d+:\d+)\]\s*$", r" at [\1]", str(error))


def table(name: str) -> Json:
    """A table in a list."""
    reference = {"projectId": PROJECT, "datasetId": DATASET, "tableId": name}
    return {"kind": "bigquery#table", "id": f"{PROJECT}:{DATASET}.{name}", "tableReference": reference, "type": "TABLE"}


def fields(columns: list[tuple[str, str]]) -> list[Json]:
    """A schema in the service's old names of types."""
    return [{"name": name, "type": LEGACY.get(kind, kind), "mode": "NULLABLE"} for name, kind in columns]


def told(value: Any) -> str | None:
    """A value as the service's JSON has it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and abs(value) == float("inf"):
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            return value.isoformat()
        return str((value - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1))
    return str(value)

"""Spark through Spark Connect as an engine of the matrix."""

from __future__ import annotations

from sqlnomaly.session import Session
from tests.conformance.datasets import DataSet
from tests.conformance.runner import Runner, Statement, by_session, verdicts
from tests.engines.connect import ConnectServer
from tests.reference.judge import Verdict


class OnConnect(Runner):
    """A session without a JVM of its own; types come from the schema."""

    name = "connect"
    dialect = "spark"

    ASKED = ("gaussian", "timestamptz", "words")
    """The data sets that are asked about: each table is a round trip."""

    def __init__(self) -> None:
        from sqlnomaly.engines.spark import Spark

        self._server = ConnectServer()
        self.engine = Spark.around(self._server.session())

    def load(self, data: DataSet) -> None:
        if data.name in self.ASKED:
            self.engine.load(data.name, data.table)

    def answers(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        if statement.sql is None:
            return by_session(Session(self.engine), statement)
        return verdicts(self.engine.run(statement.sql), statement.asked)

    def close(self) -> None:
        self._server.close()

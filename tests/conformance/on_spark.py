"""Spark as an engine of the matrix."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, cast

from sqlnomaly.engines import Engine
from sqlnomaly.session import Session
from tests.conformance.datasets import DataSet
from tests.conformance.runner import Runner, Statement, by_session, verdicts
from tests.reference.judge import Verdict


class OnSpark(Runner):
    """A Spark session of its own settings in the shared JVM; types come from the schema."""

    name = "spark"

    SETTINGS: Mapping[str, str] = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.lightweightPlanChangeValidation": "false",
    }
    """Small tables: planning and compiling of Java code take the time, not the rows."""
    JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    """No second compiler and no parallel collector: a JVM that lives for minutes does not win them back."""

    def __init__(self) -> None:
        from pyspark.sql import SparkSession

        from sqlnomaly.engines.spark import Spark

        before = os.environ.get("JAVA_TOOL_OPTIONS")
        os.environ["JAVA_TOOL_OPTIONS"] = " ".join(filter(None, (before, self.JAVA)))
        try:
            self._owner = Spark.open()
        finally:
            if before is None:
                del os.environ["JAVA_TOOL_OPTIONS"]
            else:
                os.environ["JAVA_TOOL_OPTIONS"] = before
        self._shared = cast(Any, SparkSession.getActiveSession())
        session = self._shared.newSession()
        for name, value in self.SETTINGS.items():
            session.conf.set(name, value)
        self.engine = Spark.around(session)

    def load(self, data: DataSet) -> None:
        self.engine.load(data.name, data.table)
        self._shared.createDataFrame([(1,)], "one INT")  # what made a frame last is the active session

    def answers(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        return self.by(self.engine, statement)

    def by(self, engine: Engine, statement: Statement) -> dict[int, Verdict]:
        """The verdicts from one of its sessions."""
        if statement.sql is None:
            return by_session(Session(engine), statement)
        return verdicts(engine.run(statement.sql), statement.asked)

    def by_default(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        """The verdicts from a session with Spark's own settings."""
        from sqlnomaly.engines.spark import Spark

        usual = Spark.around(self._shared)
        usual.load(data.name, data.table)
        try:
            return self.by(usual, statement)
        finally:
            usual.drop([data.name])

    def close(self) -> None:
        self._owner.close()

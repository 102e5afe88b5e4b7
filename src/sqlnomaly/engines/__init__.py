"""The engines that run SQL: one file each, the only place that imports a driver."""

from sqlnomaly.engines.base import Engine
from sqlnomaly.engines.registry import open_engine

__all__ = ["Engine", "open_engine"]

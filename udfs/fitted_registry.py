"""The detectors of fitted estimators by name: a kept model names them, a query cannot."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.udfs.fitted_centres import FittedAxes, FittedNearest
from sqlnomaly.udfs.fitted_forest import FittedForest
from sqlnomaly.udfs.fitted_gaussian import FittedEllipse, FittedMixture
from sqlnomaly.udfs.fitted_kernel import FittedKernel
from sqlnomaly.udfs.fitted_neighbors import FittedDensity, FittedNeighbors
from sqlnomaly.udfs.fitted_steps import FittedCuts, FittedSteps

CARRIED: Mapping[str, type[Detector]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            FittedEllipse,
            FittedMixture,
            FittedKernel,
            FittedNearest,
            FittedAxes,
            FittedSteps,
            FittedCuts,
            FittedForest,
            FittedNeighbors,
            FittedDensity,
        )
    }
)

"""The detectors, by name: ours, and those that other packages announce."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from sqlnomaly.pushdown.contract import Detector, Registry
from sqlnomaly.udfs.abod import Abod
from sqlnomaly.udfs.arima import Arima
from sqlnomaly.udfs.auto import Auto
from sqlnomaly.udfs.autoencoder import Autoencoder
from sqlnomaly.udfs.avf import Avf
from sqlnomaly.udfs.benford import Benford
from sqlnomaly.udfs.cblof import Cblof
from sqlnomaly.udfs.change_point import ChangePoint
from sqlnomaly.udfs.cof import Cof
from sqlnomaly.udfs.copod import Copod
from sqlnomaly.udfs.copula_mcd import CopulaMcd
from sqlnomaly.udfs.correlation_break import CorrelationBreak
from sqlnomaly.udfs.cusum import Cusum
from sqlnomaly.udfs.double_mad import DoubleMad
from sqlnomaly.udfs.duplicates import Duplicates
from sqlnomaly.udfs.ecod import Ecod
from sqlnomaly.udfs.ensemble import Ensemble
from sqlnomaly.udfs.esd import Esd
from sqlnomaly.udfs.ewma import Ewma
from sqlnomaly.udfs.extended_iforest import ExtendedIsolationForest
from sqlnomaly.udfs.feature_bagging import FeatureBagging
from sqlnomaly.udfs.flatline import Flatline
from sqlnomaly.udfs.gap import Gap
from sqlnomaly.udfs.gmm import Gmm
from sqlnomaly.udfs.grubbs import Grubbs
from sqlnomaly.udfs.half_space_trees import HalfSpaceTrees
from sqlnomaly.udfs.hbos import Hbos
from sqlnomaly.udfs.holt_winters import HoltWinters
from sqlnomaly.udfs.iforest import IsolationForest
from sqlnomaly.udfs.inne import Inne
from sqlnomaly.udfs.iqr import Iqr
from sqlnomaly.udfs.kde import Kde
from sqlnomaly.udfs.kmeans import Kmeans
from sqlnomaly.udfs.knn import Knn
from sqlnomaly.udfs.loda import Loda
from sqlnomaly.udfs.lof import Lof
from sqlnomaly.udfs.mad import Mad
from sqlnomaly.udfs.mahalanobis import Mahalanobis
from sqlnomaly.udfs.matrix_profile import MatrixProfile
from sqlnomaly.udfs.mcd import Mcd
from sqlnomaly.udfs.ocsvm import Ocsvm
from sqlnomaly.udfs.page_hinkley import PageHinkley
from sqlnomaly.udfs.pca import Pca
from sqlnomaly.udfs.percentile import Percentile
from sqlnomaly.udfs.pyod_detector import PREFIX, pyod_detectors
from sqlnomaly.udfs.pyod_table import REFUSED
from sqlnomaly.udfs.rare_pairs import RarePairs
from sqlnomaly.udfs.rare_values import RareValues
from sqlnomaly.udfs.ratio_drift import RatioDrift
from sqlnomaly.udfs.rrcf import RobustRandomCutForest
from sqlnomaly.udfs.sampling import Sampling
from sqlnomaly.udfs.seasonal import Seasonal
from sqlnomaly.udfs.seasonal_esd import SeasonalEsd
from sqlnomaly.udfs.series_decompose import SeriesDecompose
from sqlnomaly.udfs.sos import Sos
from sqlnomaly.udfs.spectral_residual import SpectralResidual
from sqlnomaly.udfs.stl import Mstl, Stl
from sqlnomaly.udfs.sub_knn import SubKnn
from sqlnomaly.udfs.sub_pca import SubPca
from sqlnomaly.udfs.zscore import Zscore

BUILT_IN: tuple[type[Detector], ...] = (
    Zscore,
    Mad,
    Iqr,
    Mahalanobis,
    Hbos,
    Ecod,
    Copod,
    Ewma,
    IsolationForest,
    Avf,
    RareValues,
    RarePairs,
    Knn,
    Lof,
    Cof,
    Abod,
    Kde,
    Sampling,
    Sos,
    Loda,
    ExtendedIsolationForest,
    HalfSpaceTrees,
    Inne,
    RobustRandomCutForest,
    FeatureBagging,
    Ensemble,
    Percentile,
    DoubleMad,
    Grubbs,
    Pca,
    Mcd,
    Gmm,
    Kmeans,
    Cblof,
    Ocsvm,
    Autoencoder,
    CopulaMcd,
    Auto,
    Esd,
    Benford,
    Duplicates,
    RatioDrift,
    SeriesDecompose,
    HoltWinters,
    Arima,
    Stl,
    Mstl,
    SpectralResidual,
    ChangePoint,
    SeasonalEsd,
    SubKnn,
    SubPca,
    MatrixProfile,
    Cusum,
    Flatline,
    Gap,
    CorrelationBreak,
    PageHinkley,
    Seasonal,
)


@cache
def detectors() -> Registry:
    """Every detector by its registry name: ours, PyOD's, and those of the entry points ``sqlnomaly.detectors``.

    Example:
        >>> sorted(detectors())[:2]
        ['abod', 'arima']
    """
    found = {detector.name: detector for detector in BUILT_IN} | dict(pyod_detectors())
    for point in entry_points(group="sqlnomaly.detectors"):
        detector = point.load()
        found.setdefault(detector.name, detector)
    return Registry(found, {PREFIX + name.lower(): said for name, said in REFUSED.items()})

"""One-class support vectors over random cosines: the quadratic program, and the numbers that stand for a kernel."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from sqlnomaly.udfs.splitmix import normals

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

STEPS = 100
"""Steps to the solution, at most; ten to thirty are needed."""
EXACT = 1e-15
"""The mean product of a weight and its price at which the steps end."""
LOST = 1e3
"""How many times the smallest error another may be."""
SHORT = 0.995
"""How much of the way to the nearest bound a step goes."""


def frequencies(features: int, components: int, random_state: int) -> Matrix:
    """Directions of which every one looks normal and those of a block are orthogonal, shape (components, features).

    Yu, Suresh, Choromanski, Holtmann-Rice and Kumar, Orthogonal Random Features (2016), doi:10.48550/arXiv.1610.09072:
    the sums over them stray less from the kernel than with independent ones. Block b of as many directions as features
    is the SplitMix64 stream b + 1: standard normal numbers, made orthogonal in their order (Gram and Schmidt) and given
    their lengths back.
    """
    found = np.empty((components, features))
    for number, first in enumerate(range(0, components, features)):
        drawn = normals(random_state, number + 1, (features, features))
        triangle, upper = np.linalg.qr(drawn.T)
        block = (triangle * np.where(np.diag(upper) < 0.0, -1.0, 1.0)).T
        lengths = np.sqrt(np.square(drawn).sum(axis=1, keepdims=True))
        found[first : first + features] = (block * lengths)[: components - first]
    return found


def waves(rows: Matrix, directions: Matrix) -> Matrix:
    """Cosines, then sines, shape (rows, 2 * components): inner products are nearly exp(-distance^2 / 2).

    Rahimi and Recht, Random Features for Large-Scale Kernel Machines (2007).
    """
    angles = rows @ directions.T
    found: Matrix = np.hstack([np.cos(angles), np.sin(angles)]) / math.sqrt(len(directions))
    return found


@dataclass(frozen=True, slots=True)
class _Inside:
    """A place between the bounds.

    Attributes:
        weight: of each point, 0 to 1 / nu; on average 1.
        room: what it may grow by.
        low, high: the prices of both bounds.
        rho: the price of the average.
    """

    weight: Vector
    room: Vector
    low: Vector
    high: Vector
    rho: float

    def moved(self, step: _Inside, share: float) -> _Inside:
        """So much of a step on."""
        return _Inside(
            self.weight + share * step.weight,
            self.room + share * step.room,
            self.low + share * step.low,
            self.high + share * step.high,
            self.rho + share * step.rho,
        )

    @property
    def gap(self) -> float:
        """The mean product of a distance from a bound and its price."""
        return float(self.weight @ self.low + self.room @ self.high) / (2 * len(self.weight))

    def reach(self, step: _Inside) -> float:
        """How much of a step keeps everything above 0."""
        pairs = [(getattr(self, name), getattr(step, name)) for name in ("weight", "room", "low", "high")]
        shares = [float((-held[down] / change[down]).min()) for held, change in pairs if (down := change < 0.0).any()]
        return min(shares, default=1.0)


def one_class(points: Matrix, nu: float) -> tuple[Vector, float]:
    """The plane w . p = rho that has all but a share nu of the points beyond it, as far from 0 as can be.

    Schoelkopf, Platt, Shawe-Taylor, Smola and Williamson (2001), doi:10.1162/089976601750264965. The dual, to make
    |w|^2 small for w = sum b_i p_i / n with 0 <= b_i <= 1 / nu and a mean b of 1, is solved by the predictor and
    corrector of Mehrotra (1992), doi:10.1137/0802028. Each step solves as many equations as a point has numbers, and
    the end does not depend on the order of the points. With a nu of 1 there is nothing to solve: every b is 1.

    Args:
        points: shape (points, numbers).
        nu: more than 0, at most 1.

    Returns:
        w and rho.

    Example:
        >>> plane, rho = one_class(np.array([[1.0], [2.0], [3.0], [4.0], [5.0]]), 0.5)
        >>> plane.round(6).tolist(), round(rho, 6)
        ([1.8], 5.4)
    """
    count = len(points)
    if nu >= 1.0:
        plane = points.mean(axis=0)
        return plane, offset(points @ plane, 1.0)
    most = min(1.0 / nu, 2.0 * count)  # a weight is at most the number of points
    ones = np.ones(count)
    size = max(float(np.square(points).sum(axis=1).mean()), 1e-300)
    at = _Inside(ones, ones * (most - 1.0), ones * size, ones * size, 0.0)
    best, least = at, math.inf
    for _ in range(STEPS):
        slope = points @ (points.T @ at.weight) / count - at.rho - at.low + at.high
        short = at.weight + at.room - most
        error = math.sqrt(at.gap * size) + float(np.abs(slope).max())
        if error < least:
            best, least = at, error
        # Near the end the prices outgrow the digits of the slope, which grows again: the best place is behind.
        if at.gap < EXACT * size or error > LOST * least:
            break
        newton = _Newton(points, at, slope, short)
        ahead = newton.step(-at.weight * at.low, -at.room * at.high)
        reach = min(1.0, at.reach(ahead))
        target = at.gap * (at.moved(ahead, reach).gap / at.gap) ** 3
        step = newton.step(
            target - at.weight * at.low - ahead.weight * ahead.low,
            target - at.room * at.high - ahead.room * ahead.high,
        )
        share = min(1.0, SHORT * at.reach(step))
        at = at.moved(step, share)
    plane = points.T @ best.weight / count
    return plane, offset(points @ plane, nu)


def offset(heights: Vector, nu: float) -> float:
    """The rho that fits a plane best: so large a share of the heights lies below, the middle where there is a choice.

    At a share of 1 it is the largest height, the least that fits.

    Example:
        >>> offset(np.array([4.0, 1.0, 3.0, 2.0]), 0.5)
        2.5
        >>> offset(np.array([4.0, 1.0, 3.0, 2.0]), 1.0)
        4.0
    """
    ordered = np.sort(heights)
    place = nu * len(ordered)
    below = round(place)
    if abs(place - below) < 1e-9 * len(ordered) and 0 < below < len(ordered):
        return float(ordered[below - 1] + ordered[below]) / 2.0
    return float(ordered[min(math.ceil(place), len(ordered)) - 1])


class _Newton:
    """The linear equations of a step from a place."""

    def __init__(self, points: Matrix, at: _Inside, slope: Vector, short: Vector) -> None:
        self.at, self.slope, self.short = at, slope, short
        self.root = np.sqrt(at.low / at.weight + at.high / at.room)
        self.turned = points / (math.sqrt(len(points)) * self.root[:, np.newaxis])
        stacked = np.vstack([self.turned, np.eye(points.shape[1])])
        self.factor: Matrix = np.asarray(np.linalg.qr(stacked, mode="r"), np.float64)
        self.by_ones = self._solved(np.ones(len(points)))

    def _solved(self, right: Vector) -> Vector:
        """(root^2 + P P' / n)^-1 right, by Woodbury's identity."""
        scaled = right / self.root
        half = solve_triangular(self.factor, self.turned.T @ scaled, trans="T")
        inner = solve_triangular(self.factor, half)
        found: Vector = (scaled - self.turned @ inner) / self.root
        return found

    def step(self, low: Vector, high: Vector) -> _Inside:
        """The step that changes the products of weight and price, and of room and price, by so much."""
        at = self.at
        right = -self.slope + low / at.weight - (high + at.high * self.short) / at.room
        found = self._solved(right)
        off = float(at.weight.sum() - len(at.weight))
        rho = (-off - float(found.sum())) / float(self.by_ones.sum())
        weight = found + rho * self.by_ones
        room = -self.short - weight
        return _Inside(weight, room, (low - at.low * weight) / at.weight, (high - at.high * room) / at.room, rho)

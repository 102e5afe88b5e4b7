"""The histogram of a model's scores: shares that add up, a marked threshold, and characters that the terminal has."""

from __future__ import annotations

import pytest

from sqlnomaly.catalog.distribution import Distribution
from sqlnomaly.cli.picture import picture

EVEN = tuple(float(number) for number in range(101))
"""As many scores between two whole numbers as between any others."""


def test_the_bars_hold_every_row_once() -> None:
    steep, level = tuple(2.0**number for number in range(101)), (0.0,) * 90 + tuple(map(float, range(11)))
    for quantiles in (EVEN, steep, level, (1.0,) * 101):
        assert sum(bar.share for bar in Distribution(1_000, quantiles).bars()) == pytest.approx(1.0)


def test_rows_of_one_score_stay_in_one_bar() -> None:
    bars = Distribution(1_000, (0.0,) * 51 + (10.0,) * 50).bars(4)
    assert [round(bar.share, 3) for bar in bars] == [0.503, 0.003, 0.003, 0.493]


@pytest.mark.parametrize(
    ("rows", "threshold", "above"),
    [
        (1_001, 90.0, (91, 100)),
        (101, 90.0, (10, 10)),
        (101, 90.5, (10, 10)),
        (51, 99.5, (1, 1)),
        (1_001, 100.0, (0, 0)),
        (1_001, -1.0, (1_001, 1_001)),
        (1_001, None, (0, 0)),
    ],
)
def test_rows_above_the_threshold_are_counted_as_far_as_quantiles_can(
    rows: int, threshold: float | None, above: tuple[int, int]
) -> None:
    assert Distribution(rows, EVEN, threshold).above() == above


def test_the_picture_is_ascii_where_it_must_be() -> None:
    lines = [line.plain for line in picture(Distribution(1_001, EVEN, 98.0), plain=True, width=60)]
    assert lines == [
        "scores of 1,001 fitted rows, by the 101 quantiles that are kept",
        "    0 ..  8.25  ################    8.2 %",
        " 8.25 ..  16.5  ################    8.2 %",
        " 16.5 .. 24.75  ################    8.2 %",
        "24.75 ..    33  ################    8.2 %",
        "   33 .. 41.25  ################    8.2 %",
        "41.25 ..  49.5  ################    8.2 %",
        " 49.5 .. 57.75  ################    8.2 %",
        "57.75 ..    66  ################    8.2 %",
        "   66 .. 74.25  ################    8.2 %",
        "74.25 ..  82.5  ################    8.2 %",
        " 82.5 .. 90.75  ################    8.2 %",
        "90.75 ..    99  ################    8.2 %  <- threshold 98",
        "   99 ..   100  ##                  1.0 %",
        "above the threshold 98: 11 to 20 of the fitted rows, 1.1 to 2 %",
    ]
    assert "\n".join(lines).isascii()


def test_the_picture_has_eighths_of_a_cell_on_a_terminal() -> None:
    lines = [line.plain for line in picture(Distribution(1_001, EVEN, 98.0), plain=False, width=61)]
    assert lines[-3:-1] == [
        "90.75 ..    99  █████████████████    8.2 %  ◄ threshold 98",
        "   99 ..   100  ██                   1.0 %",
    ]


@pytest.mark.parametrize(
    ("threshold", "marked", "verdict"),
    [
        (None, [], "the model has no threshold that is a number"),
        (100.0, [13], "above the threshold 100: none of the fitted rows"),
        (150.0, [], "above the threshold 150: none of the fitted rows"),
        (-2.0, [], "above the threshold -2: 1,001 of the fitted rows, 100 %"),
    ],
)
def test_a_threshold_is_marked_where_the_scores_have_it(
    threshold: float | None, marked: list[int], verdict: str
) -> None:
    lines = [line.plain for line in picture(Distribution(1_001, EVEN, threshold), plain=True)]
    assert [number for number, line in enumerate(lines) if "<-" in line] == marked
    assert lines[-1] == verdict


def test_a_line_of_the_picture_fits_a_narrow_terminal() -> None:
    lines = picture(Distribution(1_001, EVEN, 98.0), plain=False, width=70)
    assert max(len(line.plain) for line in lines[1:-1]) <= 70

"""Pictures: what is drawn is the column, each anomaly has a marker, and what cannot be drawn is said."""

from __future__ import annotations

import datetime as dt
import io
import os
import subprocess
import sys
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import matplotlib
import numpy as np
import pyarrow as pa
import pytest
from matplotlib.axes import Axes
from matplotlib.dates import num2date
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from typer.testing import CliRunner

import sqlnomaly
from docs.picture import PICTURE, write
from sqlnomaly import MissingDriverError, Result, SqlnomalyError, UsageError
from sqlnomaly.cli import app
from sqlnomaly.plotting.thin import MOST, runs, segments, thinned, usual_step

pytestmark = pytest.mark.duckdb

DAYS = [dt.date(2025, 3, 1) + dt.timedelta(days=n) for n in range(10)]
VALUES = [10.0, 11.0, 9.0, 10.5, 60.0, 61.0, 10.2, 9.8, 90.0, 10.1]
ODD = [value > 50 for value in VALUES]
ROOT = Path(__file__).parent.parent


def drawn(columns: dict[str, Any], **asked: Any) -> Figure:
    """The picture of a table, laid out and rendered once, so that what fails only then fails here."""
    figure = Result(pa.table(columns)).plot(**asked)
    figure.savefig(io.BytesIO(), format="png")
    return figure


def artist(axes: Axes, label: str) -> Any:
    """The one artist with that label."""
    (found,) = [child for child in axes.get_children() if child.get_label() == label]
    return found


def has(axes: Axes, label: str) -> bool:
    return any(child.get_label() == label for child in axes.get_children())


def heights(axes: Axes, label: str) -> list[float | None]:
    """The y of a line, NaN as None."""
    line = artist(axes, label)
    assert isinstance(line, Line2D)
    return [None if np.isnan(y) else float(y) for y in np.asarray(line.get_ydata(), dtype=float)]


def across(axes: Axes, label: str) -> list[float]:
    return [float(x) for x in np.asarray(artist(axes, label).get_xdata(), dtype=float)]


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_series_is_its_column_and_each_anomaly_has_a_marker() -> None:
    figure = drawn({"day": DAYS, "amount": VALUES, "odd": ODD})
    (axes,) = figure.axes
    assert heights(axes, "value") == VALUES
    assert [moment.date() for moment in num2date(across(axes, "value"))] == DAYS
    assert heights(axes, "anomaly") == [60.0, 61.0, 90.0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("day", "amount")
    assert legend(figure) == ["value", "anomaly", "event"]


def test_two_anomalies_in_a_row_are_one_event_and_a_single_one_is_none() -> None:
    (axes,) = drawn({"day": DAYS, "amount": VALUES, "odd": ODD}).axes
    (path,) = artist(axes, "event").get_paths()
    first = artist(axes, "value").get_xdata()[0]
    assert path.get_extents().intervalx == pytest.approx([first + 3.5, first + 5.5])


def test_a_detector_s_answers_are_drawn_as_they_come_out() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", pa.table({"day": DAYS, "amount": VALUES}))
        window = "OVER (ORDER BY day ROWS 5 PRECEDING)"
        names = ("score", "threshold", "expected", "lower", "upper")
        calls = ", ".join(f"anomaly_{name}(amount, detector => 'mad') {window} AS {name}" for name in names)
        result = session.sql(
            f"SELECT day, amount, {calls}, is_anomaly(amount, detector => 'mad') {window} AS odd FROM t"
        )
    main, below = result.plot().axes
    rows = result.df()
    assert heights(below, "score") == [None if np.isnan(v) else v for v in rows["score"]]
    assert heights(below, "threshold") == [3.5] * 10
    assert heights(main, "expected") == [None if np.isnan(v) else v for v in rows["expected"]]
    assert len(heights(main, "anomaly")) == rows["odd"].sum() > 0
    band = artist(main, "band").get_paths()
    assert min(p.get_extents().y0 for p in band) == pytest.approx(rows["lower"].min())
    assert max(p.get_extents().y1 for p in band) == pytest.approx(rows["upper"].max())
    assert below.get_ylabel() == "score"


@pytest.mark.parametrize(
    ("score", "odd"), [("anomaly_score", "is_anomaly"), ("ANOMALY_SCORE", "IS_ANOMALY"), ("score", "outlier")]
)
def test_answers_are_known_by_name_in_any_case(score: str, odd: str) -> None:
    main, below = drawn({score: VALUES, "day": DAYS, "y": VALUES[::-1], odd: ODD}).axes
    assert main.get_ylabel() == "y"
    assert heights(below, "score") == VALUES
    assert len(heights(main, "anomaly")) == 3


def test_named_columns_win_over_found_ones() -> None:
    table = {
        "day": DAYS,
        "seen": DAYS[::-1],
        "amount": VALUES,
        "lower": [0.0] * 10,
        "low": [5.0] * 10,
        "high": [20.0] * 10,
        "odd": ODD,
        "mine": [not odd for odd in ODD],
        "guess": [10.0] * 10,
        "s": VALUES,
        "limit": [50] * 10,
    }
    main, below = drawn(
        table,
        x="seen",
        y="AMOUNT",
        lower="low",
        upper="high",
        is_anomaly="mine",
        expected="guess",
        score="s",
        threshold="limit",
    ).axes
    assert heights(main, "value") == VALUES[::-1]
    assert len(heights(main, "anomaly")) == 7
    extents = artist(main, "band").get_paths()[0].get_extents()
    assert (extents.y0, extents.y1) == (5.0, 20.0)
    assert heights(main, "expected") == [10.0] * 10
    assert heights(below, "threshold") == [50.0] * 10


def test_a_verdict_may_be_one_and_zero_and_null_is_none() -> None:
    (axes,) = drawn({"day": DAYS, "y": VALUES, "is_anomaly": [1, 0, None, 0, 1, 0, 0, 0, 0, 0]}).axes
    assert len(heights(axes, "anomaly")) == 2


def test_a_line_has_gaps_where_values_and_steps_are_missing_and_a_lone_value_is_a_dot() -> None:
    days = [*DAYS[:4], *DAYS[6:]]
    values = [1.0, None, 3.0, None, 5.0, 6.0, 7.0, 8.0]
    (axes,) = drawn({"day": days, "y": pa.array(values, pa.float64())}).axes
    assert heights(axes, "value") == [1.0, None, 3.0, None, None, 5.0, 6.0, 7.0, 8.0]
    assert artist(axes, "value").get_markevery() == [0, 2]


def test_weekends_of_working_days_and_months_are_no_gaps() -> None:
    working = np.array([day for day in range(70) if day % 7 < 5], dtype=float)
    months = np.cumsum([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]).astype(float)
    for x in (working, months):
        assert segments(x, usual_step(x)).max() == 0
    holed = np.delete(working, [20, 21, 22, 23, 24])
    assert segments(holed, usual_step(holed)).max() == 1


def test_rows_come_in_the_order_of_time() -> None:
    order = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7]
    columns = {"day": [DAYS[n] for n in order], "y": [VALUES[n] for n in order], "odd": [ODD[n] for n in order]}
    (axes,) = drawn(columns).axes
    assert heights(axes, "value") == VALUES
    assert heights(axes, "anomaly") == [60.0, 61.0, 90.0]


def test_a_forecast_is_dashed_and_joined_to_what_was() -> None:
    guess = [float(n) for n in range(10)]
    ends = {"lower": [g - 1 for g in guess], "upper": [g + 1 for g in guess]}
    values = [*VALUES[:6], None, None, None, None]
    (axes,) = drawn({"day": DAYS, "y": values, "expected": guess, **ends}).axes
    assert heights(axes, "forecast") == [None] * 5 + guess[5:]
    assert heights(axes, "expected") == guess[:6] + [None] * 4
    assert artist(axes, "forecast").get_linestyle() == "--"
    assert heights(axes, "value") == values


def test_a_forecast_without_history_of_its_own_starts_at_the_last_value() -> None:
    guess = [None] * 6 + [7.0, 8.0, 9.0, 10.0]
    (axes,) = drawn({"day": DAYS, "y": [*VALUES[:6], None, None, None, None], "forecast": guess}).axes
    assert heights(axes, "forecast") == [None] * 5 + [61.0, 7.0, 8.0, 9.0, 10.0]


def test_a_missing_value_within_a_band_is_a_gap_and_no_forecast() -> None:
    values = [*VALUES[:4], None, *VALUES[5:]]
    (axes,) = drawn({"day": DAYS, "y": values, "lower": [0.0] * 10, "upper": [50.0] * 10}).axes
    assert heights(axes, "value") == values
    assert not has(axes, "forecast")
    assert len(artist(axes, "band").get_paths()) == 1


def test_nothing_but_a_forecast_is_drawn_too() -> None:
    (axes,) = drawn({"day": DAYS, "forecast": VALUES, "lower": [0.0] * 10, "upper": [99.0] * 10}).axes
    assert heights(axes, "forecast") == VALUES
    assert axes.get_ylabel() == "forecast"


def test_an_open_band_reaches_the_edge_of_the_picture() -> None:
    (axes,) = drawn({"day": DAYS, "y": VALUES, "lower": pa.nulls(10), "upper": [50.0] * 10}).axes
    extents = artist(axes, "band").get_paths()[0].get_extents()
    assert (extents.y0, extents.y1) == (axes.get_ylim()[0], 50.0)


def test_a_wide_band_does_not_squash_the_values() -> None:
    columns = {"day": DAYS, "y": VALUES, "lower": [-1e6] + [0.0] * 9, "upper": [1e6] + [95.0] * 9}
    (axes,) = drawn(columns).axes
    bottom, top = axes.get_ylim()
    assert -100 < bottom < 0 < 100 < top < 200


def test_an_anomaly_without_a_value_is_a_cross_at_the_edge() -> None:
    values = [1.0, None, float("inf"), float("nan"), 1e200, 2.0, 3.0, -float("inf"), 4.0, 5.0]
    odd = [False, True, True, True, True, False, False, True, False, True]
    (axes,) = drawn({"day": DAYS, "y": pa.array(values, pa.float64()), "is_anomaly": odd}).axes
    assert heights(axes, "value") == [1.0, None, None, None, None, 2.0, 3.0, None, 4.0, 5.0]
    assert heights(axes, "no value") == [0.03, 0.97, 0.03, 0.97, 0.03]
    assert heights(axes, "anomaly") == [5.0]


def test_each_partition_has_a_panel_the_one_with_most_anomalies_first() -> None:
    stores = ["a"] * 5 + ["b"] * 10
    columns = {"store": stores, "day": DAYS[:5] + DAYS, "y": [1.0] * 5 + VALUES, "odd": [False] * 5 + ODD}
    columns["score"] = columns["y"]
    figure = drawn(columns, by="store")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["store = b", "", "store = a", ""]
    assert heights(figure.axes[0], "value") == VALUES
    assert heights(figure.axes[2], "value") == [1.0] * 5
    assert len(figure.legends) == 1
    assert figure.axes[0].get_xlim() == figure.axes[2].get_xlim()


def test_a_text_column_splits_where_time_repeats_and_by_may_forbid_it() -> None:
    columns = {"day": [day for day in DAYS for _ in "ab"], "store": ["a", "b"] * 10, "y": range(20)}
    assert [a.get_title(loc="left") for a in drawn(columns).axes] == ["store = a", "store = b"]
    (axes,) = drawn(columns, by=()).axes
    assert artist(axes, "value").get_linestyle() == "None"  # a day has two values, which no line joins
    assert heights(axes, "value") == list(range(20))


def test_partitions_may_be_of_several_columns_and_null_is_one() -> None:
    columns = {"day": DAYS, "y": VALUES, "s": ["n", None] * 5, "k": [1, 2, 2, 1, 1, 2, 1, 2, 1, 2]}
    figure = drawn(columns, by=["s", "k"])
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert sorted(titles) == ["s = NULL, k = 1", "s = NULL, k = 2", "s = n, k = 1", "s = n, k = 2"]


def test_at_most_twelve_panels_and_the_picture_says_how_many_more() -> None:
    columns = {"k": [f"k{n}" for n in range(40) for _ in DAYS], "day": DAYS * 40, "y": VALUES * 40}
    columns["odd"] = [n == 39 for n in range(40) for _ in DAYS]
    figure = drawn(columns, by="k")
    assert len(figure.axes) == 12
    assert figure.axes[0].get_title(loc="left") == "k = k39"
    assert figure.get_suptitle() == "12 of 40 panels, those with most anomalies first; 28 more"


def test_without_time_two_numbers_are_points() -> None:
    amounts = [3.0, 1.0, None, 2.0, float("inf")]
    odd = [False, True, False, False, True]
    (axes,) = drawn({"amount": amounts, "items": [5, 4, 3, 9, 1], "odd": odd}).axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("amount", "items")
    assert list(zip(across(axes, "value"), heights(axes, "value"), strict=True)) == [(3.0, 5.0), (2.0, 9.0)]
    assert list(zip(across(axes, "anomaly"), heights(axes, "anomaly"), strict=True)) == [(1.0, 4.0)]


def test_one_number_is_a_histogram_with_a_tick_for_each_anomaly() -> None:
    values = [1.0, 2.0, 2.0, 3.0, None, 50.0]
    figure = drawn({"amount": values, "anomaly": [False] * 5 + [True]})
    (axes,) = figure.axes
    counts, edges, _ = artist(axes, "value").get_data()
    assert counts.sum() == 5
    assert (edges[0], edges[-1]) == (1.0, 50.0)
    assert across(axes, "anomaly") == [50.0]
    assert axes.get_ylabel() == "rows"
    assert figure.get_suptitle() == "1 row without a usable amount left out"


@pytest.mark.parametrize("values", [[5.0] * 4, [1e16, 1e16 + 2, 1e16], [0.0, 5e-324], [-1e150, 1e150], [7.0]])
def test_any_range_of_numbers_can_be_counted_and_drawn(values: list[float]) -> None:
    (axes,) = drawn({"v": values}).axes
    assert artist(axes, "value").get_data().values.sum() == len(values)
    days = DAYS[: len(values)]
    (axes,) = drawn({"day": days, "v": values, "lower": values, "upper": values, "odd": [True] * len(days)}).axes
    assert heights(axes, "value") == values


def test_an_ascending_integer_stands_for_time_and_another_does_not() -> None:
    (axes,) = drawn({"y": [3, 1, 2], "week": [10, 11, 12]}).axes
    assert (axes.get_xlabel(), axes.get_ylabel(), heights(axes, "value")) == ("week", "y", [3.0, 1.0, 2.0])
    (axes,) = drawn({"week": pa.array([Decimal(1), Decimal(2)], pa.decimal128(38, 0)), "y": [1.5, 1.0]}).axes
    assert axes.get_xlabel() == "week"
    (axes,) = drawn({"week": [10, 12, 11], "y": [3, 1, 2]}).axes
    assert artist(axes, "value").get_linestyle() == "None"
    weeks = {"k": ["a", "b", "a", "b"], "week": [1, 1, 2, 2], "y": [4, 3, 2, 1]}
    assert [axes.get_xlabel() for axes in drawn(weeks, by="k").axes] == ["", "week"]


def test_a_score_alone_is_drawn_as_the_value() -> None:
    figure = drawn({"id": [1, 2, 3], "score": [0.1, None, 9.0], "is_anomaly": [False, None, True]})
    (axes,) = figure.axes
    assert heights(axes, "value") == [0.1, None, 9.0]
    assert axes.get_ylabel() == "score"
    assert len(heights(axes, "anomaly")) == 1


def test_decimals_and_enums_and_timestamps_of_every_unit_are_read() -> None:
    moments = [dt.datetime(2025, 3, 1, hour) for hour in range(4)]
    for unit in ("s", "ms", "us", "ns"):
        columns = {
            "at": pa.array(moments, pa.timestamp(unit)),
            "y": pa.array([Decimal("1.10"), None, Decimal("3.30"), Decimal("4.40")]),
            "k": pa.array(["a", "b", "a", "b"]).dictionary_encode(),
        }
        figure = drawn(columns, by="k")
        assert heights(figure.axes[0], "value") == pytest.approx([1.1, 3.3])
        assert [m.hour for m in num2date(across(figure.axes[0], "value"))] == [0, 2]


@pytest.mark.parametrize(
    ("zone", "said", "hour"),
    [("UTC", "UTC", 0), ("Europe/Berlin", "Europe/Berlin", 1), ("+02:00", "+02:00", 2), ("No/Where", "UTC", 0)],
)
def test_a_timestamp_with_a_zone_is_drawn_by_that_clock(zone: str, said: str, hour: int) -> None:
    moments = [dt.datetime(2025, 3, 1, hour, tzinfo=dt.UTC) for hour in range(6)]
    table = pa.table({"at": pa.array(moments, pa.timestamp("us", tz="UTC")), "y": list(range(6))})
    column = pa.array(table["at"].to_pylist(), pa.timestamp("us")) if zone == "No/Where" else table["at"]
    column = column.cast(pa.timestamp("us", tz=zone)) if zone != "No/Where" else _zoned(column, zone)
    (axes,) = Result(table.set_column(0, "at", column)).plot().axes
    assert axes.get_xlabel() == f"at ({said})"
    first = across(axes, "value")[0]
    formatter = axes.xaxis.get_major_formatter()
    assert formatter.format_data_short(first).split()[1].startswith(f"{hour:02d}:00")


def _zoned(column: pa.Array, zone: str) -> pa.Array:
    return pa.Array.from_buffers(pa.timestamp("us", tz=zone), len(column), column.buffers())


def test_dates_that_stand_for_never_are_left_out_and_counted() -> None:
    with sqlnomaly.connect() as session:
        result = session.sql(
            "SELECT * FROM (VALUES (DATE '2025-03-01', 1.5), (DATE '2025-03-02', 2.5), (DATE '9999-12-31', 3.5), "
            "(DATE 'infinity', 4.5), (NULL, 5.5), (DATE '0001-01-01', 6.5)) AS t(day, y)"
        )
    figure = result.plot()
    assert heights(figure.axes[0], "value") == [1.5, 2.5]
    assert figure.get_suptitle() == "4 rows without a usable day left out"
    with sqlnomaly.connect() as session:
        moments = "SELECT TIMESTAMP 'infinity' AS at, 1 AS y UNION ALL SELECT TIMESTAMP '2025-03-01', 2"
        assert heights(session.sql(moments).plot().axes[0], "value") == [2.0]


def test_many_rows_are_thinned_and_keep_each_peak_and_each_anomaly() -> None:
    many = 200_000
    values = np.sin(np.arange(many) / 5_000)
    values[123_457] = 9.0
    odd = np.zeros(many, bool)
    odd[77::40_000] = True
    seconds = pa.array(np.arange(many), pa.timestamp("s"))
    (axes,) = drawn({"at": seconds, "y": values, "odd": odd}).axes
    line = [y for y in heights(axes, "value") if y is not None]
    assert len(line) <= MOST + odd.sum()
    assert max(line) == 9.0
    assert min(line) == values.min()
    assert heights(axes, "anomaly") == list(values[odd])


def test_thinning_keeps_long_gaps() -> None:
    x = np.arange(100_000.0)
    y = np.sin(x)
    y[40_000:60_000] = np.nan
    kept = thinned(x, [y], np.zeros(len(x), bool))
    assert len(kept) <= MOST
    assert np.isnan(y[kept]).sum() > 100
    assert np.isin([0, 99_999], kept).all()


def test_many_points_are_spread_and_keep_the_odd_ones() -> None:
    many = 50_000
    turn = np.arange(many) * 2.399963
    radius = np.sqrt(np.arange(many))
    odd = np.arange(many) % 25_000 == 7
    (axes,) = drawn({"a": radius * np.cos(turn), "b": radius * np.sin(turn), "odd": odd}).axes
    assert 2_000 < len(heights(axes, "value")) <= MOST
    assert len(heights(axes, "anomaly")) == 2


def test_a_run_ends_where_steps_are_missing() -> None:
    odd = np.ones(6, bool)
    assert runs(odd, np.array([0, 0, 0, 1, 1, 2])) == [(0, 2), (3, 4)]
    assert runs(np.zeros(0, bool), np.zeros(0, np.intp)) == []


def test_hostile_names_are_drawn_as_they_are() -> None:
    names = ["$x^{2$ and $\\frac$", "_y\n$", "_hidden"]
    columns = {names[0]: DAYS, names[1]: VALUES, "store": [names[2]] * 10}
    figure = drawn(columns, by="store", title="50 $ or $60\\$")
    (axes,) = figure.axes
    assert axes.get_xlabel() == "\\$x^{2\\$ and \\$\\frac\\$"
    assert axes.get_ylabel() == "_y \\$"
    assert axes.get_title(loc="left") == "store = _hidden"
    assert figure.get_suptitle() == "50 \\$ or \\$60\\\\$"
    long = drawn({"day": DAYS, "a_very_long_name_" * 9: VALUES}).axes[0].get_ylabel()
    assert all(len(line) <= 40 for line in long.splitlines())


def test_labels_do_not_overlap() -> None:
    columns = {"store": [f"number {n} " * 9 for n in range(6) for _ in DAYS], "day": DAYS * 6, "amount": VALUES * 6}
    columns |= {"anomaly_score": VALUES * 6, "is_anomaly": ODD * 6}
    figure = drawn(columns, by="store", title="many words " * 20)
    titles = [axes._left_title for axes in figure.axes if axes._left_title.get_text()]
    ylabels = [axes.yaxis.label for axes in figure.axes]
    boxes = [text.get_window_extent() for text in (*titles, *ylabels, *figure.legends[0].get_texts(), figure._suptitle)]
    assert not [(a, b) for n, a in enumerate(boxes) for b in boxes[:n] if a.overlaps(b)]
    for axes in figure.axes:
        shown = [tick.label1.get_window_extent() for tick in axes.xaxis.get_major_ticks() if tick.label1.get_visible()]
        assert not [(a, b) for n, a in enumerate(shown) for b in shown[:n] if a.overlaps(b)]


@pytest.mark.parametrize(
    ("columns", "asked", "message"),
    [
        ({"day": [], "y": []}, {}, "no rows to draw"),
        ({"day": DAYS, "name": ["a"] * 10}, {}, r"no number to draw(.|\n)*day \(date32\[day\]\), name \(string\)"),
        ({"day": DAYS, "name": ["a"] * 10, "v": VALUES}, {"y": "name"}, r"'name' is string(.|\n)*v \(double\)"),
        ({"day": DAYS, "name": ["a"] * 10}, {"y": "name"}, "no column is; CAST one"),
        ({"day": DAYS, "v": VALUES}, {"y": "w"}, r"y: no column 'w'(.|\n)*allowed: day, v"),
        ({"name": ["a"] * 10, "v": VALUES}, {"x": "name"}, "x must be a number, a date or a timestamp"),
        ({"day": DAYS, "v": VALUES}, {"is_anomaly": "v"}, "is_anomaly must be a boolean"),
        ({"day": DAYS, "v": VALUES}, {"by": "shop"}, "by: no column 'shop'"),
        ({"day": DAYS, "v": VALUES, "l": [{"a": 1}] * 10}, {"by": "l"}, "cannot be grouped"),
        ({"day": DAYS, "v": pa.nulls(10, pa.float64())}, {}, "no row can be drawn"),
        ({"v": [float("nan")] * 3}, {}, r"no row can be drawn(.|\n)*columns: v"),
        ({"day": pa.nulls(2, pa.date32()), "v": [1, 2]}, {"x": "day"}, "no row can be drawn"),
    ],
)
def test_what_cannot_be_drawn_is_said(columns: dict[str, Any], asked: dict[str, Any], message: str) -> None:
    with pytest.raises(SqlnomalyError, match=message):
        drawn(columns, **asked)


def test_a_name_that_is_there_twice_is_refused_only_if_it_is_asked_for() -> None:
    table = pa.Table.from_arrays([pa.array(DAYS), pa.array(VALUES), pa.array(VALUES[::-1])], ["day", "v", "v"])
    assert heights(Result(table).plot().axes[0], "value") == VALUES
    with pytest.raises(UsageError, match="2 columns are called 'v'"):
        Result(table).plot(y="v")


def test_a_file_is_whole_and_of_the_kind_that_its_ending_says(tmp_path: Path) -> None:
    result = Result(pa.table({"day": DAYS, "y": VALUES}))
    for name, head in (("a.png", b"\x89PNG"), ("a.SVG", b"<?xml"), ("a.pdf", b"%PDF")):
        result.plot(path=tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(head)
    with pytest.raises(UsageError, match=r"\.png, \.svg or \.pdf"):
        result.plot(path=tmp_path / "a.gif")
    with pytest.raises(SqlnomalyError, match="cannot write"):
        result.plot(path=tmp_path / "nowhere" / "a.png")
    assert sorted(os.listdir(tmp_path)) == ["a.SVG", "a.pdf", "a.png"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def fails(self: Figure, file: Any, **_: Any) -> None:
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Figure, "savefig", fails)
    with pytest.raises(SqlnomalyError, match="disk full"):
        Result(pa.table({"v": VALUES})).plot(path=path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.png"]


def test_a_picture_leaves_no_state_and_a_notebook_shows_it() -> None:
    code = (
        "import sys, sqlnomaly, pyarrow as pa; from sqlnomaly.result import Result\n"
        "assert 'matplotlib' not in sys.modules; import sqlnomaly.plotting, sqlnomaly.cli\n"
        "assert 'matplotlib' not in sys.modules\n"
        "figure = Result(pa.table({'v': [1.0, 2.0]})).plot()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert figure._repr_png_().startswith(b'\\x89PNG')"
    )
    before = dict(matplotlib.rcParams)
    drawn({"day": DAYS, "y": VALUES})
    assert dict(matplotlib.rcParams) == before
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_missing_matplotlib_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDriverError, match=r"pip install 'sqlnomaly\[plot\]'"):
        Result(pa.table({"v": VALUES})).plot()
    done = CliRunner().invoke(app, ["query", "SELECT nothing", "--plot", str(tmp_path / "a.png")])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "pip install 'sqlnomaly[plot]'" in done.stderr


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    duckdb.sql("SELECT * FROM range(5) AS t(i)").write_csv("t.csv")
    return tmp_path


def query(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["query", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_the_command_line_prints_the_rows_and_draws_them(orders: Path) -> None:
    sql = "SELECT i, i * i AS y FROM 't.csv' ORDER BY i LIMIT 2"
    plain = query(sql, "--format", "csv")
    assert query(sql, "--format", "csv", "--plot", "out.png") == plain == (0, "i,y\n0,0\n1,1\n", "")
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")
    assert query(sql, "-o", "rows.csv", "--plot", "out.svg")[0] == 0
    assert Path("rows.csv").read_text() == "i,y\n0,0\n1,1\n"
    assert b"</svg>" in Path("out.svg").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--plot", "out.gif"], ".png, .svg or .pdf"),
        (["--plot", "out"], ".png, .svg or .pdf"),
        (["--plot", "nowhere/out.png"], "no folder"),
        (["--plot", "folder.png"], "--plot takes a file name"),
        (["--plot", "a.png", "-o", "./a.png", "--format", "csv"], "cannot be both"),
    ],
)
def test_a_picture_that_could_not_be_written_is_refused_before_the_query_runs(
    orders: Path, arguments: list[str], said: str
) -> None:
    Path("folder.png").mkdir()
    code, out, err = query("COPY (SELECT 1) TO 'ran.csv'", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert not Path("ran.csv").exists()


def test_rows_that_cannot_be_drawn_are_printed_and_no_file_is_made(orders: Path) -> None:
    code, out, err = query("SELECT 'a' AS name", "--format", "csv", "--plot", "out.png")
    assert (code, out) == (2, "name\na\n")
    assert "no number to draw" in err
    code, out, err = query("SELECT i FROM 't.csv' WHERE i > 9", "--format", "csv", "--plot", "out.png")
    assert (code, out) == (1, "i\n")
    assert "no rows to draw" in err
    code, _, err = query("CREATE TABLE x AS SELECT 1 AS a", "--plot", "out.png")
    assert (code, err.splitlines()[-1]) == (0, "done; no rows, 'out.png' is not written")
    assert not Path("out.png").exists()


def test_a_warning_of_matplotlib_is_a_note_on_the_command_line(orders: Path) -> None:
    code, _, err = query("SELECT i, i AS \"日\" FROM 't.csv'", "--plot", "out.png")
    assert code == 0
    assert err.startswith("note: Glyph")
    assert "UserWarning" not in err


def test_the_picture_of_the_page_is_made_by_its_query_and_small(tmp_path: Path) -> None:
    write(tmp_path / "plots.png")
    assert (tmp_path / "plots.png").stat().st_size < 60_000
    assert PICTURE.stat().st_size < 60_000


def test_drawing_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn({"day": DAYS[:1], "y": VALUES[:1], "lower": [1.0], "upper": [2.0], "score": [None], "odd": [True]})
        drawn({"n": [1], "y": [1.0], "score": pa.nulls(1, pa.float64())})
        drawn({"day": [DAYS[0]] * 10, "y": VALUES, "score": VALUES})


@pytest.mark.duckdb
def test_a_forecast_is_drawn_without_the_number_of_its_steps() -> None:
    with sqlnomaly.connect() as session:
        days = "SELECT DATE '2025-01-01' + i::INT AS day, i % 7 + 0.5 AS v FROM range(60) AS r(i)"
        session.sql(f"CREATE TABLE m AS {days}")
        query = "SELECT * FROM anomaly_forecast(m, features => 'v', order_by => 'day', horizon => 5)"
        found = session.sql(query).arrow()
        figure = session.sql(query).plot()
    drawn = {line.get_label(): list(line.get_ydata()) for line in figure.axes[0].lines}
    assert list(found.column("forecast").to_pylist()) in drawn.values()
    assert list(found.column("step").to_pylist()) not in drawn.values()

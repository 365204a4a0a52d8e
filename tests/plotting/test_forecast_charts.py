"""The charts of a forecast and its backtest show the numbers of their tables, in both languages."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from crimeloc.errors import ParameterError
from crimeloc.evaluation import expected_calibration_error, reliability_table
from crimeloc.plotting import calibration, capture, week_strip
from crimeloc.plotting.axes import as_svg
from crimeloc.plotting.colours import INK, ON_HEAT

SEOUL = "Asia/Seoul"


def bins(seed=1, n=4_000):
    dice = np.random.default_rng(seed)
    said = dice.beta(0.5, 6, n)
    happened = dice.random(n) < said
    return said, happened, reliability_table(said, happened)


def captures():
    rows = []
    for method, shares in (
        ("Ranker", (0.3, 0.5, 0.7)),
        ("frequency", (0.2, 0.4, 0.6)),
        ("recency", (0.25, 0.45, 0.6)),
        ("popularity", (0.05, 0.1, 0.2)),
    ):
        for slots, share in zip((10, 20, 42), shares, strict=True):
            rows.append((method, slots, slots * 4.0, share, share / 0.9))
    return pd.DataFrame(rows, columns=["method", "slots", "officer_hours", "capture", "pei"])


def windows(start="2026-03-02 00:00", share=None, periods=42):
    edges = pd.date_range(start, periods=periods + 1, freq="4h", tz=SEOUL).tz_convert("UTC")
    table = pd.DataFrame({"window_start": edges[:-1], "window_end": edges[1:]})
    table["share"] = np.full(periods, 1 / periods) if share is None else share
    return table


def line(ax, label):
    return next(one for one in ax.get_lines() if one.get_label() == label)


def band(ax):
    """The forecast by weekday and hour, as drawn."""
    return np.vstack([mesh.get_array().reshape(1, 24) for mesh in ax.collections])


def test_calibration_prints_the_error_of_the_replay_and_the_count_of_each_bin():
    said, happened, table = bins()
    ax = calibration(table)
    (label,) = ax.get_legend_handles_labels()[1]
    assert f"ECE {100 * expected_calibration_error(said, happened):.1f} points" in label
    part = said >= 0.01
    likely = 100 * expected_calibration_error(said[part], happened[part])
    assert f"from 1% on: {likely:.1f}" in label
    drawn = line(ax, label)
    np.testing.assert_allclose(drawn.get_xdata(), table["forecast"])
    np.testing.assert_allclose(drawn.get_ydata(), table["happened"])
    (above,) = [one for one in ax.figure.axes if one is not ax]
    counts = [text.get_text().replace(",", "") for text in above.get_xticklabels()]
    assert counts == [f"{n:.0f}" for n in table["n"]]
    assert sum(map(int, counts)) == len(said)


def test_calibration_draws_each_method_and_counts_the_first():
    one, two = bins(1)[2], bins(2, 900)[2]
    both = pd.concat([one.assign(method="Ranker"), two.assign(method="frequency")])
    ax = calibration(both)
    names = ax.get_legend_handles_labels()[1]
    assert [name.split(":")[0] for name in names] == ["crimeloc ranker", "how often before"]
    (above,) = [other for other in ax.figure.axes if other is not ax]
    assert len(above.get_xticks()) == len(one)


def test_capture_says_what_an_officer_hour_is_and_draws_all_methods():
    ax = capture(captures(), officers=2)
    assert ax.get_xlabel().splitlines()[1] == "= slots × 4 h × officers per slot (2)"
    drawn = line(ax, "crimeloc ranker")
    np.testing.assert_allclose(drawn.get_xdata(), [80, 160, 336])  # two officers
    np.testing.assert_allclose(drawn.get_ydata(), [0.3, 0.5, 0.7])
    assert [text.get_text() for text in ax.get_xticklabels()] == [
        "80 h\n10 slots",
        "160 h\n20 slots",
        "336 h\n42 slots",
    ]
    names = {text.get_text() for text in ax.texts}
    assert names == {
        "crimeloc ranker",
        "how often lately",
        "2 other naive rules",
        "most that is possible",
    }
    assert to_hex(line(ax, "how often lately").get_color()) == INK["second"]  # the best baseline
    assert to_hex(line(ax, "how often before").get_color()) == INK["muted"]


def test_capture_keeps_names_and_budgets_apart():
    many = captures()
    near = many[many["method"] == "frequency"].assign(method="markov")
    table = pd.concat([many, near, many.assign(slots=1, officer_hours=4.0, capture=0.01)])
    ax = capture(table)
    heights = sorted(text.xyann[1] for text in ax.texts)
    assert min(np.diff(heights)) > 0.06
    assert min(np.diff(ax.get_xticks())) >= 0.1 * 168 - 1e-9


def test_the_order_of_rows_of_one_method_is_irrelevant():
    table = captures()
    mixed = table.sort_values(["method", "capture"], ascending=[False, False], kind="stable")
    mixed = pd.concat([mixed[mixed["method"] == name] for name in table["method"].unique()])
    one, two = capture(table), capture(mixed.reset_index(drop=True))
    for left, right in zip(one.get_lines(), two.get_lines(), strict=True):
        np.testing.assert_allclose(left.get_xydata(), right.get_xydata())


@pytest.mark.parametrize("start", ["2026-03-02 00:00", "2026-03-05 00:00", "2026-03-08 16:00"])
def test_the_band_of_the_week_sums_to_the_whole_wherever_the_horizon_begins(start):
    ax = week_strip(np.zeros((7, 24)), windows(start), SEOUL)
    np.testing.assert_allclose(band(ax), 1 / 168)


def test_the_band_stands_at_its_weekday_and_hour_on_the_wall():
    share = np.zeros(42)
    share[4 * 6 + 5], share[5 * 6 + 0] = 0.75, 0.25  # Friday 20-24, Saturday 0-4
    ax = week_strip(np.zeros((7, 24)), windows(share=share), SEOUL)
    drawn = band(ax)
    np.testing.assert_allclose(drawn[4, 20:], 0.75 / 4)
    np.testing.assert_allclose(drawn[5, :4], 0.25 / 4)
    assert drawn.sum() == pytest.approx(1)
    told = {text.get_text(): text.get_position()[0] for text in ax.texts if text.get_text() != "0%"}
    assert told == {"75%": 22, "25%": 2}


def test_words_on_the_band_do_not_turn_with_the_page_by_night():
    share = np.zeros(42)
    share[4 * 6 + 5], share[5 * 6 + 0] = 0.75, 0.25
    ax = week_strip(np.zeros((7, 24)), windows(share=share), SEOUL)
    told = {text.get_text(): to_hex(text.get_color()) for text in ax.texts}
    assert (told["75%"], told["25%"]) == (ON_HEAT[1], ON_HEAT[0])
    assert not set(ON_HEAT) & set(INK.values())


def test_a_window_over_midnight_is_parted_and_a_second_week_is_added():
    start = pd.Timestamp("2026-03-08 22:00", tz=SEOUL)  # a Sunday
    late = pd.DataFrame({"window_start": [start], "window_end": [start + pd.Timedelta("4h")]})
    ax = week_strip(np.zeros((7, 24)), late.assign(share=1.0), SEOUL)
    np.testing.assert_allclose([band(ax)[6, 22:].sum(), band(ax)[0, :2].sum()], 0.5)
    twice = windows(periods=84)
    np.testing.assert_allclose(band(week_strip(np.zeros((7, 24)), twice, SEOUL)), 1 / 168)


def test_slots_and_windows_give_the_same_band_and_bars_are_the_past():
    table = windows()
    parted = pd.concat(
        [
            table.assign(venue_id="A", share=0.7 / 42),
            table.assign(venue_id="elsewhere", share=0.3 / 42),
        ]
    )
    week = np.arange(168.0).reshape(7, 24)
    one, two = (week_strip(week, t, SEOUL) for t in (table, parted))
    np.testing.assert_allclose(band(one), band(two))
    heights = np.array([patch.get_height() for patch in one.patches])
    assert len(heights) == 168
    np.testing.assert_allclose(heights / heights[-1], week.ravel() / 167)


def test_a_change_of_the_clocks_loses_no_share():
    edges = pd.date_range("2026-10-24", "2026-10-27", freq="4h", tz="Europe/Berlin")
    table = pd.DataFrame({"window_start": edges[:-1], "window_end": edges[1:]})
    table["share"] = 1 / len(table)
    ax = week_strip(np.zeros((7, 24)), table, "Europe/Berlin")
    assert band(ax).sum() == pytest.approx(1)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_charts_draw_where_they_are_told_in_both_languages(lang):
    axes = Figure(figsize=(16, 4), layout="constrained").subplots(1, 3)
    assert calibration(bins()[2], lang=lang, ax=axes[0]) is axes[0]
    assert capture(captures(), lang=lang, ax=axes[1]) is axes[1]
    assert week_strip(np.eye(7, 24), windows(), SEOUL, lang=lang, ax=axes[2]) is axes[2]
    axes[0].figure.savefig(io.BytesIO(), format="png")
    svg = as_svg(capture(captures(), lang=lang), "capture")
    ET.fromstring(svg)
    if lang == "ko":
        assert axes[1].get_ylabel() == "선택한 시간대에 든 업로드"
        assert [text.get_text() for text in axes[2].get_yticklabels()] == list("월화수목금토일")


def test_tables_are_left_as_they_were_and_empty_ones_are_drawn():
    tables = bins()[2], captures(), windows()
    before = [table.copy() for table in tables]
    (
        calibration(tables[0]),
        capture(tables[1]),
        week_strip(np.zeros((7, 24)), tables[2], SEOUL),
    )
    for table, kept in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(table, kept)
    for ax in (
        calibration(tables[0].iloc[:0]),
        capture(tables[1].iloc[:0]),
        week_strip(np.zeros((7, 24)), tables[2].iloc[:0], SEOUL),
    ):
        ax.figure.savefig(io.BytesIO(), format="png")


def test_what_cannot_be_drawn_is_refused_with_the_line_that_mends_it():
    with pytest.raises(ParameterError, match=r"backtest\.captures"):
        capture(bins()[2])
    with pytest.raises(ParameterError, match=r"backtest\.reliability"):
        calibration(captures())
    with pytest.raises(ParameterError, match="officers=1"):
        capture(captures(), officers=0)
    with pytest.raises(ParameterError, match="week_table"):
        week_strip(np.zeros((24, 7)), windows(), SEOUL)
    two = pd.concat([windows().assign(series_id="S-01"), windows().assign(series_id="S-02")])
    with pytest.raises(ParameterError, match="one series"):
        week_strip(np.zeros((7, 24)), two, SEOUL)


def test_the_room_hands_them_out():
    from crimeloc import plotting

    assert plotting.capture is capture
    assert {"calibration", "capture", "week_strip"} <= set(dir(plotting))

"""What always holds of the briefing: parts sum, order and later events change nothing."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crimeloc.messages.translator import Translator
from crimeloc.plotting.forecast_summary import gather
from crimeloc.plotting.heat import event_weights, heat_surface, places, steps_below
from crimeloc.plotting.offline import one_file, requests_in
from crimeloc.report.sections import esc

AT = pd.Timestamp("2026-03-02 00:00", tz="Asia/Seoul")
N = 6
VENUES = gpd.GeoDataFrame(
    {"venue_id": [f"V{i}" for i in range(N)], "name": [f"Room {i}" for i in range(N)]},
    geometry=gpd.points_from_xy(127 + 0.01 * np.arange(N), 37.5 + 0.005 * np.arange(N)),
    crs="EPSG:4326",
)

rows = st.lists(
    st.tuples(st.integers(0, N - 1), st.integers(-2_000, 400), st.floats(0.0, 1.0), st.booleans()),
    max_size=12,
)


def located_table(drawn):
    index = [venue for venue, *_ in drawn]
    placed = [known for *_, known in drawn]
    shapes = [VENUES.geometry.iloc[i] if ok else None for i, ok in zip(index, placed, strict=True)]
    times = [AT + pd.Timedelta(hours=hours) for _, hours, *_ in drawn]
    return gpd.GeoDataFrame(
        {
            "event_id": pd.Series([f"E{i}" for i in range(len(drawn))], dtype="str"),
            "timestamp": pd.Series(times, dtype="datetime64[us, Asia/Seoul]"),
            "venue_id": pd.Series(
                [f"V{i}" if ok else None for i, ok in zip(index, placed, strict=True)], dtype="str"
            ),
            "weight": [w if ok else 0.0 for _, _, w, ok in drawn],
            "how": pd.Series(["x"] * len(drawn), dtype="str"),
        },
        geometry=gpd.GeoSeries(shapes, crs="EPSG:4326"),
    )


def slots_table(seed, series=("A",)):
    rng = np.random.default_rng(seed)
    tables = []
    for name in series:
        share = rng.dirichlet(np.ones((N + 1) * 3))
        starts = pd.date_range(AT.tz_convert("UTC"), periods=3, freq="4h")
        start = pd.Series(starts.append([starts] * N))
        tables.append(
            pd.DataFrame(
                {
                    "series_id": name,
                    "venue_id": np.repeat([*VENUES["venue_id"], "elsewhere"], 3),
                    "window_start": start,
                    "window_end": start + pd.Timedelta("4h"),
                    "share": share,
                    "from_habit": 0.7 * share,
                    "from_popular": 0.3 * share,
                    "expected": 2 * share,
                    "probability": -np.expm1(-2 * share),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


@settings(max_examples=6)
@given(rows, st.integers(0, 99), st.sampled_from([("A",), ("A", "B"), ("A", "B", "C")]))
def test_shares_and_parts_sum_to_the_whole_however_many_series(drawn, seed, series):
    ranking = SimpleNamespace(slots=slots_table(seed, series), at=AT, horizon="12h")
    case = gather(ranking, located_table(drawn), VENUES, tz="Asia/Seoul")
    assert abs(case.slots["share"].sum() + case.elsewhere["share"] - 1) < 1e-9
    assert abs(case.venues["share"].sum() + case.elsewhere["share"] - 1) < 1e-9
    parts = case.slots[["from_habit", "from_popular"]].sum(axis=1)
    assert np.allclose(parts, case.slots["share"], atol=1e-12)
    assert abs(case.slots["expected"].sum() + case.elsewhere["expected"] - case.expected) < 1e-9
    assert case.slots["probability"].between(0, 1).all()
    assert case.slots["probability"].is_monotonic_decreasing


@settings(max_examples=5)
@given(rows, st.randoms(use_true_random=False))
def test_row_order_and_later_events_change_no_fact(drawn, random):
    ranking = SimpleNamespace(slots=slots_table(1), at=AT, horizon="12h")
    table = located_table(drawn)
    order = list(range(len(table)))
    random.shuffle(order)
    first = gather(ranking, table, VENUES, tz="Asia/Seoul")
    mixed = gather(ranking, table.iloc[order], VENUES, tz="Asia/Seoul")
    pd.testing.assert_frame_equal(first.venues, mixed.venues)
    assert first.counts == mixed.counts
    past = table[table["timestamp"] < AT]
    known = gather(ranking, past, VENUES, tz="Asia/Seoul")
    pd.testing.assert_frame_equal(first.venues, known.venues)
    assert first.counts["used"] == known.counts["used"]
    assert first.counts["events"] == first.counts["used"] + first.counts["later"]
    weight, only = event_weights(table, AT, "30D"), event_weights(past, AT, "30D")
    assert weight.sum() == only.sum() or np.isclose(weight.sum(), only.sum(), rtol=1e-12)


@settings(max_examples=20)
@given(rows, st.floats(50, 2_000))
def test_heat_holds_its_weight_and_no_place_is_below_zero(drawn, bandwidth_m):
    table = located_table(drawn)
    weight = event_weights(table, AT, None)
    spots = places(table, weight)
    assert np.isclose(spots["weight"].sum(), weight[table.geometry.notna().to_numpy()].sum())
    lon, lat = spots["lon"].to_numpy(dtype=float), spots["lat"].to_numpy(dtype=float)
    heat = heat_surface(lon, lat, spots["weight"].to_numpy(dtype=float), bandwidth_m=bandwidth_m)
    assert (heat.density >= 0).all()
    # nowhere hotter than all weight in one bell
    peak = spots["weight"].sum() / (2 * np.pi * (bandwidth_m / 1_000) ** 2)
    assert heat.density.max() <= peak * (1 + 1e-3) + 1e-12  # pixels are flat, bells on a globe
    steps = steps_below(float(heat.density.max()))
    assert list(steps) == sorted(steps)
    assert not steps or steps[-1] < heat.density.max()


@settings(max_examples=50)
@given(st.text())
def test_no_text_becomes_markup_or_a_request(text):
    page = one_file(
        title=text,
        lang="en",
        styles=[],
        body=f'<p title="{esc(text)}">{esc(text)}</p>',
        data={"x": text},
    )
    assert not requests_in(page)
    assert page.count("<p ") == 1
    assert page.count("</script>") == 1


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_probability_never_reads_lower(a, b):
    def value(text):
        return {"<0.1%": 0.05, ">99%": 99.5}.get(text) or float(text[:-1])

    low, high = sorted((a, b))
    voice = Translator("en")
    assert value(voice.percent(low)) <= value(voice.percent(high))


@given(st.integers(0, 167), st.integers(1, 96), st.sampled_from(["en", "ko"]))
def test_a_window_names_its_beginning_and_its_end(hour, length, lang):
    start = pd.Timestamp("2026-03-02 00:00", tz="Asia/Seoul") + pd.Timedelta(hours=hour)
    end = start + pd.Timedelta(hours=length)
    text = Translator(lang).window(start, end)
    assert f"{start:%H:%M}" in text
    assert f"{end:%H:%M}" in text or text.endswith("24:00")
    assert text.startswith(Translator(lang).day(start))

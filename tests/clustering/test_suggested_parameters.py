"""Suggested parameters."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.clustering import suggest_parameters
from crimeloc.errors import ParameterError


def test_the_knee_parts_bunched_from_lone_events(make_located):
    rng = np.random.default_rng(1)
    bunched = [
        (day * 200 + hour, venue, 1)
        for day in range(20)
        for hour, venue in zip(rng.uniform(0, 6, 6), rng.integers(0, 2, 6), strict=True)
    ]
    hours, venues = rng.uniform(0, 4000, 60), rng.integers(20, 900, 60)
    lone = [(hour, venue, 1) for hour, venue in zip(hours, venues, strict=True)]
    found = suggest_parameters(make_located(bunched + lone), min_events=4, gap="7D")
    assert 400 <= found.radius_m <= 1200
    assert 1 <= float(found.gap.removesuffix("h")) <= 12
    assert f"{found.radius_m:g} m" in str(found)
    assert "<br>" in found._repr_html_()
    ax = found.plot()
    assert ax.get_ylabel() == "distance (m) to a weight of 4"
    assert found.plot(kind="wait").get_ylabel() == "time (h) to a weight of 4"
    with pytest.raises(ParameterError, match="distance"):
        found.plot(kind="both")


def test_suggestions_agree_with_a_plain_count(make_located):
    rng = np.random.default_rng(2)
    hours, venues = rng.uniform(0, 100, 40), rng.integers(0, 30, 40)
    rows = [(hour, venue, 1.0) for hour, venue in zip(hours, venues, strict=True)]
    found = suggest_parameters(make_located(rows), min_events=3, gap="12h")
    hours, venue = np.array(rows)[:, 0].round(6), np.array(rows)[:, 1]
    kth = []
    for i in range(40):
        soon = np.abs(hours - hours[i]) <= 12
        away = np.sort(np.abs(venue - venue[i])[soon]) * 500
        kth.append(away[2] if len(away) > 2 else np.inf)
    assert found.distances_m == pytest.approx(np.sort(kth), rel=0.01)


def test_no_knee_where_nothing_is_near(make_located):
    with pytest.raises(ParameterError, match="longer gap"):
        suggest_parameters(make_located([(0, 0, 1), (500, 0, 1)]))


def test_later_uploads_play_no_part_and_the_result_remembers_what_it_was_fitted_on(make_located):
    rng = np.random.default_rng(5)
    hours, east = np.sort(rng.uniform(0, 900, 60)), rng.integers(0, 5, 60)
    located = make_located([(h, x, 1) for h, x in zip(hours, east, strict=True)])
    at = located["timestamp"].iloc[40] + pd.Timedelta("1s")
    early, late = located.iloc[:41], located.iloc[41:].reset_index(drop=True)
    found = suggest_parameters(located, min_events=2, at=at)
    assert str(found) == str(suggest_parameters(early, min_events=2))
    alone = suggest_parameters(early, min_events=2)
    assert found.distances_m.tolist() == alone.distances_m.tolist()
    again = pickle.loads(pickle.dumps(found))
    assert again.radius_m == found.radius_m
    for one in (found, again):
        chosen = {"radius_m": one.radius_m, "gap": one.gap, "rng": 7, "n_permutations": 9}
        note = "fitted on 68% of these uploads: the p-value is too small"
        assert note in str(cl.knox_test(located, **chosen))
        assert "fitted on 100%" in str(cl.knox_test(early, **chosen))
        assert "fitted on" not in str(cl.knox_test(late, **chosen))
    plain = {"radius_m": float(found.radius_m), "gap": str(found.gap), "rng": 7}
    assert "fitted on" not in str(cl.knox_test(early, **plain, n_permutations=9))
    assert "fitted on" in str(
        cl.near_repeat_table(early, [0, found.radius_m], ["0D", found.gap], rng=7, n_permutations=9)
    )

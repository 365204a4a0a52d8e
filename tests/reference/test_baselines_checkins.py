"""The baselines on real check-ins, against figures from trials made elsewhere.

The figures come from this project's page of methods (section 1): New York check-ins, each user's
last 30 % predicted one by one from the past, hour known, candidates = all venues:

    third places   frequency     .332 .611 .689  -4.28    hour of week  .385 .639 .696  -4.27
    all venues     frequency     .218 .531 .654  -4.45
    slots, third places, weekly origins, best 10 / 20 / 42 of venue x 4 h x weekday
                   raw frequency .244 .326 .409

What differs here: popularity is learned from events before each weekly origin only; "the hour" is
the hour of the week to the hour; held out is all from place ceil(.7 n) on, users with 2 visits or
more; ties at mid-rank; the file at hand holds 4,692 venues where the trial had 5,135. The trial's
smoothing, which decides the log score, is not known. Hence the tolerances: 2 points for hits (3
for all venues), .3 nats. "Raw frequency" of slots lies between our frequency (venue times hours)
and our hour_of_week (visits to the venue in that very window): both are shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from crimeloc.evaluation import Baseline, backtest
from crimeloc.evaluation.backtest import last_share


def checkins(folder: Path, third_places: bool) -> tuple[Any, Any]:
    """Check-ins as located events, and the venues."""
    visits = pd.read_csv(folder / "checkins_nyc" / "checkins.csv.gz", dtype={"user_id": str})
    places = pd.read_csv(folder / "checkins_nyc" / "venues.csv.gz")
    if third_places:
        places = places[places["third_place"]].reset_index(drop=True)
    visits = visits[visits["venue_id"].isin(places["venue_id"])].reset_index(drop=True)
    venues = gpd.GeoDataFrame(
        {"venue_id": places["venue_id"]},
        geometry=gpd.points_from_xy(places["lon"], places["lat"]),
        crs=4326,
    )
    where = venues.set_index("venue_id").geometry.reindex(visits["venue_id"])
    located = gpd.GeoDataFrame(
        {
            "event_id": [f"E{i}" for i in range(len(visits))],
            "series_id": visits["user_id"],
            "timestamp": pd.to_datetime(visits["timestamp"], utc=True),
            "venue_id": visits["venue_id"],
            "weight": 1.0,
            "how": "check-in",
            "tz": "America/New_York",
        },
        geometry=gpd.GeoSeries(where.to_numpy(), crs=4326),
    )
    return located, venues


@pytest.mark.parametrize(
    ("third_places", "rule", "hits", "log_score", "tolerance"),
    [
        (True, "frequency", (0.332, 0.611, 0.689), -4.28, 0.02),
        (True, "hour_of_week", (0.385, 0.639, 0.696), -4.27, 0.02),
        (False, "frequency", (0.218, 0.531, 0.654), -4.45, 0.03),
    ],
)
def test_next_venue_as_in_the_trials(
    reference_data: Path,
    third_places: bool,
    rule: str,
    hits: tuple[float, ...],
    log_score: float,
    tolerance: float,
) -> None:
    located, venues = checkins(reference_data, third_places)
    outcome = backtest(
        Baseline(rule),
        located,
        venues,
        start=last_share(located, 0.3),
        protocol="next",
        given_window=True,
        baselines=False,
    )
    scores = outcome.scores().iloc[0]
    print(scores.round(3).to_dict())
    assert scores[["hit@1", "hit@5", "hit@10"]].tolist() == pytest.approx(hits, abs=tolerance)
    assert scores["log_score"] == pytest.approx(log_score, abs=0.3)


def test_slots_as_in_the_trials(reference_data: Path) -> None:
    located, venues = checkins(reference_data, third_places=True)
    some = sorted(located["series_id"].unique())[::4]  # every fourth user: 12 s, all take 50
    part = located[located["series_id"].isin(some)]
    scores = backtest(
        Baseline("hour_of_week"),
        part,
        venues,
        start=last_share(part, 0.3),
        baselines=[Baseline("frequency")],
    ).scores()
    print(scores.round(3).to_string())
    # A quarter of 4,229 uploads: standard error 1.5 points.
    columns = ["capture@10", "capture@20", "capture@42"]
    middle = scores.loc[["frequency", "hour_of_week"], columns].mean()
    assert middle.tolist() == pytest.approx([0.244, 0.326, 0.409], abs=0.04)

"""What holds for every made-up city."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crimeloc.simulation import City, make_city
from crimeloc.simulation.offenders import HABITS
from crimeloc.tables import ELSEWHERE, EVENTS, LEASES, LOCATED, VENUES, validate

cities = st.fixed_dictionaries(
    {
        "rng": st.integers(0, 2**31),
        "n_venues": st.integers(4, 60),
        "n_districts": st.integers(1, 15),
        "n_offenders": st.integers(0, 4),
        "n_background": st.integers(1, 40),
        "days": st.integers(1, 120),
        "ambiguous": st.sampled_from([0.0, 0.3, 1.0]),
        "elsewhere": st.sampled_from([0.0, 0.5, 1.0]),
        "habits": st.one_of(st.none(), st.sampled_from(sorted(HABITS))),
        "tz": st.sampled_from(["Asia/Seoul", "Europe/Berlin", "America/New_York", "UTC"]),
        "handovers": st.sampled_from([0.0, 0.5, 1.0]),
        "shared_handles": st.sampled_from([0.0, 0.1, 1.0]),
        "reposters": st.sampled_from([0.0, 0.2, 1.0]),
        "circulating": st.sampled_from([0.0, 0.5]),
        "copies": st.integers(0, 3),
        "generations": st.integers(0, 3),
        "max_noise_bits": st.integers(0, 31),
    }
)


def saved(city: City) -> bytes:
    """The bytes of all tables, as files."""
    out = io.BytesIO()
    for table in (city.events, city.leases, city.truth, city.offenders):
        out.write(table.to_csv(index=False).encode())
        table.to_parquet(part := io.BytesIO())
        out.write(part.getvalue())
    for shapes in (city.venues, city.districts):
        out.write(shapes.to_wkb().to_csv(index=False).encode())
        shapes.to_parquet(part := io.BytesIO())
        out.write(part.getvalue())
    return out.getvalue()


@settings(max_examples=15)
@given(cities)
def test_one_seed_one_city_to_the_byte(arguments: dict[str, object]) -> None:
    assert saved(make_city(**arguments)) == saved(make_city(**arguments))  # type: ignore[arg-type]


@settings(max_examples=40)
@given(cities)
def test_every_city_is_sound(arguments: dict[str, object]) -> None:
    city = make_city(**arguments)  # type: ignore[arg-type]
    validate(city.events, EVENTS)
    validate(city.venues, VENUES)
    validate(city.leases, LEASES)
    validate(city.located_truth(), LOCATED)
    truth, events = city.truth, city.events
    n = len(events)
    assert n == len(truth) > 0
    assert len(city.venues) == arguments["n_venues"]
    assert len(city.districts) == arguments["n_districts"]
    assert len(city.offenders) == arguments["n_offenders"]
    start = pd.Timestamp("2025-09-01 00:00+09:00")
    # The last day may be an hour longer where clocks change.
    end = start + pd.Timedelta(days=arguments["days"]) + pd.Timedelta("1h")  # type: ignore[arg-type]
    assert events["timestamp"].between(start - pd.Timedelta("1h"), end).all()
    away = truth["venue_id"] == ELSEWHERE
    assert (truth["n_candidates"] == 0).equals(away)
    assert int(truth["is_ambiguous"].sum()) == round(arguments["ambiguous"] * int((~away).sum()))  # type: ignore[operator]
    parents = truth["parent_event_id"].dropna()
    row = pd.Series(np.arange(n), index=truth["event_id"])
    assert (row[parents].to_numpy() <= parents.index.to_numpy()).all()
    assert (truth["noise_bits"].dropna() <= arguments["max_noise_bits"]).all()
    assert (truth["is_original"] == (truth["parent_event_id"].isna() & ~truth["is_common"])).all()
    assert events["content_hash"].str.fullmatch("[0-9a-f]{64}").all()
    assert truth.groupby("visit_id")["uploader_id"].nunique().max() == 1
    assert truth.groupby("visit_id")["venue_id"].nunique().max() == 1


@settings(max_examples=15)
@given(st.integers(0, 2**31), st.integers(4, 40))
def test_never_means_never(seed: int, n_venues: int) -> None:
    city = make_city(
        rng=seed, n_venues=n_venues, habits="never_returns", n_offenders=4, n_background=0, days=90
    )
    visited = city.series[city.series["venue_id"] != ELSEWHERE]
    assert not visited.duplicated(["series_id", "venue_id"]).any()

"""No verb changes the caller's tables, and every table between rooms keeps its contract."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.tables import CLUSTERS, LOCATED, SLOTS, VENUES, validate

AT = "2025-11-20 00:00+09:00"
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def tables() -> Tables:
    city = cl.make_city(rng=5, days=90, n_venues=25, n_offenders=3, n_background=20)
    located = city.located_truth(offenders_only=True)
    return {
        "events": city.events,
        "venues": city.venues,
        "leases": city.leases,
        "located": located,
        "districts": city.districts,
    }


VERBS: dict[str, Callable[[Tables], object]] = {
    "locate_events": lambda t: validate(
        cl.locate_events(t["events"], t["venues"], leases=t["leases"]), LOCATED
    ),
    "link_events": lambda t: cl.link_events(t["located"].drop(columns="series_id")),
    "trace_content": lambda t: cl.trace_content(t["located"]),
    "cluster_events": lambda t: cl.cluster_events(t["located"], radius_m=800, gap="36h"),
    "summarise_clusters": lambda t: validate(
        cl.summarise_clusters(cl.cluster_events(t["located"], radius_m=800, gap="36h")), CLUSTERS
    ),
    "sessions": lambda t: cl.sessions(t["located"]),
    "knox_test": lambda t: cl.knox_test(t["located"], radius_m=800, gap="36h", rng=7),
    "scan_test": lambda t: cl.scan_test(
        t["located"], max_radius_m=3_000, max_duration="14D", n_permutations=19, rng=7
    ),
    "changepoints": lambda t: cl.changepoints(t["located"], rng=7),
    "regularity": lambda t: cl.regularity(t["located"], rng=7),
    "profile_anchor": lambda t: cl.profile_anchor(t["located"], t["venues"]),
    "rank": lambda t: validate(cl.rank(t["located"], t["venues"], at=AT).slots, SLOTS),
    "backtest": lambda t: cl.backtest(
        cl.Ranker(), t["located"], t["venues"], start=AT, end="2025-11-28 00:00+09:00", n_jobs=1
    ),
    "preserve_footage": lambda t: cl.preserve_footage(t["located"], at=AT, retention="30D"),
    "briefing": lambda t: cl.briefing(
        cl.rank(t["located"], t["venues"], at=AT),
        located=t["located"],
        venues=validate(t["venues"], VENUES),
        districts=t["districts"],
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_the_callers_tables_stay_as_they_are(verb: str, tables: Tables) -> None:
    given = {name: table.copy(deep=True) for name, table in tables.items()}
    VERBS[verb](given)
    for name, table in given.items():
        if isinstance(table, gpd.GeoDataFrame):
            assert table.crs == tables[name].crs
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(tables[name]))

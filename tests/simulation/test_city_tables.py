"""The tables of the made-up city: contracts, invented things only, words for what is refused."""

from __future__ import annotations

import ipaddress
import re

import numpy as np
import pandas as pd
import pytest
import shapely

import crimeloc
from crimeloc.errors import ParameterError
from crimeloc.geometry import lonlat
from crimeloc.simulation import City, make_city
from crimeloc.simulation.offenders import HABITS
from crimeloc.tables import ELSEWHERE, EVENTS, LEASES, LOCATED, VENUES, validate

ALLOWED = [
    ipaddress.ip_network(text)
    for text in (
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "2001:db8::/32",
    )
]


@pytest.fixture(scope="module")
def city() -> City:
    return make_city(rng=5)


def allowed(address: str) -> bool:
    wanted = ipaddress.ip_network(address)
    return any(wanted.version == n.version and wanted.subnet_of(n) for n in ALLOWED)  # type: ignore[arg-type]


def test_tables_keep_their_contracts(city: City) -> None:
    validate(city.events, EVENTS)
    validate(city.venues, VENUES)
    validate(city.leases, LEASES)
    assert city.events["timestamp"].is_monotonic_increasing
    assert city.events["tz"].unique().tolist() == ["Asia/Seoul"]
    assert city.venues.crs == city.districts.crs == "EPSG:4326"
    assert city.truth["event_id"].equals(city.events["event_id"])
    assert city.truth["is_ambiguous"].equals(city.truth["n_candidates"] > 1)


def test_truth_without_elsewhere_names_venues_of_the_register(city: City) -> None:
    names = set(city.venues["venue_id"]) | {ELSEWHERE}
    assert set(city.truth["venue_id"]) <= names
    assert set(city.leases["venue_id"]) <= names - {ELSEWHERE}
    assert set(city.truth["series_id"].dropna()) == set(city.offenders["series_id"])


def test_located_truth_is_located(city: City) -> None:
    located = city.located_truth()
    validate(located, LOCATED)
    away = city.truth["venue_id"] == ELSEWHERE
    assert (located["weight"] == np.where(away, 0.0, 1.0)).all()
    assert (located.geometry.isna() == away).all()
    assert located["venue_id"].isna().equals(away)
    place = city.venues.set_index("venue_id").geometry
    first = located[~away].iloc[0]
    assert first.geometry == place[first["venue_id"]]
    own = city.located_truth(offenders_only=True)
    assert len(own) == city.truth["series_id"].notna().sum() == len(city.series)


def test_addresses_are_kept_for_documentation_or_private_use(city: City) -> None:
    assert all(allowed(network) for network in city.leases["network"].unique())
    assert all(allowed(address) for address in city.events["ip"].unique())
    assert not allowed("192.0." + "3.1")  # one network beside the first of RFC 5737


def test_no_venue_stands_on_a_real_door(city: City) -> None:
    """The city lies between the mainland and Ulleungdo: at least 40 km from either."""
    degrees = lonlat(city.venues.geometry)
    assert (np.abs(degrees - np.array([130.2, 37.05])) < 0.25).all()


def test_districts_part_the_city(city: City) -> None:
    shapes = city.districts.geometry.to_crs("EPSG:5179")
    assert shapes.is_valid.all()
    union = shapely.union_all(np.asarray(shapes.array))
    assert shapes.area.sum() == pytest.approx(union.area, rel=1e-4)  # corners are rounded
    points = city.venues.geometry.to_crs("EPSG:5179")
    own = city.districts.set_index("district_id").geometry.to_crs("EPSG:5179")
    away = points.distance(own.loc[city.venues["district_id"]], align=False)
    assert away.max() < 0.5  # metres: coordinates are rounded to 0.1 m
    named = city.districts.set_index("district_id")["name"].loc[city.venues["district_id"]]
    pairs = zip(named, city.venues["address"], strict=True)
    assert all(f" {name} " in address for name, address in pairs)


def test_the_week_is_written_as_the_library_reads_it(city: City) -> None:
    from crimeloc.events.calendar import calendar_windows, open_share
    from crimeloc.simulation.places import HOURS

    starts, ends = calendar_windows("2026-03-02 00:00+09:00", "7D", "1h", tz="Asia/Seoul")
    texts = pd.Series([text for text, _, _ in HOURS], dtype="str")
    share = open_share(texts, starts, ends, tz="Asia/Seoul", country=None)
    expected = np.array([mask for _, mask, _ in HOURS], dtype=float)
    np.testing.assert_array_equal(share, expected)
    assert sum(share for _, _, share in HOURS) == pytest.approx(1.0)


def test_one_section_does_not_disturb_another() -> None:
    one = make_city(rng=9, n_venues=30, n_offenders=3, n_background=20, days=60)
    other = make_city(rng=9, n_venues=30, n_offenders=5, n_background=90, days=60, ambiguous=0.4)
    pd.testing.assert_frame_equal(one.venues, other.venues)
    pd.testing.assert_frame_equal(one.leases, other.leases)
    for name in ("S-01", "S-03"):
        mine, theirs = (
            c.series.loc[c.series["series_id"] == name, ["timestamp", "venue_id"]].reset_index(
                drop=True
            )
            for c in (one, other)
        )
        pd.testing.assert_frame_equal(mine, theirs)


def test_a_generator_serves_as_dice_and_moves_on() -> None:
    dice = np.random.default_rng(4)
    small = {"n_venues": 10, "n_offenders": 2, "n_background": 5, "days": 20}
    first, second = make_city(rng=dice, **small), make_city(rng=dice, **small)
    again = make_city(rng=np.random.default_rng(4), **small)
    pd.testing.assert_frame_equal(first.events, again.events)
    assert not first.events["content_hash"].isin(second.events["content_hash"]).any()


def test_only_offenders_and_only_others() -> None:
    alone = make_city(rng=2, n_background=0, n_venues=20, days=60)
    assert set(alone.truth["role"]) == {"offender"}
    crowd = make_city(rng=2, n_offenders=0, n_venues=20, days=60)
    assert crowd.truth["series_id"].isna().all()
    assert len(crowd.series) == len(crowd.offenders) == 0
    assert crowd.truth["parent_event_id"].notna().any()  # contents of the crowd circulate
    validate(crowd.located_truth(), LOCATED)
    assert len(crowd.located_truth(offenders_only=True)) == 0
    assert "0 offenders" in str(crowd)


@pytest.mark.parametrize("habit", sorted(HABITS))
def test_habits_by_name_and_in_turn(habit: str) -> None:
    city = make_city(rng=3, habits=habit, n_venues=20, n_offenders=3, n_background=5, days=30)
    assert city.offenders["habit"].tolist() == [habit] * 3
    turn = make_city(
        rng=3, habits=[habit, "night"], n_venues=20, n_offenders=3, n_background=5, days=30
    )
    assert turn.offenders["habit"].tolist() == [habit, "night", habit]


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("n_venues", 3),
        ("n_districts", 0),
        ("n_offenders", -1),
        ("days", 0),
        ("days", 3.5),
        ("ambiguous", 1.2),
        ("elsewhere", -0.1),
        ("habits", "burglar"),
        ("habits", ()),
        ("max_noise_bits", 200),
        ("tz", "Asia/Nowhere"),
        ("start", "2025-09-01"),
        ("rng", None),
        ("copies", True),
        ("uploads_per_offender", 0.0),
        ("uploads_per_background", -1.0),
    ],
)
def test_what_is_refused_is_named(argument: str, value: object) -> None:
    with pytest.raises(ParameterError, match=f"^{argument}: found .*hint: "):
        make_city(**{"rng": 1, argument: value})  # type: ignore[arg-type]


def test_nobody_at_all_is_refused() -> None:
    with pytest.raises(ParameterError, match="somebody who uploads"):
        make_city(rng=1, n_offenders=0, n_background=0)


def test_the_front_door_has_the_city() -> None:
    assert crimeloc.make_city is make_city
    assert crimeloc.City is City


def test_the_city_says_what_it_is(city: City) -> None:
    text = str(city)
    counts = re.search(r"(\d+) uploads,.* (\d+) by 10 offenders, (\d+) by (\d+) others", text)
    assert counts is not None
    uploads, own, others, people = map(int, counts.groups())
    assert uploads == own + others == len(city.events)
    assert people == 400
    assert "10.0% of the others have an address that fits several venues" in text

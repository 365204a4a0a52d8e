"""What was asked of the made-up city is in it: planted truths, several seeds."""

from __future__ import annotations

import ipaddress

import numpy as np
import pandas as pd
import pytest

from crimeloc.events.calendar import in_business, open_share
from crimeloc.geometry import great_circle_m, lonlat
from crimeloc.simulation import City, make_city
from crimeloc.tables import ELSEWHERE
from crimeloc.units import instants

SEEDS = (1, 2, 3)


def joined(city: City) -> pd.DataFrame:
    return city.events.merge(city.truth, on="event_id")


def distances(hashes: pd.Series, others: pd.Series) -> np.ndarray:
    one, two = (
        np.array([list(bytes.fromhex(text)) for text in column], dtype=np.uint8)
        for column in (hashes, others)
    )
    return np.unpackbits(one ^ two, axis=1).sum(axis=1)


def candidates(city: City) -> list[set[str]]:
    """Look every upload up in the leases, by hand: longest prefix, port, validity."""
    leases = city.leases
    networks = [ipaddress.ip_network(text) for text in leases["network"]]
    begin = leases["valid_from"].fillna(pd.Timestamp("1900-01-01", tz="UTC")).to_numpy()
    end = leases["valid_to"].fillna(pd.Timestamp("2200-01-01", tz="UTC")).to_numpy()
    low = leases["port_min"].fillna(0).to_numpy(dtype=int)
    high = leases["port_max"].fillna(65_535).to_numpy(dtype=int)
    names = leases["venue_id"].to_numpy()
    inside: dict[str, np.ndarray] = {}
    found = []
    times = city.events["timestamp"].array
    for ip, port, when in zip(city.events["ip"], city.events["port"], times, strict=True):
        if ip not in inside:
            address = ipaddress.ip_address(ip)
            inside[ip] = np.array([k for k, net in enumerate(networks) if address in net], int)
        rows = inside[ip]
        rows = rows[(begin[rows] <= when) & (when < end[rows])]
        if not pd.isna(port):
            rows = rows[(low[rows] <= port) & (port <= high[rows])]
        if len(rows):
            longest = max(networks[row].prefixlen for row in rows)
            rows = np.array([row for row in rows if networks[row].prefixlen == longest])
        found.append(set(names[rows]))
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_as_many_addresses_are_ambiguous_as_asked(seed: int, share: float) -> None:
    city = make_city(rng=seed, n_venues=40, n_background=150, ambiguous=share)
    at_venue = city.truth["venue_id"] != ELSEWHERE
    asked = round(share * int(at_venue.sum()))
    assert int(city.truth["is_ambiguous"].sum()) == asked
    assert not city.truth.loc[~at_venue, "is_ambiguous"].any()


@pytest.mark.parametrize("seed", SEEDS)
def test_leases_lead_to_a_set_that_holds_the_venue(seed: int) -> None:
    city = make_city(rng=seed, n_venues=40, n_offenders=6, n_background=120, ambiguous=0.3)
    truth = city.truth.assign(found=candidates(city))
    for row in truth.itertuples():
        assert len(row.found) == row.n_candidates
        assert (row.venue_id in row.found) == (row.venue_id != ELSEWHERE)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_port_makes_a_shared_address_exact(seed: int) -> None:
    city = make_city(rng=seed)
    table = joined(city)
    with_port = table[table["how"] == "shared, port"]
    without = table[table["how"] == "shared, no port"]
    assert (with_port["n_candidates"] == 1).all()
    assert with_port["port"].notna().all()
    assert (without["n_candidates"] > 1).all()
    assert without["port"].isna().all()
    assert set(with_port["ip"]) & set(without["ip"])


@pytest.mark.parametrize("seed", SEEDS)
def test_blocks_change_hands_within_the_period(seed: int) -> None:
    city = make_city(rng=seed, handovers=0.2)
    start, end = city.events["timestamp"].min(), city.events["timestamp"].max()
    own = city.leases[city.leases["port_min"].isna() & ~city.leases["network"].str.endswith("/48")]
    own = own[~own["network"].str.startswith("10.128.")]
    ends = own[(own["valid_to"] > start) & (own["valid_to"] < end)]
    heirs = ends.merge(own, left_on=["network", "valid_to"], right_on=["network", "valid_from"])
    stable = city.venues["closed"].isna() & (city.venues["opened"] < start)
    lasting = heirs[heirs["venue_id_x"].isin(city.venues.loc[stable, "venue_id"])]
    assert lasting["venue_id_x"].nunique() == 2 * round(0.2 * stable.sum() / 2)
    assert (heirs["venue_id_x"] != heirs["venue_id_y"]).all()
    # ... and nobody holds a block of their own while another does.
    for _, block in own.groupby("network"):
        block = block.sort_values("valid_from", na_position="first")
        assert (block["valid_to"].iloc[:-1].to_numpy() <= block["valid_from"].iloc[1:]).all()


def test_no_handovers_when_none_are_asked() -> None:
    city = make_city(rng=1, handovers=0.0)
    lasting = city.venues.loc[city.venues["closed"].isna(), "venue_id"]
    assert city.leases.loc[city.leases["venue_id"].isin(lasting), "valid_to"].isna().all()


@pytest.mark.parametrize("seed", SEEDS)
def test_who_never_returns_never_returns(seed: int) -> None:
    city = make_city(rng=seed)
    habit = city.offenders.set_index("series_id")["habit"]
    assert (habit == "never_returns").any()
    visited = city.series[city.series["venue_id"] != ELSEWHERE]
    returns = visited.groupby("series_id")["venue_id"].apply(lambda v: v.duplicated().mean())
    assert (returns[habit == "never_returns"] == 0).all()
    assert (returns[habit != "never_returns"] > 0.3).all()


def _far(city: City, lon: str, lat: str) -> pd.Series:
    """How far was each visit from an anchor of its offender?"""
    table = city.series[city.series["venue_id"] != ELSEWHERE].merge(
        city.offenders, on="series_id", how="left"
    )
    place = lonlat(city.venues.set_index("venue_id").geometry.loc[table["venue_id"]])
    far = great_circle_m(place[:, 0], place[:, 1], table[lon], table[lat])
    return table.assign(far=far)


@pytest.mark.parametrize("seed", SEEDS)
def test_who_moves_turns_up_around_the_new_home(seed: int) -> None:
    city = make_city(rng=seed, habits="moves", n_offenders=12, n_background=0, stopped=0.0)
    old, new = _far(city, "home_lon", "home_lat"), _far(city, "later_home_lon", "later_home_lat")
    after = old["timestamp"] >= old["moved_at"]
    assert 0.3 < after.mean() < 0.7
    assert old.loc[~after, "far"].median() < new.loc[~after, "far"].median()
    assert new.loc[after, "far"].median() < old.loc[after, "far"].median()


@pytest.mark.parametrize("seed", SEEDS)
def test_commuters_have_two_anchors_by_the_time_of_day(seed: int) -> None:
    city = make_city(rng=seed, habits="commuter", n_offenders=12, n_background=0)
    home, work = _far(city, "home_lon", "home_lat"), _far(city, "work_lon", "work_lat")
    local = home["timestamp"].dt.tz_convert("Asia/Seoul")
    weekday = local.dt.day_of_week < 5
    assert work.loc[weekday, "far"].median() < home.loc[weekday, "far"].median()
    assert home.loc[~weekday, "far"].median() < work.loc[~weekday, "far"].median()


@pytest.mark.parametrize("seed", SEEDS)
def test_who_stops_is_silent_after(seed: int) -> None:
    city = make_city(rng=seed, n_offenders=24, n_background=5, stopped=0.5)
    last = city.series.groupby("series_id")["timestamp"].max()
    stopped = city.offenders.set_index("series_id")["stopped_at"].dropna()
    assert 4 <= len(stopped) <= 20  # 12 expected; three standard deviations are 7.3
    # A burst that began before midnight may end after it.
    assert (last[stopped.index] < stopped + pd.Timedelta("6h")).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_uploads_behind_a_closed_door(seed: int) -> None:
    city = make_city(rng=seed)
    for venue, table in joined(city).groupby("venue_id"):
        if venue == ELSEWHERE:
            continue
        row = city.venues[city.venues["venue_id"] == venue]
        moments = instants(table["timestamp"])
        share = open_share(
            row["opening_hours"], moments, moments + 1_000_000, tz="Asia/Seoul", country=None
        )
        life = in_business(row["opened"], row["closed"], moments, moments + 1_000_000)
        assert (share == 1).all()
        assert (life == 1).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_in_two_places_at_once(seed: int) -> None:
    series = make_city(rng=seed).series
    series = series[series["venue_id"] != ELSEWHERE]
    before = series.groupby("series_id").shift()
    moved = series["venue_id"].ne(before["venue_id"]) & before["venue_id"].notna()
    gap = series.loc[moved, "timestamp"] - before.loc[moved, "timestamp"]
    assert gap.min() >= pd.Timedelta("30min")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("noise", [0, 8, 31])
def test_copies_differ_in_as_many_bits_as_the_truth_says(seed: int, noise: int) -> None:
    table = joined(make_city(rng=seed, max_noise_bits=noise))
    copies = table[table["parent_event_id"].notna()]
    parents = table.set_index("event_id").loc[copies["parent_event_id"]]
    found = distances(copies["content_hash"], parents["content_hash"])
    assert (found == copies["noise_bits"].to_numpy(dtype=int)).all()
    assert found.max() <= noise
    assert noise == 0 or found.max() > 0.8 * noise
    assert (copies["content_id"].to_numpy() == parents["content_id"].to_numpy()).all()
    assert (copies["timestamp"].array > parents["timestamp"].array).all()
    assert (copies["generation"].to_numpy() == parents["generation"].to_numpy() + 1).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_content_spreads_by_two_copies_per_generation(seed: int) -> None:
    city = make_city(rng=seed, circulating=0.2, copies=2, generations=3, start="2025-01-01T00Z")
    truth = city.truth
    copies = truth[truth["role"].eq("reposter") & truth["parent_event_id"].notna()]
    per_parent = copies["parent_event_id"].value_counts()
    assert per_parent.max() <= 2
    assert per_parent.mean() > 1.8  # some copies would fall behind the end of the period
    assert set(copies["generation"]) == {1, 2, 3}
    per_content = copies["content_id"].value_counts()
    assert per_content.max() == 2 + 4 + 8
    fathers = truth.set_index("event_id").loc[
        copies.loc[copies["generation"] == 1]["parent_event_id"]
    ]
    assert (fathers["role"] == "offender").all()


@pytest.mark.parametrize("seed", SEEDS)
def test_unrelated_hashes_look_like_fair_coins(seed: int) -> None:
    """256 fair coins: mean 128, standard deviation 8; 31 bits are twelve of these away."""
    table = joined(make_city(rng=seed))
    new = table.loc[table["is_original"], "content_hash"]
    some = new.drop_duplicates().to_numpy()
    assert len(some) == len(new)
    found = distances(pd.Series(some[:-1]), pd.Series(some[1:]))
    assert found.mean() == pytest.approx(128, abs=4 * 8 / np.sqrt(len(found)))
    assert found.std() == pytest.approx(8, rel=0.1)
    assert found.min() > 62


@pytest.mark.parametrize("seed", SEEDS)
def test_common_content_is_everywhere(seed: int) -> None:
    table = joined(make_city(rng=seed, common_content=0.05))
    common = table[table["is_common"]]
    assert 0.02 < len(common) / len(table) < 0.08
    assert common["content_id"].nunique() == 3
    for _, group in common.groupby("content_id"):
        assert group["uploader_id"].nunique() > 5
        first = pd.Series([group["content_hash"].iloc[0]] * len(group))
        assert distances(group["content_hash"], first).max() <= 6  # 3 bits each from the same


@pytest.mark.parametrize("seed", SEEDS)
def test_shared_handles_are_shared_and_others_are_not(seed: int) -> None:
    table = joined(make_city(rng=seed, n_offenders=20, n_background=2_000, shared_handles=0.1))
    users = table.groupby("handle")["uploader_id"].nunique()
    lent = table[table["handle_shared"]]
    assert (users[table.loc[~table["handle_shared"], "handle"].unique()] == 1).all()
    assert (users[lent["handle"].unique()] > 1).any()
    assert (lent["role"] == "offender").any()
    assert lent["uploader_id"].nunique() > 50
    none = joined(make_city(rng=seed, shared_handles=0.0))
    assert none.groupby("handle")["uploader_id"].nunique().max() == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_uploads_bunch_and_rest(seed: int) -> None:
    """Bursts within hours, a routine within the week, days off: not a Poisson process."""
    city = make_city(rng=seed, n_offenders=12, n_background=0, habits=("routine", "night"))
    series = city.series
    gaps = series.groupby("series_id")["timestamp"].diff().dropna().dt.total_seconds()
    assert (gaps < 7_200).mean() > 0.25
    assert gaps.std() / gaps.mean() > 1.1
    local = series["timestamp"].dt.tz_convert("Asia/Seoul")
    hour = (local.dt.day_of_week * 24 + local.dt.hour).groupby(series["series_id"])
    assert (hour.nunique() < 60).all()  # of 168


@pytest.mark.parametrize("seed", SEEDS)
def test_the_asked_number_of_uploads_is_about_met(seed: int) -> None:
    city = make_city(
        rng=seed,
        n_offenders=60,
        n_venues=250,
        uploads_per_offender=60.0,
        stopped=0.0,
        uploads_per_background=6.0,
        circulating=0.0,
    )
    truth = city.truth
    own = truth.dropna(subset="series_id").groupby("series_id").size().mean()
    others = truth[truth["series_id"].isna()].groupby("uploader_id").size().mean()
    assert own == pytest.approx(60, rel=0.15)
    assert others == pytest.approx(6, rel=0.2)

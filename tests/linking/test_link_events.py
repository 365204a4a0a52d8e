"""link_events: its tables, its constraints, what it refuses, what it must not do."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError, TableError
from crimeloc.linking import Links, calibrate_similarity, link_events, score_links
from crimeloc.linking.log_arrays import Columns, read_log
from crimeloc.linking.pair_tables import evidence_columns
from crimeloc.simulation import City
from crimeloc.tables import LOCATED, validate


def _events(rows: list[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["event_id", "timestamp", *columns])
    table["timestamp"] = pd.to_datetime(table["timestamp"], utc=True)
    return table


def _crowd(n: int = 12) -> list[tuple[object, ...]]:
    """People with one account and one device each, who share nothing."""
    return [
        (f"X{k}-{d}", f"2026-02-{d + 1:02d} {k:02d}:00", f"who{k}", f"own{k}")
        for k in range(n)
        for d in range(6)
    ]


def test_the_table_comes_back_with_two_columns(located: gpd.GeoDataFrame, links: Links) -> None:
    assert links.events.columns.tolist() == [*located.columns, "series_id", "series_weight"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(links.events.drop(columns=["series_id", "series_weight"])),
        pd.DataFrame(located),
    )
    validate(links.events, LOCATED)
    alone = links.events["series_id"].isna()
    assert (links.events.loc[alone, "series_weight"] == 0).all()
    assert links.events.loc[~alone, "series_weight"].between(0.5, 1).all()


def test_evidence_sums_to_the_score(links: Links) -> None:
    kinds = evidence_columns(links.pairs)
    assert {"prior", "account", "device", "venue", "hours", "title", "content"} <= set(kinds)
    gap = links.pairs[kinds].sum(axis=1) - links.pairs["score"]
    assert gap.abs().max() < 1e-9
    odds = links.pairs["probability"] / (1 - links.pairs["probability"]).clip(lower=1e-300)
    near = links.pairs["score"].abs() < 30
    assert np.allclose(np.log2(odds[near]), links.pairs["score"][near], atol=1e-5)


def test_the_waterfall_ends_at_the_score(links: Links) -> None:
    row = links.pairs[links.pairs["basis"] == "entities"].iloc[0]
    steps = links.waterfall(row["event_id_2"], row["event_id_1"])
    assert steps["evidence"].iloc[-1] == "score"
    assert steps["to"].iloc[-1] == pytest.approx(row["score"])
    assert np.allclose(steps["from"].iloc[1:-1], steps["to"].iloc[:-2])
    with pytest.raises(ParameterError, match="a pair of links"):
        links.waterfall("E-00001", "nobody")


def test_it_prints_itself(links: Links) -> None:
    text = str(links)
    assert "series" in text
    assert "shared accounts" in text
    assert "<table" in links._repr_html_()
    assert links.provenance.method == "link_events"


def test_candidates_of_one_event_are_one_event(located: gpd.GeoDataFrame, links: Links) -> None:
    double = located.copy()
    double["weight"] = double["weight"] * 0.9
    extra = double[double["venue_id"].notna()].iloc[::5].copy()
    other = located.dropna(subset=["venue_id"]).drop_duplicates("venue_id").iloc[0]
    extra = extra[extra["venue_id"] != other["venue_id"]]
    extra["venue_id"], extra["geometry"], extra["weight"] = (
        other["venue_id"],
        other["geometry"],
        0.1,
    )
    table = pd.concat([double, extra], ignore_index=True)
    found = link_events(table)
    per_event = found.events.groupby("event_id")["series_id"].nunique(dropna=False)
    assert (per_event == 1).all()
    assert len(found.series) > 0.9 * len(links.series)


def test_what_people_say_is_obeyed_and_recorded(located: gpd.GeoDataFrame, links: Links) -> None:
    big = links.series["series_id"].tolist()
    first = links.events.drop_duplicates("series_id").set_index("series_id")["event_id"]
    a, b = first[big[0]], first[big[1]]
    joined = link_events(located, must_link=[(a, b, "Insp. Han", "seen on camera")])
    events = joined.events.set_index("event_id")
    assert events["series_id"][a] == events["series_id"][b]
    assert events["series_weight"][a] == events["series_weight"][b] == 1.0
    assert joined.constraints[["by", "who", "why", "kind"]].values.tolist() == [
        ["event", "Insp. Han", "seen on camera", "must_link"]
    ]
    inside = links.events[links.events["series_id"] == big[0]]["event_id"]
    c, d = inside.iloc[0], inside.iloc[-1]
    parted = link_events(located, cannot_link=[(c, d, "Insp. Han", "alibi")])
    name = parted.events.set_index("event_id")["series_id"]
    assert pd.isna(name[c]) or pd.isna(name[d]) or name[c] != name[d]


def test_accounts_that_must_be_one_are_certain_to_the_last_upload(
    located: gpd.GeoDataFrame, links: Links, tmp_path: Path
) -> None:
    own = links.events.drop_duplicates("event_id").groupby("handle")["series_id"].nunique()
    one, two = own[own == 1].index[[0, -1]]
    file = tmp_path / "known.csv"
    file.write_text(f"by,one,two,who,why\naccount,{one},{two},Insp. Han,one phone bill\n")
    joined = link_events(located, must_link=file).events
    both = joined[joined["handle"].isin([one, two])]
    assert len(set(both["series_id"])) == 1
    assert both["series_id"].notna().all()
    assert (both["series_weight"] == 1.0).all()
    pd.testing.assert_frame_equal(
        joined, link_events(located, must_link=[(f"account:{one}", f"account:{two}")]).events
    )
    parted = link_events(
        located, must_link=None, cannot_link=[(f"account:{one}", f"account:{two}")]
    )
    of = parted.events.groupby("handle")["series_id"].unique()
    assert not set(of[one]) & set(of[two]) - {None, np.nan}


def test_earlier_series_that_must_be_one_are_certain(
    located: gpd.GeoDataFrame, links: Links
) -> None:
    one, two = links.series["series_id"].iloc[[0, 1]]
    known = [(f"series:{one}", f"series:{two}", "Insp. Han", "confession")]
    joined = link_events(located, previous=links, must_link=known).events.set_index("event_id")
    events = links.events.set_index("event_id")
    those = events.index[events["series_id"].isin([one, two])]
    assert len(set(joined.loc[those, "series_id"])) == 1
    assert (joined.loc[those, "series_weight"] == 1.0).all()
    with pytest.raises(ParameterError, match="previous"):
        link_events(located, must_link=known)


def test_contradictions_and_strangers_are_refused(located: gpd.GeoDataFrame) -> None:
    a, b = located["event_id"].iloc[[0, 1]]
    with pytest.raises(ParameterError, match="must_link also joins"):
        link_events(located, must_link=[(a, b)], cannot_link=[(b, a)])
    with pytest.raises(ParameterError, match="does not know as event"):
        link_events(located, must_link=[(a, "nobody")])
    with pytest.raises(ParameterError, match="two events"):
        link_events(located, must_link=[(a,)])


def test_series_keep_their_names_when_uploads_arrive(
    located: gpd.GeoDataFrame, links: Links
) -> None:
    cut = located["timestamp"].sort_values().iloc[int(0.9 * len(located))]
    early = link_events(located[located["timestamp"] < cut])
    late = link_events(located, previous=early)
    old = early.events.set_index("event_id")["series_id"].dropna()
    now = late.events.set_index("event_id")["series_id"].reindex(old.index)
    assert (old == now).mean() >= 0.98  # two small series may become one


def test_labels_are_counted(located: gpd.GeoDataFrame, uploader: pd.Series) -> None:
    found = link_events(located, labels=uploader.iloc[::2])
    assert found.weights.how == "counts"
    assert score_links(found.events, uploader).precision > 0.97
    with pytest.raises(ParameterError, match="twice"):
        link_events(located, labels=pd.Series(["x", "y"], index=["E-00001", "E-00001"]))
    with pytest.raises(ParameterError, match="both sides known"):
        link_events(located, labels={"E-00001": "x"})


def test_a_shared_account_is_parted_and_listed(links: Links, city: City) -> None:
    rows = _crowd(24)
    rows += [
        (f"G{k}-{d}", f"2026-03-{d + 1:02d} {k:02d}:30", "guest", f"own{k}")
        for k in range(3)
        for d in range(4)
    ]
    found = link_events(_events(rows, ["handle", "device"]), tz="UTC")
    assert found.diagnostics.shared_accounts["account"].tolist() == ["guest"]
    name = found.events.set_index("event_id")["series_id"]
    assert name["G0-0"] == name["X0-0"] != name["G1-0"]
    assert name["G1-0"] == name["X1-0"]


def test_an_account_of_ten_thousand_uploads_is_no_hang() -> None:
    rng = np.random.default_rng(1)
    n = 10_000
    table = _events(
        [(f"E{k}", f"2026-01-{1 + k % 28} {k % 24}:{k % 60:02d}", "everybody") for k in range(n)],
        ["handle"],
    )
    table["device"] = [f"d{k}" for k in rng.integers(0, 3_000, n)]
    table["content_hash"] = "f" * 60 + "0000"
    found = link_events(table, tz="UTC")
    assert len(found.events) == n
    assert len(found.pairs) < 100_000
    common = link_events(table.assign(handle=[f"h{k}" for k in range(n)]), tz="UTC")
    assert any("common" in note or "carried by more" in note for note in common.diagnostics.notes)


def test_common_content_and_machines_do_not_link() -> None:
    rows = [
        (f"E{k}", f"2026-02-{k + 1:02d} 12:00", f"who{k}", "machine", "0" * 63 + "1")
        for k in range(20)
    ]
    found = link_events(_events(rows, ["handle", "device", "content_hash"]), tz="UTC")
    assert found.events["series_id"].isna().all()
    assert len(found.diagnostics.common_content) == 1


def test_all_zero_and_poor_hashes_are_not_used() -> None:
    rows = [(f"E{k}", f"2026-02-0{k + 1}", f"who{k}", "0" * 64, 90.0) for k in range(3)]
    rows += [(f"P{k}", f"2026-02-0{k + 1}", f"poor{k}", "ab" * 32, 10.0) for k in range(3)]
    found = link_events(_events(rows, ["handle", "content_hash", "hash_quality"]), tz="UTC")
    notes = " ".join(found.diagnostics.notes)
    assert "3 all-zero hashes not used" in notes
    assert "3 hashes of quality below 50 not used" in notes
    with pytest.raises(ParameterError, match="hexadecimal"):
        link_events(_events([("E1", "2026-02-01", "no hash at all!!")], ["content_hash"]), tz="UTC")


def test_embeddings_speak_only_when_calibrated() -> None:
    rng = np.random.default_rng(4)
    rows = _crowd(8)
    faces = {f"who{k}": rng.normal(size=16) for k in range(8)}
    faces["who1"] = faces["who0"]  # one person, two accounts
    table = _events(rows, ["handle", "device"])
    table["face_embedding"] = [faces[h] + 0.1 * rng.normal(size=16) for h in table["handle"]]
    silent = link_events(table, tz="UTC")
    assert any("face_embedding is not used" in note for note in silent.diagnostics.notes)
    same, other = rng.normal(0.95, 0.03, 5_000), rng.normal(0.0, 0.25, 20_000)
    learned = calibrate_similarity(np.r_[same, other], np.arange(25_000) < 5_000)
    table["device"] = None
    found = link_events(table, calibrations={"face_embedding": learned}, tz="UTC")
    name = found.events.set_index("event_id")["series_id"]
    assert name["X0-0"] == name["X1-0"] != name["X2-0"]
    assert found.pairs["face_embedding"].max() > 10
    spoiled = table.copy()
    spoiled["face_embedding"] = [np.zeros(5), *table["face_embedding"][1:]]
    with pytest.raises(ParameterError, match="dimensions"):
        link_events(spoiled, calibrations={"face_embedding": learned}, tz="UTC")
    spoiled["face_embedding"] = [np.full(16, np.nan), *table["face_embedding"][1:]]
    with pytest.raises(ParameterError, match="NaN"):
        link_events(spoiled, calibrations={"face_embedding": learned}, tz="UTC")


def test_bad_arguments_are_refused(located: gpd.GeoDataFrame) -> None:
    for argument in ({"threshold": 1.0}, {"accounts": ["nick"]}, {"identifiers": ["shoe"]}):
        with pytest.raises(ParameterError, match=next(iter(argument))):
            link_events(located, **argument)  # type: ignore[arg-type]
    with pytest.raises(TableError, match="timestamp"):
        link_events(located.assign(timestamp="yesterday"))


def test_given_weights_are_used(located: gpd.GeoDataFrame) -> None:
    never = link_events(located, parameters={"prior": 1e-30})
    assert not never.pairs.loc[never.pairs["basis"] == "entities", "linked"].any()
    assert never.weights.how == "given"


def test_bridges_are_listed(links: Links) -> None:
    packed = links.pairs[(links.pairs["basis"] == "entities") & links.pairs["linked"]]
    only = packed.groupby("series_id").size()
    listed = links.diagnostics.bridges["series_id"].value_counts()
    for series in only[only == 1].index:
        assert listed.get(series, 0) == 1


def test_two_uploads_of_one_account_are_as_sure_as_their_membership(links: Links) -> None:
    pairs = links.pairs
    inside = pairs[pairs["basis"] == "account"]
    assert len(inside) > 20
    assert inside["probability"].between(0.98, 1.0).all()
    assert inside["account"].nunique() > 5  # a rare account weighs more


def test_no_place_is_no_evidence_about_co_location() -> None:
    n = 60
    table = pd.DataFrame(
        {
            "event_id": [f"E{k}" for k in range(n)],
            "timestamp": pd.date_range("2026-03-01", periods=n, freq="7h", tz="UTC"),
            "handle": [f"h{k % 6}" for k in range(n)],
            "device": [f"d{k % 6 // 2}" for k in range(n)],
        }
    )
    bare = link_events(table, tz="UTC").pairs
    assert (bare["basis"] == "entities").any()
    assert (bare["co_location"] == 0).all()
    placed = link_events(table.assign(ip=[f"192.0.2.{k}" for k in range(n)]), tz="UTC").pairs
    assert (placed.loc[placed["basis"] == "entities", "co_location"] < 0).all()


def test_a_shared_account_of_too_many_packets_is_reported() -> None:
    n, people = 8_000, 40
    who = np.arange(n) % people
    table = pd.DataFrame(
        {
            "event_id": [f"E{k}" for k in range(n)],
            "timestamp": pd.date_range("2026-03-01", periods=n, freq="7min", tz="UTC"),
            "handle": np.where(np.arange(n) % 400 < people, "all", [f"o{k}" for k in who]),
            "device": [f"d{k}" for k in who],
        }
    )
    found = link_events(table, tz="UTC").diagnostics
    assert found.shared_accounts["account"].tolist() == ["all"]
    assert "1 shared accounts with more than 30 entities" in " ".join(found.notes)


def test_embeddings_as_text_are_refused_not_passed_over() -> None:
    learned = calibrate_similarity(
        np.r_[np.linspace(0.5, 0.9, 40), np.linspace(-0.2, 0.6, 40)], [True] * 40 + [False] * 40
    )
    table = pd.DataFrame(
        {
            "event_id": ["a", "b"],
            "timestamp": pd.date_range("2026-03-01", periods=2, freq="D", tz="UTC"),
            "face_embedding": ["[0.1, 0.2]", None],
        }
    )
    with pytest.raises(ParameterError, match="no list of numbers"):
        link_events(table, calibrations={"face_embedding": learned}, tz="UTC")


def test_printed_diagnostics_name_no_account(links: Links) -> None:
    found = links.diagnostics
    assert len(found.shared_accounts) + len(found.reposters)
    said = repr(found)
    assert f"{len(found.bridges):,} in bridges" in said
    for account in pd.concat([found.shared_accounts["account"], found.reposters["account"]]):
        assert account not in said


@pytest.mark.parametrize(("accounts", "share"), [(2, 2), (20, 2), (20, 5), (100, 5)])
def test_one_kind_of_mark_alone_is_enough(accounts: int, share: int) -> None:
    """However many share an address of mail: EM must not slide to calling them all strangers."""
    rng = np.random.default_rng(2)
    who = [f"t{k // 4}" for k in range(4 * accounts)] + [f"b{k % 300}" for k in range(1_500)]
    mail = [f"m{k // (4 * share)}" for k in range(4 * accounts)]
    start = pd.Timestamp("2026-03-01", tz="UTC")
    table = pd.DataFrame(
        {
            "event_id": [f"E{k:05d}" for k in range(len(who))],
            "timestamp": start + pd.to_timedelta(rng.integers(0, 5_184_000, len(who)), unit="s"),
            "handle": who,
            "email": mail + [f"n{k % 300}" for k in range(1_500)],
            "ip": [f"192.0.2.{k}" for k in rng.integers(1, 200, len(who))],
        }
    )
    found = link_events(table, tz="Asia/Seoul").events
    many = found[found["handle"].str.startswith("t")].groupby("series_id")["handle"].nunique()
    assert many.tolist() == [share] * (accounts // share)
    other = found[found["handle"].str.startswith("b")].groupby("series_id")["handle"].nunique()
    assert (other == 1).all()


def test_an_upload_known_by_its_day_has_no_hour_and_meets_nobody() -> None:
    """It stands at noon, as everywhere; noon is no evidence of hours, meetings or travel."""
    day = pd.date_range("2026-03-02", periods=12, freq="9D", tz="Asia/Seoul")
    table = pd.DataFrame(
        {
            "event_id": [f"E{k:02d}" for k in range(24)],
            "timestamp": day.repeat(2),
            "handle": ["morae", "dapaso"] * 12,
            "ip": "192.0.2.1",
            "email": "one@example.org",
        }
    )
    by_day = table.assign(timestamp_end=table["timestamp"] + pd.Timedelta("24h"))
    log = read_log(by_day, Columns())
    assert set(pd.to_datetime(log.t, unit="us", utc=True).tz_convert("Asia/Seoul").hour) == {12}
    assert (log.hour == -1).all()
    assert not log.exact.any()
    assert read_log(table, Columns()).exact.all()
    given = {"prior": 0.4, "co_location": [[0.2, 0.2, 0.6], [0.9, 0.05, 0.05]]}
    known = link_events(table, parameters=given).pairs
    hidden = link_events(by_day, parameters=given).pairs
    assert (known["co_location"] > 0).any()
    assert not hidden["co_location"].any()
    assert not hidden["hours"].any()

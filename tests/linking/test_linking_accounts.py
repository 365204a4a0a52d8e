"""Accounts that are parted, that swallow devices; identifiers rare or frequent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError
from crimeloc.linking import link_events
from crimeloc.linking.pair_tables import evidence_columns


def _table(**columns: object) -> pd.DataFrame:
    table = pd.DataFrame(columns)
    n = len(table)
    table["event_id"] = [f"E{k:05d}" for k in range(n)]
    table["timestamp"] = pd.date_range("2026-01-01", periods=n, freq="37min", tz="UTC")
    return table


def test_a_told_pair_leaves_the_rest_of_an_account_together() -> None:
    table = _table(handle=["morae"] * 100 + ["dapaso"] * 10)
    found = link_events(table, cannot_link=[("E00003", "E00050", "Insp. Han", "alibi")], tz="UTC")
    name = found.events.set_index("event_id")["series_id"]
    rest = name.iloc[:100].drop(["E00003", "E00050"])
    assert rest.notna().all()
    assert (rest == rest.iloc[0]).all()
    assert name[["E00003", "E00050"]].isna().all()
    assert any("only the uploads it names are put apart" in n for n in found.diagnostics.notes)
    assert found.diagnostics.shared_accounts["account"].tolist() == ["morae"]


def test_an_account_of_two_devices_is_parted_by_them_by_a_constraint() -> None:
    table = _table(handle=["morae"] * 80, device=["a", "b"] * 40)
    found = link_events(table, cannot_link=[("E00002", "E00003")], tz="UTC").events
    name = found.set_index("event_id")["series_id"]
    assert name["E00010"] == name["E00012"] != name["E00011"]


def test_an_account_that_uses_devices_most_does_not_swallow_their_own() -> None:
    """A handle of 10,000 uploads from 100 devices; each was used four times by its own account."""
    people = np.repeat(np.arange(100), 104)
    own = np.tile(np.arange(104) < 4, 100)
    shuffled = np.random.default_rng(1).permutation(len(people))
    people, own = people[shuffled], own[shuffled]
    table = _table(
        handle=np.where(own, [f"own{k}" for k in people], "all"),
        device=[f"d{k}" for k in people],
    )
    found = link_events(table, tz="UTC")
    listed = found.diagnostics.shared_accounts
    assert listed["account"].tolist() == ["all"]
    assert "100 accounts of their own" in listed["reason"].iloc[0]
    name = found.events["series_id"]
    assert name.nunique() == 100
    assert len(set(zip(name, people, strict=True))) == 100


def test_one_person_with_many_accounts_and_devices_is_not_called_shared() -> None:
    rng = np.random.default_rng(3)
    table = _table(
        handle=[
            *[f"mine{max(k, 0)}" for k in rng.integers(-9, 8, 400)],
            *[f"h{k % 50}" for k in range(500)],
        ],
        device=[*[f"d{k}" for k in rng.integers(0, 6, 400)], *[f"x{k % 50}" for k in range(500)]],
    )
    assert not len(link_events(table, tz="UTC").diagnostics.shared_accounts)


def test_a_rare_mark_says_more_than_a_frequent_one() -> None:
    handles = [f"h{k}" for k in range(45) for _ in range(4)]
    mail = [f"m{k // 2}" if k < 40 else "often" for k in range(45) for _ in range(4)]
    found = link_events(_table(handle=handles, club=mail), identifiers=["club"], tz="UTC")
    pairs = found.pairs[found.pairs["basis"] == "entities"]
    of = pd.Series(mail, index=[f"E{k:05d}" for k in range(180)])
    often = pairs["event_id_1"].map(of) == "often"
    assert often.any()
    assert (~often).any()
    gap = pairs.loc[~often, "club"].min() - pairs.loc[often, "club"].max()
    assert gap == pytest.approx(np.log2(5 / 2))  # five carry the one, two each of the others
    assert (pairs[evidence_columns(pairs)].sum(axis=1) - pairs["score"]).abs().max() < 1e-9


def test_marks_of_one_frequency_are_worth_what_their_level_is() -> None:
    handles = [f"h{k}" for k in range(60) for _ in range(4)]
    mail = [f"m{k // 2}" for k in range(60) for _ in range(4)]
    found = link_events(_table(handle=handles, email=mail), tz="UTC")
    pairs = found.pairs[found.pairs["basis"] == "entities"]
    assert np.allclose(pairs["email"], found.weights.bits("email")[3])


def test_hashes_must_name_their_radius() -> None:
    table = _table(handle=["a", "b"], tmk=["00ff" * 16, "00ff" * 16])
    with pytest.raises(ParameterError, match="mapping from column to radius"):
        link_events(table, hashes=["tmk"], tz="UTC")  # type: ignore[arg-type]


@pytest.mark.parametrize(("accounts", "share"), [(8, 2), (20, 2), (20, 4), (40, 2), (12, 3)])
def test_in_a_tiny_log_those_who_share_a_mark_are_linked(accounts: int, share: int) -> None:
    """More than one in a hundred of all pairs may share an identifier there."""
    who = np.repeat(np.arange(accounts), 5)
    who = np.random.default_rng(accounts).permutation(who)
    table = _table(handle=[f"h{k}" for k in who], email=[f"m{k // share}" for k in who])
    found = link_events(table, tz="UTC").events
    held = found.groupby("series_id")["handle"].nunique()
    assert held.tolist() == [share] * (accounts // share)

"""What was put aside comes back as it was, and nothing in a file is run."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import crimeloc as cl
from crimeloc.errors import FileError, ParameterError
from crimeloc.linking import Links
from crimeloc.saving import read_bundle, write_bundle

AT = "2026-03-01 00:00+09:00"


@pytest.fixture(scope="module")
def city() -> Any:
    return cl.make_city(rng=4, n_venues=15, n_districts=3, n_offenders=3, n_background=20, days=60)


@pytest.fixture(scope="module")
def located(city: Any) -> pd.DataFrame:
    found = cl.locate_events(city.events, city.venues, city.leases)
    return cl.link_events(found).events


@pytest.fixture(scope="module")
def ranker(located: pd.DataFrame, city: Any) -> cl.Ranker:
    return cl.Ranker(window="6h", max_events=300).fit(located, city.venues)


def test_a_ranker_forecasts_the_same_after_loading(
    ranker: cl.Ranker, located: pd.DataFrame, tmp_path: Path
) -> None:
    at = located["timestamp"].max() + pd.Timedelta("1h")
    again = cl.Ranker.load(ranker.save(tmp_path / "one.crl"))
    assert again.get_params() == ranker.get_params()
    assert_frame_equal(
        again.rank(at=at, horizon="7D").slots, ranker.rank(at=at, horizon="7D").slots
    )
    assert again.save(tmp_path / "two.crl").read_bytes() == (tmp_path / "one.crl").read_bytes()


def test_a_ranker_that_learned_nothing_is_kept_too(tmp_path: Path) -> None:
    again = cl.Ranker.load(cl.Ranker(window="8h").save(tmp_path / "one.crl"))
    assert again.window == "8h"
    assert not hasattr(again, "learned_")


def test_a_ranking_answers_the_same(
    ranker: cl.Ranker, located: pd.DataFrame, tmp_path: Path
) -> None:
    at = located["timestamp"].max() + pd.Timedelta("1h")
    ranking = ranker.rank(at=at, horizon="7D")
    for again in (
        cl.Ranking.load(ranking.save(tmp_path / "one.crl")),
        pickle.loads(pickle.dumps(ranking)),
    ):
        assert_frame_equal(again.slots, ranking.slots)
        assert_frame_equal(again.venues, ranking.venues)
        venue = ranking.register["venue_id"].iloc[0]
        one = ranking.series[0]
        assert str(again.explain(venue, series=one)) == str(ranking.explain(venue, series=one))
        assert again.provenance == ranking.provenance


def test_links_and_a_backtest_come_back(city: Any, located: pd.DataFrame, tmp_path: Path) -> None:
    links = cl.link_events(cl.locate_events(city.events, city.venues, city.leases))
    again = Links.load(links.save(tmp_path / "links.crl"))
    assert_frame_equal(again.events, links.events)
    assert_frame_equal(again.pairs, links.pairs)
    assert_frame_equal(again.weights.table(), links.weights.table())
    start = located["timestamp"].min() + pd.Timedelta("40D")
    found = cl.backtest(
        cl.Ranker(window="6h", max_events=200), located, city.venues, start=start, n_jobs=1
    )
    back = cl.Backtest.load(found.save(tmp_path / "backtest.crl"))
    assert_frame_equal(back.scores(), found.scores())
    assert_frame_equal(back.reliability(), found.reliability())
    assert str(back) == str(found)


def test_what_is_your_own_is_refused_in_words(tmp_path: Path) -> None:
    ranker = cl.Ranker(window="4h")
    ranker.experts = [lambda moments: np.ones(1)]  # type: ignore[list-item]
    with pytest.raises(ParameterError, match="classes of crimeloc"):
        ranker.save(tmp_path / "one.crl")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "tree",
    [
        {"data": "os:system", "fields": {}},
        {"named": "subprocess:Popen", "of": ["true"]},
        {"data": "crimeloc.saving:whole_file", "fields": {}},
        {"enum": "crimeloc.cli:main", "name": "x"},
        {"data": "crimeloc.provenance:Provenance", "fields": {"verb": "x"}},
        {"something": 1},
        {"generator": "default_rng", "state": {}},
    ],
)
def test_a_file_that_names_other_classes_is_refused(tree: Any, tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "one.crl", "backtest", {"tree": tree})
    with pytest.raises(FileError, match="another version"):
        cl.Backtest.load(path)


def test_another_kind_of_result_is_named(ranker: cl.Ranker, tmp_path: Path) -> None:
    path = ranker.save(tmp_path / "one.crl")
    with pytest.raises(FileError, match="a saved ranker"):
        cl.Backtest.load(path)
    tree = read_bundle(path, "ranker")["tree"]
    assert "pickle" not in json.dumps(tree)

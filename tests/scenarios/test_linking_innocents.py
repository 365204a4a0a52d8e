"""Nobody who merely shares a cafe, a machine, a friend or a taste is taken for somebody else."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from crimeloc.linking import link_events, score_links


def _worlds() -> ModuleType:
    """The worlds of the benchmark, which lie outside the package of tests."""
    path = Path(__file__).parents[1] / "benchmarks" / "linking_worlds.py"
    spec = importlib.util.spec_from_file_location("linking_worlds", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["linking_worlds"] = module
    spec.loader.exec_module(module)
    return module


W = _worlds()
INNOCENT = [
    "20 regulars at 3 cafes, no devices, beside offenders",
    "40 regulars at 2 cafes, own devices",
    "regulars of two cafes, no devices",
    "households, own phones",
    "households, shared PC alone",
    "fans, no devices",
    "friends beside offenders, no devices",
]


@pytest.mark.parametrize("name", INNOCENT)
def test_no_innocent_is_merged_with_anybody(name: str) -> None:
    world = W.worlds()[name](1)
    events = link_events(world.located).events.dropna(subset=["series_id"])
    person = events["event_id"].map(world.truth)
    mixed = person.groupby(events["series_id"]).nunique()
    merged = set(person[events["series_id"].isin(mixed.index[mixed > 1])])
    assert not merged & set(world.people)
    assert not {who for who in merged if who.startswith("o")}


def test_who_changes_account_and_device_keeps_one_series() -> None:
    world = W.worlds()["rotating offender, own devices"](1)
    scores = score_links(link_events(world.located).events, world.truth)
    assert scores.recall >= 0.7
    assert scores.precision >= 0.97

"""A made-up city whose truth is known: located where it was, by weights that mean it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import crimeloc as cl


def calibration_error(weight: pd.Series, hit: pd.Series) -> float:
    """Expected calibration error over ten bins."""
    bins = np.minimum((weight * 10).astype(int), 9)
    groups = pd.DataFrame({"weight": weight, "hit": hit}).groupby(bins)
    gap = (groups["weight"].mean() - groups["hit"].mean()).abs()
    return float((groups.size() * gap).sum() / len(weight))


def against_truth(city: cl.City, venues: object = None) -> pd.DataFrame:
    located = cl.locate_events(city.events, city.venues if venues is None else venues, city.leases)
    truth = city.truth[["event_id", "venue_id", "is_ambiguous", "how"]]
    truth = truth.rename(columns={"venue_id": "true", "how": "true_how"})
    return pd.DataFrame(located).merge(truth, on="event_id")


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_weights_are_calibrated_with_a_third_of_the_addresses_ambiguous(seed: int) -> None:
    city = cl.make_city(rng=seed, ambiguous=0.3, n_background=1_000)
    assert city.truth["is_ambiguous"].mean() > 0.2
    table = against_truth(city)
    placed = table[table["weight"] > 0]
    hit = placed["venue_id"] == placed["true"]
    shared = placed["how"] == "ambiguous lease"
    both = (
        calibration_error(placed["weight"], hit),
        calibration_error(placed["weight"][shared], hit[shared]),
    )
    print(f"seed {seed}: calibration error {both[0]:.4f}, of ambiguous addresses {both[1]:.4f}")
    # the issue asks for 0.03; a sample of 4,000 candidates alone gives about 0.01
    assert max(both) <= 0.03


@pytest.mark.parametrize("seed", [4, 5])
def test_the_true_venue_is_among_the_candidates_and_sure_ones_are_right(seed: int) -> None:
    city = cl.make_city(rng=seed, ambiguous=0.3)
    table = against_truth(city)
    at_venue = table[table["true"] != "elsewhere"]
    found = at_venue.groupby("event_id").apply(
        lambda rows: (rows["venue_id"] == rows["true"]).any(), include_groups=False
    )
    assert found.mean() > 0.99
    sure = at_venue[at_venue["how"] == "lease"]
    assert len(sure) > 500
    assert (sure["venue_id"] == sure["true"]).all()
    elsewhere = table[(table["true"] == "elsewhere") & (table["how"] == "lease")]
    assert elsewhere.empty


def test_demo_files_lead_to_the_true_venues(root: object) -> None:
    from pathlib import Path

    demo = Path(str(root)) / "data" / "demo"
    tz = "Asia/Seoul"
    venues, _ = cl.read_venues(demo / "venues.csv")
    leases, _ = cl.read_leases(demo / "leases.csv", tz=tz)
    events, _ = cl.read_events(demo / "uploads.csv", tz=tz)
    truth = pd.read_csv(demo / "truth.csv")
    assert set(truth["event_id"]) == set(events["event_id"])
    # what was read is what was written: the line of each upload
    lines = events.merge(truth[["event_id", "source_row"]], on="event_id")
    assert (lines["source_row_x"] == lines["source_row_y"]).all()
    located = pd.DataFrame(cl.locate_events(events, venues, leases))
    table = located.merge(truth[["event_id", "venue_id"]], on="event_id", suffixes=("", "_true"))
    sure = table[(table["how"] == "lease") & table["venue_id_true"].notna()]
    right = (sure["venue_id"] == sure["venue_id_true"]).mean()
    print(f"demo: {len(sure)} events rest on one lease, {right:.2%} of them at the true venue")
    assert right == 1.0

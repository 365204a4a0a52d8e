"""ST-DBSCAN and ST-HDBSCAN as scikit-learn estimators."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from crimeloc.clustering import STDBSCAN, STHDBSCAN
from crimeloc.errors import ParameterError

# scikit-learn's blobs are a few units wide: metres and hours do not part them.
BLOBS = {"check_clustering": "the check wants blobs of unit size parted"}


@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (STDBSCAN(radius_m=0.6, gap=0.6), {}),
        (STDBSCAN(), BLOBS),
        (STHDBSCAN(), {}),
        (STHDBSCAN(session_gap=0.0, metres_per_hour=3600.0), {}),
    ],
    ids=["stdbscan-unit", "stdbscan", "sthdbscan", "sthdbscan-unit"],
)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_is_content(estimator, expected):
    results = check_estimator(
        estimator, expected_failed_checks=expected, on_skip=None, on_fail="raise"
    )
    assert len(results) > 40
    assert {r["check_name"] for r in results if r["status"] == "xfail"} == set(expected)


def test_a_bare_number_is_seconds_and_words_are_words():
    X = np.array([[0, 0, 0], [0, 0, 7200]], dtype=float)
    for gap in (7200, 7200.0, np.float64(7200), "2h"):
        assert STDBSCAN(10, gap, 2).fit_predict(X).tolist() == [0, 0]
    assert STDBSCAN(10, 7199.999, 2).fit_predict(X).tolist() == [-1, -1]


def test_radius_zero_means_the_same_venue():
    X = np.array([[0, 0, 0], [0, 0, 1], [1e-9, 0, 2], [-0.0, 0, 3]])
    assert STDBSCAN(0, 10, 3).fit_predict(X).tolist() == [0, 0, -1, 0]


def test_an_event_of_weight_zero_is_no_bridge():
    X = np.array([[0, 0, 0], [700, 0, 0], [1400, 0, 0]], dtype=float)
    assert STDBSCAN(800, 10, 1).fit_predict(X).tolist() == [0, 0, 0]
    labels = STDBSCAN(800, 10, 1).fit(X, sample_weight=[1, 0, 1]).labels_
    assert labels.tolist() == [0, 0, 1]


def test_three_thirds_are_one_event():
    X = np.zeros((3, 3))
    assert STDBSCAN(1, 1, 1).fit(X, sample_weight=[1 / 3] * 3).labels_.tolist() == [0, 0, 0]
    assert STDBSCAN(1, 1, 1).fit(X, sample_weight=[0.333] * 3).labels_.tolist() == [-1, -1, -1]


def test_very_large_weights_do_not_overflow():
    X = np.array([[0, 0, 0], [0, 0, 1], [9, 9, 9e9]])
    labels = STDBSCAN(1, 2, 1e15).fit(X, sample_weight=[1e15, 1, 1]).labels_
    assert labels.tolist() == [0, 0, -1]


def test_the_core_is_told():
    X = np.array([[0, 0, 0], [5, 0, 0], [10, 0, 0]], dtype=float)
    fitted = STDBSCAN(5, 1, 3).fit(X)
    assert fitted.core_sample_indices_.tolist() == [1]
    assert fitted.labels_.tolist() == [0, 0, 0]


def test_circular_time_closes_the_week():
    week = 604_800.0
    X = np.array([[0, 0, 100], [0, 0, week - 100], [0, 0, 3 * week + 50], [0, 0, 200_000]])
    labels = STDBSCAN(1, 3600, 3, circular="week").fit_predict(X)
    assert labels.tolist() == [0, 0, 0, -1]


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"radius_m": -1}, "radius_m=800"),
        ({"radius_m": np.inf}, "radius_m=800"),
        ({"gap": "36"}, 'gap="36h"'),
        ({"gap": -1.0}, 'gap="36h"'),
        ({"min_events": 0}, "min_events=4"),
        ({"circular": "month"}, "circular"),
        ({"circular": "day", "gap": "12h"}, "half a day"),
    ],
)
def test_wrong_parameters_of_stdbscan(wrong, text):
    with pytest.raises(ParameterError, match=text):
        STDBSCAN(**wrong).fit(np.zeros((3, 3)))


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"min_cluster_size": 1}, "at least 2"),
        ({"min_events": 0}, "above 0"),
        ({"metres_per_hour": "fast"}, "balanced"),
        ({"metres_per_hour": -1.0}, "balanced"),
        ({"session_gap": "12"}, "session_gap"),
        ({"cluster_selection_method": "best"}, "eom"),
    ],
)
def test_wrong_parameters_of_sthdbscan(wrong, text):
    with pytest.raises(ParameterError, match=text):
        STHDBSCAN(**wrong).fit(np.zeros((3, 3)))


@pytest.mark.parametrize("estimator", [STDBSCAN(), STHDBSCAN()])
def test_negative_weights_are_refused(estimator):
    with pytest.raises(ParameterError, match="negative"):
        clone(estimator).fit(np.zeros((3, 3)), sample_weight=[1, -1, 1])


def test_a_burst_is_one_visit_and_does_not_make_a_cluster():
    rng = np.random.default_rng(0)
    burst = np.column_stack([np.zeros((100, 2)), np.sort(rng.uniform(0, 3600, 100))])
    lone = np.column_stack([rng.uniform(-50_000, 50_000, (40, 2)), rng.uniform(0, 3e7, 40)])
    fitted = STHDBSCAN(min_cluster_size=5).fit(np.vstack([burst, lone]))
    assert fitted.n_visits_ == 41
    assert len(set(fitted.labels_[:100].tolist())) == 1


def test_the_balanced_scale_is_the_stated_one():
    day = 86_400.0
    X = [[x, 0, day * k + x] for x in (0.0, 600.0, 1800.0) for k in range(5)]
    fitted = STHDBSCAN(metres_per_hour="balanced", min_cluster_size=2).fit(X)
    assert fitted.metres_per_hour_ == pytest.approx(600 / 24)
    alone = STHDBSCAN(metres_per_hour="balanced").fit([[0, 0, 0], [0, 0, 9e6]])
    assert alone.metres_per_hour_ == pytest.approx(800 / 36)


@pytest.mark.parametrize("listed", [2, 12])
def test_the_spanning_tree_is_exact(monkeypatch, listed):
    """Against scipy's tree of the full matrix of mutual reachability, ties and far groups alike."""
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial.distance import cdist

    from crimeloc.clustering import _spanning
    from crimeloc.clustering.sthdbscan import _core_distances

    monkeypatch.setattr(_spanning, "LISTED", listed)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        points = [
            rng.uniform(0, 10, (120, 3)),
            np.vstack([rng.normal(0, 0.1, (90, 3)), rng.normal(50, 0.1, (90, 3))]),
            np.unique(rng.integers(0, 6, (120, 3)).astype(float), axis=0),
            np.vstack([rng.normal(0, 1, (60, 3)), rng.normal(3, 0.01, (60, 3))]),
        ][seed % 4]
        weight = rng.choice([0.3, 1.0, 2.0], len(points))
        core, near, distance = _core_distances(points, weight, float(rng.integers(1, 8)))
        edges = _spanning.spanning_tree(points, core, near, distance)
        full = np.maximum(cdist(points, points), np.maximum(core[:, None], core))
        np.fill_diagonal(full, 0)
        expected = np.sort(minimum_spanning_tree(full).data)
        assert np.sort(edges[:, 2]) == pytest.approx(expected)


def test_on_lone_points_of_weight_one_it_is_hdbscan():
    """Without bursts and ties the partition is that of the package hdbscan."""
    import hdbscan
    from sklearn.metrics import adjusted_rand_score

    for seed in range(20):
        rng = np.random.default_rng(seed)
        middles = rng.uniform(0, 20_000, (5, 3))
        X = middles[rng.integers(0, 5, 300)] + rng.normal(0, 600, (300, 3))
        ours = STHDBSCAN(8, 6, session_gap=0.0, metres_per_hour=3600.0).fit_predict(X)
        # The package counts its neighbours without the point itself.
        theirs = hdbscan.HDBSCAN(
            min_cluster_size=8, min_samples=5, approx_min_span_tree=False, core_dist_n_jobs=1
        ).fit_predict(X)
        assert adjusted_rand_score(theirs, ours) == pytest.approx(1.0), seed

"""Space-time HDBSCAN on weighted visits, as a scikit-learn estimator."""

from __future__ import annotations

import datetime as dt
import math
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import _check_sample_weight, validate_data

from crimeloc import units
from crimeloc.clustering.visits import Visits, visits_of
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint

__all__ = ["STHDBSCAN", "balanced_metres_per_hour"]


class STHDBSCAN(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Where do visits bunch in space and time, whatever the density?

    Parameters
    ----------
    min_cluster_size : int
        Fewest visits of a cluster, at least 2.
    min_events : float
        Weight of events around a visit, its own included, that tells how dense it is there. More
        makes clusters rounder and leaves more events alone.
    metres_per_hour : float or "balanced"
        How many metres an hour counts for. The default, 800 m to 36 h, is what `cluster_events`
        calls near and soon. ``"balanced"``: the median distance from a venue to the next one over
        the median time from a visit to the next at the same venue.
    session_gap, session_max : str or float
        Events at one point with pauses of at most ``session_gap`` (words, or seconds) are one
        visit, of at most ``session_max``.
    cluster_selection_method : {"eom", "leaf"}
        Stable clusters of any size, or the smallest ones of the tree.

    Attributes
    ----------
    labels_ : ndarray of int64, shape (n,)
        Cluster of each event, numbered by first visit; -1 = alone. Events of one visit share it.
    probabilities_ : ndarray, shape (n,)
        How firmly each event belongs to its cluster.
    n_visits_ : int
        How many visits the events came to.
    metres_per_hour_ : float
        The scale that was used.
    n_features_in_ : int
        Columns seen by `fit`.

    Notes
    -----
    HDBSCAN on raw uploads breaks down at venues: a hundred uploads from one seat are a hundred
    points at distance 0, of infinite density, and each venue becomes its own cluster. Here the
    uploads of a visit are one point, of their common weight, at the venue and the middle of the
    visit; time is turned into metres. The core distance of a visit is the distance within which
    lies a weight of ``min_events``, its own included; the weights thus say where it is dense, and
    the size of a cluster is counted in visits. The minimum spanning tree is exact; the tree of
    clusters comes from the package ``hdbscan``. Visits are put into order before, so the order of
    rows plays no part; nothing is random.

    What can fool it: the scale of time (try two); ties, such as visits at regular hours, are cut
    in the order of time. Cost is about m log m in the visits; a million events at a thousand
    venues come to some 300,000 visits and take several seconds.

    Departures from the paper: weighted core distances; no single cluster that holds everything.

    References
    ----------
    Campello, R., Moulavi, D. & Sander, J. (2013). Density-based clustering based on hierarchical
    density estimates. *PAKDD 2013*, 160-172.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> near = np.column_stack([rng.normal(0, 50, (20, 2)), np.arange(20) * 90_000.0])
    >>> far = near + [9_000.0, 0.0, 5e7]
    >>> labels = STHDBSCAN(min_cluster_size=5).fit_predict(np.vstack([near, far]))
    >>> sorted(set(labels.tolist())), bool(labels[0] != labels[-1])
    ([0, 1], True)
    """

    def __init__(
        self,
        min_cluster_size: int = 5,
        min_events: float = 5,
        *,
        metres_per_hour: float | str = 800.0 / 36.0,
        session_gap: str | float | dt.timedelta = "12h",
        session_max: str | float | dt.timedelta = "24h",
        cluster_selection_method: str = "eom",
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_events = min_events
        self.metres_per_hour = metres_per_hour
        self.session_gap = session_gap
        self.session_max = session_max
        self.cluster_selection_method = cluster_selection_method

    def fit(
        self,
        X: ArrayLike,
        y: object = None,  # noqa: ARG002  (scikit-learn's pipelines give it)
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Find the clusters.

        Parameters
        ----------
        X : array-like, shape (n, 3)
            Columns x and y in metres and t in seconds. The last column is the time whatever the
            number of columns before it.
        y : None
            Not used; there so that pipelines can call it.
        sample_weight : array-like, shape (n,), optional
            Weight of each event, at least 0; by default 1. Events of weight 0 stay alone and
            change nothing.

        Returns
        -------
        STHDBSCAN
            This estimator, fitted.

        Raises
        ------
        ParameterError
            A parameter is out of range, or a weight is negative.
        """
        data: NDArray[np.float64] = validate_data(self, X, dtype=np.float64, ensure_min_features=2)
        gap, longest = self._checked()
        weight = np.ones(len(data))
        if sample_weight is not None:
            weight = _check_sample_weight(sample_weight, data, dtype=np.float64)
            if (weight < 0).any():
                raise ParameterError(
                    "sample_weight",
                    found="negative weights",
                    expected="at least 0",
                    hint="abs(sample_weight)",
                )
        rows = np.flatnonzero(weight > 0)
        visits = visits_of(data[rows, :-1], data[rows, -1], weight[rows], gap, longest)
        self.n_visits_ = len(visits.t)
        self.metres_per_hour_ = (
            balanced_metres_per_hour(visits)
            if self.metres_per_hour == "balanced"
            else float(self.metres_per_hour)
        )
        late = (visits.t - visits.first.min(initial=np.inf)) / 3600.0 * self.metres_per_hour_
        # The origin is the first event, so that the calendar and the place of the map play no part.
        points = np.column_stack([visits.space - visits.space.min(axis=0, initial=np.inf), late])
        label, firm = _hdbscan(
            points,
            visits.weight,
            int(self.min_cluster_size),
            float(self.min_events),
            self.cluster_selection_method,
        )
        self.labels_ = np.full(len(data), -1, np.int64)
        self.probabilities_ = np.zeros(len(data))
        self.labels_[rows] = label[visits.visit]
        self.probabilities_[rows] = firm[visits.visit]
        return self

    def _checked(self) -> tuple[float, float]:
        if not self.min_cluster_size >= 2:
            raise ParameterError(
                "min_cluster_size",
                found=repr(self.min_cluster_size),
                expected="at least 2",
                hint=Hint(min_cluster_size=5),
            )
        if not self.min_events > 0:
            raise ParameterError(
                "min_events",
                found=repr(self.min_events),
                expected="above 0",
                hint=Hint(min_events=5),
            )
        if self.cluster_selection_method not in ("eom", "leaf"):
            raise ParameterError(
                "cluster_selection_method",
                found=repr(self.cluster_selection_method),
                expected="'eom' or 'leaf'",
                hint=Hint(cluster_selection_method="eom"),
            )
        scale = self.metres_per_hour
        fine = scale == "balanced" or (
            not isinstance(scale, str) and float(scale) >= 0 and math.isfinite(float(scale))
        )
        if not fine:
            raise ParameterError(
                "metres_per_hour",
                found=repr(scale),
                expected="metres, at least 0, or 'balanced'",
                hint=Hint(metres_per_hour=22),
            )
        return _duration(self.session_gap, "session_gap"), _duration(
            self.session_max, "session_max"
        )


def balanced_metres_per_hour(visits: Visits) -> float:
    """Give the scale at which the next venue is as far as the next visit.

    Parameters
    ----------
    visits : Visits
        Visits, times in seconds.

    Returns
    -------
    float
        Median distance from a venue to the nearest other, over the median time between the middles
        of consecutive visits at one venue; 800 m to 36 h where there is no other venue or no second
        visit.
    """
    from scipy.spatial import cKDTree

    places, code = np.unique(visits.space, axis=0, return_inverse=True)
    order = np.lexsort([visits.t, code.reshape(-1)])
    same = np.diff(code.reshape(-1)[order]) == 0
    waits = np.diff(visits.t[order])[same]
    if len(places) < 2 or not len(waits):
        return 800.0 / 36.0
    nearest = np.asarray(cKDTree(places).query(places, k=2)[0])[:, 1]
    return float(np.median(nearest) / (np.median(waits) / 3600.0))


def _hdbscan(
    points: NDArray[np.float64],
    weight: NDArray[np.float64],
    min_cluster_size: int,
    min_events: float,
    method: str,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Cluster weighted points with the tree machinery of the package hdbscan."""
    from hdbscan.hdbscan_ import _tree_to_labels

    from crimeloc.clustering import _visit_kernels as k
    from crimeloc.clustering._spanning import spanning_tree

    n = len(points)
    if n < max(min_cluster_size, 2):
        return np.full(n, -1, np.int64), np.zeros(n)
    core, near, distance = _core_distances(points, weight, min_events)
    edges = spanning_tree(points, core, near, distance)
    low, high = np.minimum(edges[:, 0], edges[:, 1]), np.maximum(edges[:, 0], edges[:, 1])
    edges = edges[np.lexsort([high, low, edges[:, 2]])]
    linkage = k.single_linkage(np.ascontiguousarray(edges, dtype=np.float64))
    label, firm, *_ = _tree_to_labels(points, linkage, min_cluster_size, method)
    label = np.asarray(label, dtype=np.int64)
    # Visits are in order of time: clusters are numbered by their first one.
    known, first = np.unique(label, return_index=True)
    number = np.full(int(known.max(initial=-1)) + 2, -1, np.int64)
    by_first = known[known >= 0][np.argsort(first[known >= 0])]
    number[by_first] = np.arange(len(by_first))
    return number[label], np.asarray(firm, dtype=np.float64)


def _core_distances(
    points: NDArray[np.float64], weight: NDArray[np.float64], min_events: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Give the radius that holds enough weight around each point, and its nearest neighbours."""
    from scipy.spatial import cKDTree

    from crimeloc.clustering._spanning import LISTED

    n = len(points)
    tree = cKDTree(points)
    count = min(max(LISTED, math.ceil(min_events)), n)
    near, distance = np.empty((0, 0), np.int64), np.empty((0, 0))
    core = np.empty(n)
    rows = np.arange(n)
    while len(rows):
        away, neighbour = tree.query(points[rows], k=np.arange(1, count + 1))
        away, neighbour = np.asarray(away), np.asarray(neighbour)
        if not len(near):
            near, distance = neighbour, away
        inside = np.cumsum(weight[neighbour], axis=1) >= min_events - 1e-6
        # Where all there is does not suffice, the farthest is the core distance.
        place = np.where(inside[:, -1], inside.argmax(axis=1), count - 1)
        core[rows] = np.take_along_axis(away, place[:, None], axis=1)[:, 0]
        rows = rows[~inside[:, -1]] if count < n else rows[:0]
        count = min(2 * count, n)
    return core, near, distance


def _duration(value: str | float | dt.timedelta, name: str) -> float:
    if isinstance(value, (int, float, np.number)):
        if not float(value) >= 0:
            raise ParameterError(
                name,
                found=repr(value),
                expected="a duration of at least 0",
                hint=Hint(**{name: "12h"}),
            )
        return float(value)
    return units.seconds(value, name)

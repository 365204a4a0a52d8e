"""ST-DBSCAN as a scikit-learn estimator."""

from __future__ import annotations

import datetime as dt
import math
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import _check_sample_weight, validate_data

from crimeloc import units
from crimeloc.clustering._sweep import st_dbscan
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message

__all__ = ["STDBSCAN"]

CIRCLES = {"day": units.DAY_S, "week": units.WEEK_S}


class STDBSCAN(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Where do events bunch in space and time at once?

    Parameters
    ----------
    radius_m : float
        Largest distance between neighbours, in metres; at least 0, included.
    gap : str or float
        Largest time between neighbours, included: words such as ``"36h"``, or seconds.
    min_events : float
        Smallest weight within radius and gap of a core event, its own included.
    circular : {None, "week", "day"}
        With ``"week"`` or ``"day"`` time runs on a circle: Friday night is near every Friday night.
        Times are then seconds since the beginning of any local week (or day).

    Attributes
    ----------
    labels_ : ndarray of int64, shape (n,)
        Cluster of each event, numbered by first core (in time, then x, then y); -1 = alone.
    core_sample_indices_ : ndarray of int64
        Positions of the core events.
    n_features_in_ : int
        Columns seen by `fit`.

    See Also
    --------
    crimeloc.cluster_events : The same for a table of located events.

    Notes
    -----
    Two events are neighbours when their distance is at most ``radius_m`` *and* the time between
    them at most ``gap``. Events on top of each other are neighbours. An event that is no core but
    within reach of several clusters belongs to the first of them. Labels therefore depend neither
    on the order of rows nor on whether two events at one place and time are two rows or one row
    of weight 2; an event of weight 0 changes nothing. Nothing is random.

    What can fool it: a street of many venues is one chain however long; busy venues bunch by
    being busy, which only a test against chance can tell (`knox_test`, `scan_test`).

    Departures from the paper: no third, non-spatial threshold; no moving cluster average; weights.
    Cost is n log n plus the events times the venues (or grid cells) near each.

    References
    ----------
    Birant, D. & Kut, A. (2007). ST-DBSCAN: An algorithm for clustering spatial-temporal data.
    *Data & Knowledge Engineering* 60, 208-221.

    Examples
    --------
    >>> X = [[0, 0, 0], [0, 0, 3600], [50, 0, 7200], [0, 0, 9e6], [9000, 0, 0]]
    >>> STDBSCAN(radius_m=100, gap="2h", min_events=3).fit_predict(X).tolist()
    [0, 0, 0, -1, -1]
    """

    def __init__(
        self,
        radius_m: float = 800.0,
        gap: str | float | dt.timedelta = "36h",
        min_events: float = 4,
        *,
        circular: str | None = None,
    ) -> None:
        self.radius_m = radius_m
        self.gap = gap
        self.min_events = min_events
        self.circular = circular

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
            Weight of each event, at least 0; by default 1.

        Returns
        -------
        STDBSCAN
            This estimator, fitted.

        Raises
        ------
        ParameterError
            A parameter is out of range, or a weight is negative.
        """
        data: NDArray[np.float64] = validate_data(self, X, dtype=np.float64, ensure_min_features=2)
        weight = None
        if sample_weight is not None:
            weight = _check_sample_weight(sample_weight, data, dtype=np.float64)
            if (weight < 0).any():
                raise ParameterError(
                    "sample_weight",
                    found="negative weights",
                    expected="at least 0",
                    hint="abs(sample_weight)",
                )
        radius, gap, period = self._checked()
        t = data[:, -1] if period is None else np.mod(data[:, -1], period)
        self.labels_, core = st_dbscan(
            data[:, :-1], t, weight, radius, gap, float(self.min_events), period
        )
        self.core_sample_indices_: NDArray[np.int64] = np.flatnonzero(core)
        return self

    def _checked(self) -> tuple[float, float, float | None]:
        radius = float(self.radius_m)
        if not (radius >= 0 and math.isfinite(radius)):
            raise ParameterError(
                "radius_m",
                found=repr(self.radius_m),
                expected="metres, at least 0",
                hint=Hint(radius_m=800),
            )
        if isinstance(self.gap, (int, float, np.number)):
            gap = float(self.gap)
        else:
            gap = units.seconds(self.gap, "gap")
        if not gap >= 0:
            raise ParameterError(
                "gap",
                found=repr(self.gap),
                expected="a duration of at least 0",
                hint=Hint(gap="36h"),
            )
        if not self.min_events > 0:
            raise ParameterError(
                "min_events",
                found=repr(self.min_events),
                expected="above 0",
                hint=Hint(min_events=4),
            )
        if self.circular is None:
            return radius, gap, None
        if self.circular not in CIRCLES:
            raise ParameterError(
                "circular",
                found=repr(self.circular),
                expected="'week', 'day' or None",
                hint=Hint(circular="week"),
            )
        period = CIRCLES[self.circular]
        if gap >= period / 2:
            raise ParameterError(
                "gap",
                found=repr(self.gap),
                expected=Message("less than half a {circular}", circular=self.circular),
                hint=Hint(gap="3h"),
            )
        return radius, gap, period

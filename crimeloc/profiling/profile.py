"""Around which place is a series organised? Surfaces over a grid of cells."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.drawing import ProfileDrawings
from crimeloc.errors import ParameterError
from crimeloc.events import event_arrays, outside_register, venue_arrays
from crimeloc.geometry import local_projection, points, to_lonlat, to_metres
from crimeloc.messages import Hint, Message
from crimeloc.profiling.kernels import negative_exponential, rossmo
from crimeloc.provenance import Provenance, record
from crimeloc.tables import LOCATED, validate

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj

__all__ = ["Profile", "profile_anchor"]

Array = NDArray[np.float64]

METHODS = ("cgt", "negative_exponential")
MIN_BUFFER_M = 100.0
"""Floor of the buffer, for sites that lie in one place."""


@dataclass(frozen=True)
class Profile(ProfileDrawings):
    """Where the anchor of a series is likely to be.

    Parameters
    ----------
    score : ndarray, shape (rows, columns)
        Score of each cell; row 0 is the south, column 0 the west. Only the order means anything.
    x_m, y_m : ndarray
        Middles of the columns and rows in metres, in `projection`.
    projection : CRS
        The metric projection of the grid.
    sites : DataFrame
        ``venue_id``, ``lon``, ``lat``, ``weight``: what the surface rests on.
    buffer_m : float or None
        Buffer radius (``cgt``).
    method : str
        ``"cgt"`` or ``"negative_exponential"``.
    provenance : Provenance
        What made it.
    series : str or None
        The series it speaks of, where the table names series.
    note : str
        Says so where the series was not named by the caller.
    outside : Message or None
        What lies at venues outside the register and is left out.
    """

    score: Array
    x_m: Array
    y_m: Array
    projection: pyproj.CRS
    sites: pd.DataFrame
    buffer_m: float | None
    method: str
    provenance: Provenance
    series: str | None = None
    note: str = ""
    outside: Message | None = None

    @property
    def surface(self) -> gpd.GeoDataFrame:
        """The cells as points (EPSG:4326) with ``score`` and ``hit_score``, the best first.

        ``hit_score`` is the share of cells to be searched to come to this one, from the best down.
        """
        import geopandas as gpd

        x, y = np.meshgrid(self.x_m, self.y_m)
        degrees = to_lonlat(np.column_stack([x.ravel(), y.ravel()]), self.projection)
        values = self.score.ravel()
        rank = pd.Series(-values).rank(method="average").to_numpy() / max(len(values), 1)
        table = pd.DataFrame({"lon": degrees[:, 0], "lat": degrees[:, 1]})
        table["score"], table["hit_score"] = values, rank
        cells = gpd.GeoDataFrame(table, geometry=points(degrees))
        return cells.sort_values(["hit_score", "lat", "lon"], ignore_index=True)

    @property
    def peak(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of the best cell."""
        row, column = np.unravel_index(int(np.argmax(self.score)), self.score.shape)
        lon, lat = to_lonlat([[self.x_m[column], self.y_m[row]]], self.projection)[0]
        return float(lon), float(lat)

    def hit_score(self, point: Any) -> float:
        """Which share of the area must be searched, from the best cell down, to reach this point?

        Parameters
        ----------
        point : Point or pair of float
            Longitude and latitude in degrees.

        Returns
        -------
        float
            Share of cells with at least the score of the cell of the point, ties at mid-rank.
            Chance gives one half on average; 1 where the point lies outside the grid.
        """
        lon, lat = (point.x, point.y) if hasattr(point, "x") else point
        x, y = to_metres([[lon, lat]], self.projection)[0]
        step_x, step_y = _step(self.x_m), _step(self.y_m)
        column = round(float((x - self.x_m[0]) / step_x))
        row = round(float((y - self.y_m[0]) / step_y))
        rows, columns = self.score.shape
        if not (0 <= row < rows and 0 <= column < columns):
            return 1.0
        mine = self.score[row, column]
        above = np.count_nonzero(self.score > mine)
        equal = np.count_nonzero(self.score == mine)
        return float((above + (equal + 1) / 2) / self.score.size)

    def search_areas(self, shares: tuple[float, ...] = (0.01, 0.05, 0.1)) -> gpd.GeoDataFrame:
        """Which areas come first, second, third in a search?

        Parameters
        ----------
        shares : tuple of float
            Shares of the grid, from the best cell down.

        Returns
        -------
        GeoDataFrame
            EPSG:4326, one row for each share: ``share``, ``area_km2``, ``geometry``. Each area
            holds the ones before it.
        """
        import geopandas as gpd
        import shapely

        x, y = _edges(self.x_m), _edges(self.y_m)  # neighbours share them: no seam is left between
        order = np.argsort(-self.score.ravel(), kind="stable")
        shapes, areas = [], []
        for share in shares:
            best = order[: max(round(share * len(order)), 1)]
            row, column = np.divmod(best, len(self.x_m))
            boxes = shapely.box(x[column], y[row], x[column + 1], y[row + 1])
            shape = shapely.union_all(boxes)
            shapes.append(shape)
            areas.append(shape.area / 1e6)
        table = gpd.GeoDataFrame(
            {"share": list(shares), "area_km2": areas}, geometry=shapes, crs=self.projection
        )
        return table.to_crs("EPSG:4326")

    def __str__(self) -> str:
        lon, lat = self.peak
        best = self.search_areas((0.01, 0.05))
        buffer = "" if self.buffer_m is None else f", buffer {self.buffer_m:,.0f} m"
        whose = "" if self.series is None else f" of {self.series}{self.note}"
        return (
            f"Anchor profile{whose} ({self.method}{buffer}) from {len(self.sites)} sites, weight"
            f" {self.sites['weight'].sum():.1f}.\n"
            f"Best cell at {lat:.4f} N {lon:.4f} E; best 1 % of the grid is"
            f" {best['area_km2'].iloc[0]:.2f} km2, best 5 % {best['area_km2'].iloc[1]:.2f} km2.\n"
            "It ranks areas around the sites; it names no person and no address."
            + ("" if self.outside is None else f"\nLeft out: {self.outside}")
        )

    def _repr_html_(self) -> str:
        text = "<br>".join(html.escape(line) for line in str(self).splitlines())
        return f"<p>{text}</p>{self.provenance._repr_html_()}"


def profile_anchor(
    located: pd.DataFrame,
    venues: pd.DataFrame | None = None,
    *,
    series: str | None = None,
    method: str = "cgt",
    cells: int = 200,
    buffer_m: float | None = None,
    f: float = 1.2,
    g: float = 1.2,
    scale_m: float | None = None,
    count: str = "venues",
) -> Profile:
    """Around which place does the offender live or work?

    Parameters
    ----------
    located : DataFrame
        Contract LOCATED.
    venues : DataFrame, optional
        Contract VENUES; if given, places are taken from it, else from `located`.
    series : str, optional
        The series; by default the one with the most located uploads, and the result says so.
    method : str
        ``"cgt"`` (Rossmo) or ``"negative_exponential"``.
    cells : int
        Cells along each side of the grid.
    buffer_m : float, optional
        Radius of the buffer of ``cgt``; by default half the mean distance (Manhattan) from a site
        to its nearest other site, at least 100 m.
    f, g : float
        Exponents of ``cgt``.
    scale_m : float, optional
        Scale of the negative exponential; by default CrimeStat's 26.8 km.
    count : str
        ``"venues"``: each venue once, however often it was visited, with the chance that it was
        visited at all. ``"visits"``: each visit.

    Returns
    -------
    Profile
        The surface, `hit_score`, search areas.

    Raises
    ------
    TableError
        A table breaks its contract.
    ParameterError
        No site is known, several series are there and none is named, or a word or number is out of
        range.

    Notes
    -----
    The score of a cell is the sum over sites of weight times a fall with distance (`rossmo`,
    Manhattan; `negative_exponential`, straight). The grid is the bounding box of the sites, padded
    by range / (2 (N - 1)) on each side, or five buffers where a side has no length. East and north
    are the axes of the Manhattan distance. Where all sites coincide the buffer is its floor.

    What fools it: an anchor outside the box cannot be found; sites follow roads and open doors, not
    circles; a series with two anchors shows the space between them; and for the *next venue* it is
    of no use (visit frequency beats it many times over). Nothing is random. Cost: sites times
    cells.

    References
    ----------
    Rossmo (2000), *Geographic Profiling*; O'Leary (2009), The mathematics of geographic profiling.

    Examples
    --------
    >>> import geopandas as gpd
    >>> lon, lat = [127.00, 127.04, 127.00, 127.04], [37.50, 37.50, 37.54, 37.54]
    >>> located = gpd.GeoDataFrame({"event_id": list("1234"), "venue_id": list("ABCD"),
    ...     "timestamp": pd.date_range("2026-01-01", periods=4, tz="UTC"), "weight": 1.0,
    ...     "how": "lease"}, geometry=gpd.points_from_xy(lon, lat), crs=4326)
    >>> profile = profile_anchor(located, cells=50)
    >>> profile.hit_score((127.02, 37.52)) < profile.hit_score((127.06, 37.56))
    True
    """
    validate(located, LOCATED)
    _words(method, cells, count)
    mine, chosen, note = _one_series(located, series)
    sites, outside = _sites(mine, venues, count)
    degrees = sites[["lon", "lat"]].to_numpy()
    projection = local_projection(degrees)
    xy, weight = to_metres(degrees, projection), sites["weight"].to_numpy()
    buffer = max(_buffer(xy), MIN_BUFFER_M) if buffer_m is None else float(buffer_m)
    x_m, y_m = (_axis(xy[:, side], cells, buffer) for side in (0, 1))
    score = np.zeros((cells, cells))
    for (x, y), sure in zip(xy, weight, strict=True):
        dx, dy = np.abs(x_m - x)[None, :], np.abs(y_m - y)[:, None]
        if method == "cgt":
            score += sure * rossmo(dx + dy, buffer, f, g)
        elif scale_m is None:
            score += sure * negative_exponential(np.hypot(dx, dy))
        else:
            score += sure * negative_exponential(np.hypot(dx, dy), scale_m)
    parameters = {
        "method": method,
        "cells": cells,
        "buffer_m": buffer if method == "cgt" else None,
        "f": f,
        "g": g,
        "scale_m": scale_m,
        "count": count,
        "series": chosen,
    }
    return Profile(
        score=score,
        x_m=x_m,
        y_m=y_m,
        projection=projection,
        sites=sites,
        buffer_m=buffer if method == "cgt" else None,
        method=method,
        series=chosen,
        note=note,
        outside=outside,
        provenance=record("profile_anchor", parameters, n_in=len(located), n_out=score.size),
    )


def _words(method: str, cells: int, count: str) -> None:
    if method not in METHODS:
        raise ParameterError(
            "method",
            found=repr(method),
            expected=Message("one of {methods}", methods=", ".join(METHODS)),
            hint="'cgt'",
        )
    if cells < 2:
        raise ParameterError("cells", found=cells, expected="at least 2", hint=Hint(cells=200))
    if count not in ("venues", "visits"):
        raise ParameterError(
            "count", found=repr(count), expected="'venues' or 'visits'", hint=Hint(count="venues")
        )


def _one_series(located: pd.DataFrame, series: str | None) -> tuple[pd.DataFrame, str | None, str]:
    """Give the rows of one series, its name, and a note where it was not named by the caller."""
    if "series_id" not in located.columns:
        return located, None, ""
    names = sorted(located["series_id"].dropna().unique())
    if series is not None and series not in set(names):
        found = Message("{series} among {n} series", series=repr(series), n=len(names))
        hint = Hint(series=names[0]) if len(names) else Hint(series=None)
        raise ParameterError("series", found=found, expected="a series of the table", hint=hint)
    if not len(names):
        return located, None, ""
    weights = (
        located.groupby("series_id")["weight"].sum().sort_values(ascending=False, kind="stable")
    )
    chosen = str(weights.index[0]) if series is None else series
    guessed = series is None and len(names) > 1
    note = f", the one with the most uploads of {len(names)}; series= names another"
    return located[located["series_id"] == chosen], chosen, note if guessed else ""


def _sites(
    located: pd.DataFrame, venues: pd.DataFrame | None, count: str
) -> tuple[pd.DataFrame, Message | None]:
    """Places with the weight they have, and what lies outside the register."""
    register = None if venues is None else venue_arrays(venues)
    events = event_arrays(located, register, checked=True)
    outside = outside_register(events)
    events = events.placed(located["venue_id"].notna().to_numpy()[events.row])
    lon, lat = events.venues.lonlat[events.venue].T
    table = pd.DataFrame(
        {
            "venue_id": pd.Series(events.venues.venue_id[events.venue], dtype="str"),
            "lon": lon,
            "lat": lat,
            "weight": events.weight * events.series_weight[events.event],
        }
    )
    lost = table["lon"].isna()
    if lost.any():
        example = table.loc[lost, "venue_id"].iloc[0]
        found = Message(
            "{lost} rows without a place, e.g. venue {example}",
            lost=int(lost.sum()),
            example=repr(example),
        )
        raise ParameterError(
            "venues", found=found, expected="every candidate venue", hint="profile_anchor(located)"
        )
    if not len(table):
        raise ParameterError(
            "located",
            found="no event at a known place",
            expected="at least one",
            hint="locate_events(...)",
        )
    table = table.sort_values(["venue_id", "lon", "lat", "weight"], ignore_index=True)
    if count == "visits":
        return table, outside
    table["none"] = np.log1p(-np.minimum(table["weight"], 1.0 - 1e-15))
    keys = ["venue_id", "lon", "lat"]
    sites = table.groupby(keys, sort=True)["none"].sum().reset_index()
    sites["weight"] = -np.expm1(sites.pop("none"))
    return sites, outside


def _buffer(xy: Array) -> float:
    """Half the mean Manhattan distance from each different place to the nearest other one."""
    places = np.unique(xy.round(3), axis=0)
    if len(places) < 2:
        return 0.0
    from scipy.spatial import cKDTree

    distance = np.asarray(cKDTree(places).query(places, k=2, p=1)[0])
    return float(distance[:, 1].mean() / 2)


def _axis(values: Array, cells: int, buffer: float) -> Array:
    low, high = float(values.min()), float(values.max())
    room = high - low
    pad = room / (2 * (len(values) - 1)) if len(values) > 1 and room > 1e-6 else 5 * buffer
    return np.linspace(low - pad, high + pad, cells)


def _step(axis: Array) -> float:
    return float(axis[1] - axis[0])


def _edges(axis: Array) -> Array:
    """Give the edges of the cells around the middles on this axis."""
    return np.asarray(axis[0] + _step(axis) * (np.arange(len(axis) + 1) - 0.5))

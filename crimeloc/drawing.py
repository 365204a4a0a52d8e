"""The pictures of results: what `.plot()`, `.map()` and `.slider()` take and give.

A room must not import the drawing room above it. Each class below is the base of one kind of
result; its methods carry the signature and the docstring that a notebook shows, and hand the
result to the function of the same signature in `crimeloc.plotting`, loaded on the first picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes

__all__ = [
    "BacktestDrawings",
    "ExplanationDrawings",
    "KnoxDrawings",
    "LinksDrawings",
    "NearRepeatDrawings",
    "OneFile",
    "ProfileDrawings",
    "RankingDrawings",
    "ScanDrawings",
]


class OneFile(Protocol):
    """A map that shows itself in a notebook and needs nothing beside it."""

    @property
    def html(self) -> str:
        """The whole page."""

    def save(self, path: str | Path) -> Path:
        """Write it as one file that makes no request."""


def _charts() -> Any:
    return import_module("crimeloc.plotting.views")


def _maps() -> Any:
    return import_module("crimeloc.plotting.view_maps")


class RankingDrawings:
    """The pictures of a ranking."""

    __slots__ = ()

    def map(
        self,
        located: gpd.GeoDataFrame | None = None,
        venues: gpd.GeoDataFrame | None = None,
        *,
        series: str | None = None,
        top: int = 10,
        districts: gpd.GeoDataFrame | None = None,
        layers: Mapping[str, gpd.GeoDataFrame] | None = None,
        bandwidth_m: float = 400.0,
        half_life: str | timedelta | None = "30D",
        shown: Sequence[str] | None = None,
        lang: str = "en",
        height: int = 520,
    ) -> OneFile:
        """Where are the likeliest venues, and where has the series been?

        Parameters
        ----------
        located, venues : GeoDataFrame, optional
            LOCATED and VENUES; by default what the ranking itself rests on.
        series : str, optional
            The series to speak of; by default all of the ranking together.
        top : int
            How many venues and slots are marked.
        districts : GeoDataFrame, optional
            Outlines as a base map; any CRS. Without them a grid of degrees says where one is.
        layers : mapping, optional
            Layers of your own by name, such as ``{"CCTV": cctv, "rivers": rivers}``; any CRS.
        bandwidth_m : float
            Of the heat, in metres.
        half_life : str, timedelta or None
            Of the heat: age at which an upload counts half; None: nothing fades.
        shown : sequence of str, optional
            Layers switched on at first, of ``"districts"``, ``"heat"``, ``"frames"``,
            ``"venues"``, ``"slots"``, ``"top"``; by default all but ``"frames"``.
        lang : str
            ``"en"`` or ``"ko"``.
        height : int
            Height in a notebook, in pixels.

        Returns
        -------
        MapView
            Heat, heat over time, venues by probability, top slots and numbered top venues. Shows
            itself in a notebook; `.save(path)` writes one file.

        Raises
        ------
        ParameterError
            The language, the series or a layer is not known.
        """
        view: OneFile = _maps().ranking_map(
            self,
            located,
            venues,
            series=series,
            top=top,
            districts=districts,
            layers=layers,
            bandwidth_m=bandwidth_m,
            half_life=half_life,
            shown=shown,
            lang=lang,
            height=height,
        )
        return view

    def plot(
        self,
        located: gpd.GeoDataFrame | None = None,
        *,
        series: str | None = None,
        lang: str = "en",
        ax: Axes | None = None,
    ) -> Axes:
        """At which hours of the week was the series, and where does the forecast put the next?

        Parameters
        ----------
        located : GeoDataFrame, optional
            LOCATED; by default what the ranking itself rests on.
        series : str, optional
            The series; by default the one with the most past uploads.
        lang : str
            ``"en"`` or ``"ko"``.
        ax : Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        Axes
            As `crimeloc.plotting.week_strip`; shows itself in a notebook.
        """
        drawn: Axes = _charts().ranking_plot(self, located, series=series, lang=lang, ax=ax)
        return drawn

    def slider(self, *, series: str | None = None, top: int = 5, lang: str = "en") -> Any:
        """What does the forecast say of each window? A slider over time.

        Parameters
        ----------
        series : str, optional
            The series; by default the one with the most past uploads.
        top : int
            How many venues are listed for each window.
        lang : str
            ``"en"`` or ``"ko"``.

        Returns
        -------
        Widget
            Of ipywidgets, which comes with ``make lab``. Arrow keys move it; the table beneath
            follows.

        Raises
        ------
        ParameterError
            ipywidgets is not installed.
        """
        return _charts().ranking_slider(self, series=series, top=top, lang=lang)


class ExplanationDrawings:
    """The picture of an explanation."""

    __slots__ = ()

    def plot(self, *, lang: str = "en", ax: Axes | None = None) -> Axes:
        """Which explanation gives how much of this share?

        Parameters
        ----------
        lang : str
            ``"en"`` or ``"ko"``.
        ax : Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        Axes
            As `crimeloc.plotting.parts_chart`; shows itself in a notebook.
        """
        drawn: Axes = _charts().explanation_plot(self, lang=lang, ax=ax)
        return drawn


class BacktestDrawings:
    """The pictures of a backtest."""

    __slots__ = ()

    def plot(self, kind: str | None = None, *, lang: str = "en", ax: Axes | None = None) -> Axes:
        """Would it have worked: what was captured, or did the percentages mean what they say?

        Parameters
        ----------
        kind : str, optional
            ``"capture"`` (of a backtest with protocol ``"horizon"``) or ``"calibration"``; by
            default the first that this backtest can show.
        lang : str
            ``"en"`` or ``"ko"``.
        ax : Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        Axes
            As `crimeloc.plotting.capture` or `crimeloc.plotting.calibration`; shows itself in a
            notebook.

        Raises
        ------
        ParameterError
            Another kind, or captures of a backtest that has none.
        """
        drawn: Axes = _charts().backtest_plot(self, kind, lang=lang, ax=ax)
        return drawn


class KnoxDrawings:
    """The picture of Knox's test."""

    __slots__ = ()

    def plot(self, *, lang: str = "en", ax: Axes | None = None) -> Axes:
        """Where does the observed count of close pairs lie among those of shuffled worlds?

        Parameters
        ----------
        lang : str
            ``"en"`` or ``"ko"``.
        ax : Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        Axes
            As `crimeloc.plotting.worlds_chart`; shows itself in a notebook.
        """
        drawn: Axes = _charts().knox_plot(self, lang=lang, ax=ax)
        return drawn


class NearRepeatDrawings:
    """The picture of a near-repeat table."""

    __slots__ = ()

    def plot(self, *, lang: str = "en", ax: Axes | None = None) -> Axes:
        """At which distance and after how long are there more pairs than chance makes?

        Parameters
        ----------
        lang : str
            ``"en"`` or ``"ko"``.
        ax : Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        Axes
            As `crimeloc.plotting.repeat_chart`; shows itself in a notebook.
        """
        drawn: Axes = _charts().near_repeat_plot(self, lang=lang, ax=ax)
        return drawn


class ScanDrawings:
    """The pictures of a scan."""

    __slots__ = ()

    def map(
        self,
        *,
        districts: gpd.GeoDataFrame | None = None,
        layers: Mapping[str, gpd.GeoDataFrame] | None = None,
        lang: str = "en",
        height: int = 520,
    ) -> OneFile:
        """Where are the clusters that the scan found?

        Parameters
        ----------
        districts : GeoDataFrame, optional
            Outlines as a base map; any CRS. Without them a grid of degrees says where one is.
        layers : mapping, optional
            Layers of your own by name, such as ``{"CCTV": cctv, "rivers": rivers}``; any CRS.
        lang : str
            ``"en"`` or ``"ko"``.
        height : int
            Height in a notebook, in pixels.

        Returns
        -------
        MapView
            Clusters that are more than chance, and the weaker ones, switched off at first where
            there are stronger ones. Shows itself in a notebook; `.save(path)` writes one file.
        """
        view: OneFile = _maps().scan_map(
            self, districts=districts, layers=layers, lang=lang, height=height
        )
        return view

    def plot(self, *, most: int = 12, lang: str = "en", ax: Axes | None = None) -> Axes:
        """When were the clusters, and are they more than chance?

        Parameters
        ----------
        most : int
            How many clusters, the likeliest first.
        lang : str
            ``"en"`` or ``"ko"``.
        ax : Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        Axes
            As `crimeloc.plotting.scan_chart`; shows itself in a notebook.
        """
        drawn: Axes = _charts().scan_plot(self, most=most, lang=lang, ax=ax)
        return drawn


class LinksDrawings:
    """The pictures of a linkage."""

    __slots__ = ()

    def plot(
        self,
        pair: tuple[str, str] | None = None,
        *,
        most: int = 12,
        lang: str = "en",
        ax: Axes | None = None,
    ) -> Axes:
        """When did each series upload; or, for a pair, how does the evidence on it add up?

        Parameters
        ----------
        pair : tuple of str, optional
            Two uploads, as named in ``links.pairs``: draw the evidence on them.
        most : int
            How many series.
        lang : str
            ``"en"`` or ``"ko"``.
        ax : Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        Axes
            As `crimeloc.plotting.series_chart` or `crimeloc.plotting.waterfall`; shows itself in
            a notebook.

        Raises
        ------
        ParameterError
            No such pair was weighed.
        """
        drawn: Axes = _charts().links_plot(self, pair, most=most, lang=lang, ax=ax)
        return drawn


class ProfileDrawings:
    """The map of an anchor profile."""

    __slots__ = ()

    def map(
        self,
        shares: tuple[float, ...] = (0.01, 0.05, 0.1),
        *,
        districts: gpd.GeoDataFrame | None = None,
        layers: Mapping[str, gpd.GeoDataFrame] | None = None,
        lang: str = "en",
        height: int = 520,
    ) -> OneFile:
        """Around which place does the series turn?

        Parameters
        ----------
        shares : tuple of float
            Shares of the grid, from the best cell down.
        districts : GeoDataFrame, optional
            Outlines as a base map; any CRS. Without them a grid of degrees says where one is.
        layers : mapping, optional
            Layers of your own by name, such as ``{"CCTV": cctv, "rivers": rivers}``; any CRS.
        lang : str
            ``"en"`` or ``"ko"``.
        height : int
            Height in a notebook, in pixels.

        Returns
        -------
        MapView
            Outlines of the areas to be searched first, and the venues they rest on. Shows itself
            in a notebook; `.save(path)` writes one file.
        """
        view: OneFile = _maps().profile_map(
            self, shares, districts=districts, layers=layers, lang=lang, height=height
        )
        return view

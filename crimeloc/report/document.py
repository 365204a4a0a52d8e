"""The briefing: one page about one ranking, for two minutes of reading or an hour of work."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.plotting.offline import origin, save_page
from crimeloc.plotting.protocols import SupportsRanking
from crimeloc.provenance import Input, Provenance, record
from crimeloc.report.collect import Extras, collect
from crimeloc.report.content import BacktestSummary, Content, Settings
from crimeloc.report.page import render
from crimeloc.report.protocols import SupportsAreas, SupportsBacktest, SupportsChanges, SupportsScan
from crimeloc.report.redact import redact
from crimeloc.report.sentences import lead
from crimeloc.report.withheld import voice_of
from crimeloc.units import Duration

__all__ = ["Briefing", "briefing"]


@dataclass(frozen=True)
class Briefing:
    """A page that needs nothing beside it.

    Parameters
    ----------
    html : str
        The whole page.
    title, headline : str
        Its title and first sentence, in plain text.
    provenance : Provenance
        What made it.
    image_origin : str or None
        The one address it may fetch map images from, if a tile server was named.
    content : Content or None
        The tables it was drawn from, at its level of disclosure.

    Examples
    --------
    >>> from crimeloc.provenance import record
    >>> page = Briefing("<p>nothing</p>", "A case", "No slot.", record("briefing"))
    >>> print(page)
    A case
    No slot.
    0.0 MB; .save('briefing.html') writes it
    """

    html: str = field(repr=False)
    title: str
    headline: str
    provenance: Provenance = field(repr=False)
    image_origin: str | None = None
    content: Content | None = field(default=None, repr=False, compare=False)

    def save(self, path: str | Path) -> Path:
        """Write the page as one file that makes no request.

        Parameters
        ----------
        path : str or Path
            Where to; an existing file is replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        CrimelocError
            The page would fetch something from outside itself; nothing is written.
        ParameterError
            The name does not end like that of a page; `export` writes other kinds.
        """
        if Path(path).suffix.lower() not in (".html", ".htm"):
            name = Path(path).name
            raise ParameterError(
                "path",
                found=name,
                expected="a name that ends in .html",
                hint=f'page.export("{name}") for other kinds',
            )
        hint = "briefing(...) without markup of your own"
        return save_page(self.html, path, "briefing", hint)

    def export(
        self, path: str | Path, *, level: str | None = None, **options: Any
    ) -> tuple[Path, ...]:
        """Write it for another reader: paper, slides, maps, sheets, graphs, timelines.

        Parameters
        ----------
        path : str or Path
            Where to; its ending says what: ``.png``, ``.pdf``, ``.pptx``, ``.gpkg``,
            ``.geojson``, ``.kml``, ``.csv``, ``.xlsx``, ``.i2.csv``, ``.jsonld``, ``.jsonl``.
        level : str, optional
            A lower level of disclosure than the page's own, such as ``"disclosure"``.
        **options
            As `crimeloc.report.exports.export`.

        Returns
        -------
        tuple of Path
            The files.

        Raises
        ------
        ParameterError
            The ending is not known, or the level shows more than the page.
        """
        from crimeloc.report.exports import export

        return export(self, path, level=level, **options)

    def __str__(self) -> str:
        size = len(self.html.encode("utf-8")) / 1e6
        return f"{self.title}\n{self.headline}\n{size:.1f} MB; .save('briefing.html') writes it"

    def _repr_html_(self) -> str:
        text = html.escape(str(self)).splitlines()
        return f"<div><b>{text[0]}</b><br>{text[1]}<br><small>{text[2]}</small></div>"


def briefing(
    ranking: SupportsRanking,
    *,
    located: gpd.GeoDataFrame,
    venues: gpd.GeoDataFrame,
    profile: SupportsAreas | gpd.GeoDataFrame | None = None,
    clusters: gpd.GeoDataFrame | None = None,
    scan: SupportsScan | gpd.GeoDataFrame | None = None,
    backtest: SupportsBacktest | BacktestSummary | None = None,
    districts: gpd.GeoDataFrame | None = None,
    rejected: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    inputs: Iterable[Input | str | Path] = (),
    changes: SupportsChanges | None = None,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    series: str | None = None,
    lang: str = "en",
    title: str | None = None,
    banner: str | None = None,
    top: int = 10,
    bandwidth_m: float = 400.0,
    half_life: Duration | None = "30D",
    tz: str | None = None,
    tiles: str | None = None,
    level: str = "briefing",
    key: str | bytes | None = None,
    threshold: int = 5,
    file_names: bool = True,
) -> Briefing:
    """How do I show it to the prosecutor?

    Parameters
    ----------
    ranking : Ranking
        As `crimeloc.rank` gives it, or anything with ``slots`` (SLOTS) and ``at``.
    located : GeoDataFrame
        LOCATED; rows at or after ``ranking.at`` are not looked at.
    venues : GeoDataFrame
        VENUES.
    profile : Profile or GeoDataFrame, optional
        An anchor profile, drawn as a search area.
    clusters : GeoDataFrame, optional
        CLUSTERS; by default those of the column ``cluster_id`` of `located`, if it is there.
    scan : ScanResult or GeoDataFrame, optional
        A scan test, or a table of its clusters.
    backtest : Backtest, optional
        As `crimeloc.backtest` gives it: how such forecasts fared, beside naive baselines.
    districts : GeoDataFrame, optional
        Outlines as a base map that needs no tiles; any CRS.
    rejected : DataFrame or mapping, optional
        What the readers rejected; several tables by name.
    inputs : iterable of Input or path, optional
        The files behind it; a path is hashed.
    changes : Changes, optional
        As `crimeloc.changepoints` gives it: moves and new hours, told at the top, on the timeline
        and on the map.
    layers : mapping, optional
        Layers of your own on the map, by name, such as ``{"CCTV": cctv}``; any CRS.
    series : str, optional
        The series to speak of; by default all of the ranking together.
    lang : str
        ``"en"`` or ``"ko"``.
    title : str, optional
        Title of the page.
    banner : str, optional
        Classification, shown on top and printed on each page.
    top : int
        How many venues and slots are listed and marked.
    bandwidth_m : float
        Of the heat: standard deviation of the bell around each place, in metres.
    half_life : str, timedelta or None
        Of the heat: age at which an upload counts half; None: nothing fades.
    tz : str, optional
        Zone of the clocks at the venues; by default as the table says.
    tiles : str, optional
        Address of a tile server inside the house, with ``{z}/{x}/{y}``. Off by default: with it
        the page does fetch, from there alone.
    level : str
        How much the reader may see: ``"analyst"`` raw addresses and accounts, ``"briefing"``
        pseudonyms for them, ``"disclosure"`` aggregates alone. What is above the level is neither
        on the page nor kept in the briefing.
    key : str or bytes, optional
        Secret of at least 16 bytes for pseudonyms that are the same in each document made with
        it; without it they are numbered within this one. It is not kept.
    threshold : int
        Smallest count told at the level ``"disclosure"``.
    file_names : bool
        Whether the level ``"briefing"`` names the files that were read; else they are numbered,
        as at ``"disclosure"``, and told by their SHA-256.

    Returns
    -------
    Briefing
        `.save(path)` writes one file that opens with the network cable out.

    Raises
    ------
    TableError
        A table breaks its contract.
    ParameterError
        The language, the level or the series is not known, the profile is of another series, or
        a number makes no sense.

    Notes
    -----
    The page reads tables and fits nothing. Events are summed
    to venues before anything is drawn, so its size and speed do not grow with the events. Names
    from tables stay text wherever they stand, and scripts other than the page's own do not run.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd
    >>> from types import SimpleNamespace
    >>> point = gpd.GeoSeries.from_xy([127.0], [37.5], crs="EPSG:4326")
    >>> venues = gpd.GeoDataFrame({"venue_id": ["V1"], "name": ["Blue Room"]}, geometry=point)
    >>> time = pd.to_datetime(["2026-02-27 21:00+09:00"])
    >>> located = gpd.GeoDataFrame(
    ...     {"event_id": ["E1"], "timestamp": time, "tz": ["Asia/Seoul"], "venue_id": ["V1"],
    ...      "weight": [1.0], "how": ["lease"]}, geometry=point)
    >>> start = pd.to_datetime(["2026-03-01 00:00+09:00"])
    >>> slots = pd.DataFrame(
    ...     {"venue_id": ["V1"], "window_start": start, "window_end": start + pd.Timedelta("4h"),
    ...      "expected": [0.5], "probability": [0.4], "share": [1.0]})
    >>> ranking = SimpleNamespace(slots=slots, at=start[0])
    >>> page = briefing(ranking, located=located, venues=venues)
    >>> print(str(page).splitlines()[1])
    Blue Room is the likeliest venue: 40% chance of an upload there by Sun 1 Mar 2026 04:00.
    """
    extras = Extras(profile, clusters, scan, backtest, districts, rejected, inputs, changes, layers)
    settings = Settings(lang, title, banner, top, bandwidth_m, half_life, file_names)
    whole = collect(ranking, located, venues, extras, settings, series=series, tz=tz)
    shown = redact(whole, level, key=key, threshold=threshold)
    voice = voice_of(shown)
    made_by = record(
        "briefing",
        {
            "lang": lang,
            "top": top,
            "bandwidth_m": bandwidth_m,
            "half_life": half_life,
            "level": level,
        },
        at=shown.summary.at.isoformat(),
        n_in=None if level == "disclosure" else len(located),
        n_out=len(shown.summary.slots),
        inputs=shown.inputs,
    )
    return Briefing(
        render(shown, tiles=tiles),
        shown.settings.title or voice("title"),
        lead(shown, voice).headline,
        made_by,
        origin(tiles) if tiles else None,
        shown,
    )

"""The briefing: one page about one ranking, for two minutes of reading or an hour of work."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from crimeloc.briefing import backmatter, sections
from crimeloc.briefing.atlas import Atlas, district_names, draw_atlas
from crimeloc.briefing.case import Case, gather
from crimeloc.briefing.offline import leaflet, map_parts, one_file, origin, requests_in
from crimeloc.briefing.script import SCRIPT
from crimeloc.briefing.style import STYLE, page_rules
from crimeloc.briefing.words import Words, words
from crimeloc.errors import CrimelocError, ParameterError
from crimeloc.provenance import VERSION, Input, Provenance, record, sha256_file
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
    """

    html: str = field(repr=False)
    title: str
    headline: str
    provenance: Provenance = field(repr=False)
    image_origin: str | None = None

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
        """
        outside = requests_in(self.html)
        if outside:
            raise CrimelocError(
                f"briefing: found a page that fetches {outside[0]!r}; awaited one that fetches "
                "nothing  mend: briefing(...) without markup of your own"
            )
        target = Path(path)
        target.write_text(self.html, encoding="utf-8", newline="\n")
        return target

    def __str__(self) -> str:
        size = len(self.html.encode("utf-8")) / 1e6
        return f"{self.title}\n{self.headline}\n{size:.1f} MB; .save('briefing.html') writes it"

    def _repr_html_(self) -> str:
        text = html.escape(str(self)).splitlines()
        return f"<div><b>{text[0]}</b><br>{text[1]}<br><small>{text[2]}</small></div>"


def briefing(
    ranking: Any,
    *,
    located: gpd.GeoDataFrame,
    venues: gpd.GeoDataFrame,
    profile: Any = None,
    clusters: gpd.GeoDataFrame | None = None,
    scan: Any = None,
    replay: Any = None,
    districts: gpd.GeoDataFrame | None = None,
    rejected: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    inputs: Iterable[Input | str | Path] = (),
    series: str | None = None,
    lang: str = "en",
    title: str | None = None,
    banner: str | None = None,
    top: int = 10,
    bandwidth_m: float = 400.0,
    half_life: Duration | None = "30D",
    tz: str | None = None,
    tiles: str | None = None,
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
    profile : object, optional
        An anchor profile, drawn as a search area.
    clusters : GeoDataFrame, optional
        CLUSTERS; by default those of the column ``cluster_id`` of `located`, if it is there.
    scan : object, optional
        A scan test, or a table of its clusters.
    replay : object, optional
        As `crimeloc.backtest` gives it: how such forecasts fared, beside naive baselines.
    districts : GeoDataFrame, optional
        Outlines as a base map that needs no tiles; any CRS.
    rejected : DataFrame or mapping, optional
        What the readers rejected; several tables by name.
    inputs : iterable of Input or path, optional
        The files behind it; a path is hashed.
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

    Returns
    -------
    Briefing
        `.save(path)` writes one file that opens with the network cable out.

    Raises
    ------
    TableError
        A table breaks its contract.
    ParameterError
        The language or the series is not known, or a number makes no sense.

    Notes
    -----
    The page reads tables and fits nothing. Handles and addresses are not on it. Events are summed
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
    voice = words(lang)
    if top < 1:
        raise ParameterError("top", top, "at least 1", "top=10")
    case = gather(ranking, located, venues, series=series, tz=tz)
    if clusters is None:
        clusters = _clusters_of(case)
    beyond_chance, notes = _scan(scan, voice)
    atlas = draw_atlas(
        case,
        voice,
        top=top,
        bandwidth_m=bandwidth_m,
        half_life=half_life,
        clusters=clusters,
        scan=beyond_chance,
        areas=_areas_of(profile),
        districts=districts,
    )
    records = _records(ranking, profile, scan, replay)
    files = [_input(item) for item in inputs]
    heading = title or voice("title")
    setting = voice(
        "made.page.text",
        top=top,
        bandwidth=voice.metres(bandwidth_m),
        half_life=str(half_life),
    )
    body = (
        sections.head(case, voice, heading, banner)
        + sections.lead(case, voice, _caution(ranking, case, voice))
        + sections.facts(case, voice, top, backmatter.replay_figures(replay))
        + sections.answer(case, voice, top, _explained(ranking, case, voice))
    )
    part, scripts, data = _live_map(atlas, voice, tiles)
    sheet = _sheet(case, atlas, clusters, beyond_chance, voice, top)
    body += sections.map_section(voice, atlas, part, sheet, top)
    body += (
        backmatter.habits(case, voice)
        + backmatter.replay_section(replay, voice)
        + backmatter.left_out(
            case, voice, _rejected(rejected), venues, (*notes, *getattr(replay, "notes", ()))
        )
        + backmatter.made(case, voice, records, files, setting)
        + "</main></div>"
    )
    footer = voice("footer", version=VERSION, at=voice.moment(case.at))
    page = one_file(
        title=heading,
        lang=lang,
        styles=[leaflet()[0], STYLE, page_rules(banner, footer)],
        body=body,
        scripts=scripts,
        data=data,
        image_origin=origin(tiles) if tiles else None,
    )
    made_by = record(
        "briefing",
        {"lang": lang, "top": top, "bandwidth_m": bandwidth_m, "half_life": half_life},
        at=case.at.isoformat(),
        n_in=len(located),
        n_out=len(case.slots),
        inputs=files,
    )
    headline = _headline(body)
    return Briefing(page, heading, headline, made_by, origin(tiles) if tiles else None)


def _live_map(
    atlas: Atlas, voice: Words, tiles: str | None
) -> tuple[str, list[str], dict[str, Any]]:
    import folium

    south, west, north, east = atlas.bounds
    chart = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=12,
        tiles=None,
        zoom_control=False,
        attribution_control=bool(tiles),
        prefer_canvas=True,
        zoom_snap=0.25,
    )
    if tiles:
        folium.TileLayer(tiles, attr=" ", control=False).add_to(chart)
    for entry in atlas.entries:
        entry.layer.add_to(chart)
    parts = map_parts(chart, {entry.key: entry.layer for entry in atlas.entries})
    data = {
        "map": parts.name,
        "layers": parts.layers,
        "bounds": [[south, west], [north, east]],
        "frames": [vars(frame) for frame in atlas.frames],
        "zoom_in": voice("map.zoom_in"),
        "zoom_out": voice("map.zoom_out"),
        "themes": [voice(f"theme.{name}") for name in ("auto", "light", "dark")],
    }
    globals_ = "L_NO_TOUCH=false;L_DISABLE_3D=false;"
    return parts.body, [globals_ + leaflet()[1], parts.script, SCRIPT], data


def _sheet(
    case: Case,
    atlas: Atlas,
    clusters: gpd.GeoDataFrame | None,
    scan: gpd.GeoDataFrame | None,
    voice: Words,
    top: int,
) -> str:
    from crimeloc.briefing.charts import as_svg
    from crimeloc.briefing.sheet import map_sheet

    named = district_names(atlas.districts) if atlas.districts is not None else ()
    drawing = map_sheet(
        case.venues,
        atlas.heat,
        atlas.steps,
        voice,
        bounds=atlas.bounds,
        top=top,
        districts=atlas.districts,
        names=named,
        clusters=clusters,
        scan=scan,
    )
    return as_svg(drawing, "sheet")


def _clusters_of(case: Case) -> gpd.GeoDataFrame | None:
    if "cluster_id" not in case.located.columns or not len(case.located):
        return None
    from crimeloc.clustering import summarise_clusters

    return summarise_clusters(case.located)


def _scan(scan: Any, voice: Words) -> tuple[gpd.GeoDataFrame | None, list[str]]:
    """Give the clusters that chance does not explain, and a sentence where there is none."""
    if scan is None:
        return None, []
    table = scan if isinstance(scan, gpd.GeoDataFrame) else getattr(scan, "clusters", None)
    alpha = float(getattr(scan, "alpha", 0.05))
    if not isinstance(table, gpd.GeoDataFrame) or "radius_m" not in table.columns:
        mend = "scan=scan_test(...)"
        raise ParameterError("scan", type(scan).__name__, "a scan test or its clusters", mend)
    if "p_value" in table.columns:
        table = table[table["p_value"] <= alpha]
    if len(table):
        return table, []
    return None, [voice("left.scan", alpha=f"{alpha:g}")]


def _areas_of(profile: Any) -> gpd.GeoDataFrame | None:
    for name in ("areas", "contours", "regions"):
        candidate = getattr(profile, name, None)
        if isinstance(candidate, gpd.GeoDataFrame) and len(candidate):
            return candidate
    return profile if isinstance(profile, gpd.GeoDataFrame) and len(profile) else None


def _records(*results: Any) -> list[Provenance]:
    found = [getattr(result, "provenance", None) for result in results]
    return [item for item in found if isinstance(item, Provenance)]


def _input(item: Input | str | Path) -> Input:
    if isinstance(item, Input):
        return item
    return Input(Path(item).name, sha256_file(item))


def _rejected(
    rejected: pd.DataFrame | Mapping[str, pd.DataFrame] | None,
) -> Mapping[str, pd.DataFrame] | None:
    return {"events": rejected} if isinstance(rejected, pd.DataFrame) else rejected


def _caution(ranking: Any, case: Case, voice: Words) -> str | None:
    """Give what the ranker holds against its own forecast of these series."""
    said = getattr(ranking, "abstention", None)
    if isinstance(said, Mapping):
        weak = [name for name in said if not case.series or name in case.series]
        if not weak:
            return None
        if len(case.series) > 1:
            return voice("abstain.some", n=len(weak), all=len(case.series))
        said = said[weak[0]]
    if not isinstance(said, str) or not said:
        return None
    return said if voice.lang == "en" else voice("abstain.few", n=case.counts["placed"])


def _explained(ranking: Any, case: Case, voice: Words, most: int = 5) -> dict[str, list[str]]:
    """Ask the ranker where the probabilities of the first venues come from; lines of text."""
    explain = getattr(ranking, "explain", None)
    if not callable(explain) or len(case.series) > 1:
        return {}
    several = len(getattr(ranking, "series", ())) > 1
    chosen = {"series": case.series[0]} if several and case.series else {}
    return {
        str(venue): _lines(explain(venue, **chosen), case, voice)
        for venue in case.venues["venue_id"].head(most)
    }


def _lines(said: Any, case: Case, voice: Words) -> list[str]:
    """Put an explanation into the page's language where it carries its parts."""
    events = getattr(said, "events", None)
    sentence = getattr(said, "sentence_ko" if voice.lang == "ko" else "sentence", None)
    if not isinstance(sentence, str) or not isinstance(events, pd.DataFrame):
        return str(said).splitlines()
    lines = [sentence]
    for event, moment, venue, change in zip(
        events["event_id"], events["timestamp"], events["venue_id"], events["change"], strict=True
    ):
        sign = "+" if change >= 0 else "−"
        lines.append(
            voice(
                "explain.event",
                event=event,
                time=voice.moment(moment.tz_convert(case.tz)),
                venue=venue,
                change=sign + voice.percent(abs(float(change))),
            )
        )
    ranks = getattr(said, "ranks", None)
    if isinstance(ranks, Mapping) and ranks:
        moved = ", ".join(str(rank) for rank in sorted(set(ranks.values())))
        lines.append(voice("explain.ranks", rank=said.rank, ranks=moved))
    return lines


def _headline(body: str) -> str:
    start = body.index('<p class="cl-headline">') + len('<p class="cl-headline">')
    return html.unescape(body[start : body.index("</p>", start)])

"""Entities and links for link charts: series, accounts, addresses, contents and venues."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from crimeloc.io.writing import write_table
from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.report.content import Content

__all__ = ["entities_and_links", "write_entities"]

_ENTITY = ("entity_id", "type", "label", "n", "first", "last", "latitude", "longitude")
_LINK = (
    "link_id",
    "from_id",
    "from_type",
    "to_id",
    "to_type",
    "type",
    "n",
    "weight",
    "first",
    "last",
)
_TYPES = {
    "series_id": "Series",
    "handle": "Account",
    "ip": "IP address",
    "content_hash": "Content",
    "venue_id": "Venue",
}
_LINKS = (
    ("series_id", "handle", "used"),
    ("handle", "ip", "came from"),
    ("handle", "content_hash", "uploaded"),
    ("ip", "venue_id", "located at"),
    ("series_id", "venue_id", "uploaded at"),
)


def write_entities(content: Content, path: str | Path) -> tuple[Path, Path]:
    """How do I draw the case as a link chart?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    path : str or Path
        ``case.csv``: ``case.entities.csv`` and ``case.links.csv`` are written beside one another.

    Returns
    -------
    tuple of Path
        The two files, UTF-8 with byte-order mark; formulas are neutralised.

    Notes
    -----
    For the import wizard of i2 Analyst's Notebook and its like: take ``entity_id`` as identity,
    ``type`` as type, ``label`` as label; of a link ``from_id`` and ``to_id`` as its ends.
    Links of one kind between the same two are one link with ``n`` uploads.
    """
    target = Path(path)
    stem = target.name.removesuffix(target.suffix).removesuffix(".i2")
    entities, links = entities_and_links(content)
    return (
        write_table(entities, target.with_name(f"{stem}.entities.csv")),
        write_table(links, target.with_name(f"{stem}.links.csv")),
    )


def entities_and_links(content: Content) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which entities are there, and what links them?

    Parameters
    ----------
    content : Content
        At the level of the reader. At ``"disclosure"`` there are series and venues alone, and
        links whose counts may be told.

    Returns
    -------
    entities : DataFrame
        ``entity_id`` (unique), ``type``, ``label``, ``n`` (uploads), ``first``, ``last``,
        ``latitude``, ``longitude``. Venues without a link are left out unless they are among the
        top of the ranking.
    links : DataFrame
        ``link_id``, ``from_id``, ``from_type``, ``to_id``, ``to_type``, ``type``, ``n`` (uploads),
        ``weight`` (those of their candidates, summed), ``first``, ``last``.
    """
    if content.level == "disclosure":
        links = _told_links(content.summary)
    else:
        located = _with_series(content.summary)
        found = [_links(located, *kind) for kind in _LINKS if {*kind[:2]} <= set(located.columns)]
        links = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_LINK[1:])
    links = links.sort_values(["type", "from_id", "to_id"], ignore_index=True)
    links.insert(0, "link_id", [f"L{number}" for number in range(1, len(links) + 1)])
    return _entities(content, links), links[[*_LINK]]


def _with_series(summary: ForecastSummary) -> pd.DataFrame:
    located = pd.DataFrame(summary.located)
    if "series_id" not in located.columns:
        located = located.assign(series_id="all")
    moments = located["timestamp"].dt.tz_convert(summary.tz)
    return located.assign(_moment=moments)


def _links(located: pd.DataFrame, one: str, other: str, kind: str) -> pd.DataFrame:
    rows = located.dropna(subset=[one, other])
    grouped = rows.groupby([one, other], sort=True)
    table = grouped.agg(
        n=("event_id", "nunique"),
        weight=("weight", "sum"),
        first=("_moment", "min"),
        last=("_moment", "max"),
    ).reset_index()
    result = pd.DataFrame(
        {
            "from_id": _TYPES[one] + ":" + table[one].astype("str"),
            "from_type": _TYPES[one],
            "to_id": _TYPES[other] + ":" + table[other].astype("str"),
            "to_type": _TYPES[other],
            "type": kind,
        },
        dtype="str",
    )
    weight = table["weight"].round(4) if other == "venue_id" else np.nan
    return result.assign(
        n=table["n"].astype("Int64"),
        weight=weight,
        first=_iso(table["first"]),
        last=_iso(table["last"]),
    )


def _told_links(summary: ForecastSummary) -> pd.DataFrame:
    """Uploads of the series at venues, as far as they are told; no moments."""
    venues = summary.venues.dropna(subset="n")
    name = summary.series[0] if len(summary.series) == 1 else "all"
    count = len(venues)
    return pd.DataFrame(
        {
            "from_id": pd.Series([f"Series:{name}"] * count, dtype="str"),
            "from_type": pd.Series(["Series"] * count, dtype="str"),
            "to_id": ("Venue:" + venues["venue_id"].astype("str")).to_numpy(),
            "to_type": pd.Series(["Venue"] * count, dtype="str"),
            "type": pd.Series(["uploaded at"] * count, dtype="str"),
            "n": venues["n"].astype("Int64").to_numpy(),
            "weight": np.full(count, np.nan),
            "first": pd.Series([None] * count, dtype="str"),
            "last": pd.Series([None] * count, dtype="str"),
        }
    )


def _entities(content: Content, links: pd.DataFrame) -> pd.DataFrame:
    summary = content.summary
    ids = [*links["from_id"], *links["to_id"]]
    ids += [f"Venue:{name}" for name in summary.venues["venue_id"].head(content.settings.top)]
    ids = sorted(dict.fromkeys(str(name) for name in ids))
    table = pd.DataFrame({"entity_id": pd.Series(ids, dtype="str")})
    parts = table["entity_id"].str.partition(":")
    table["type"], key = parts[0], parts[2]
    known = summary.venues.set_index("venue_id")
    is_venue = table["type"] == "Venue"
    named = key.map(known["name"].to_dict()).where(is_venue)
    table["label"] = named.fillna(key)
    for column, source in (("latitude", "lat"), ("longitude", "lon")):
        table[column] = key.map(known[source].to_dict()).where(is_venue).astype("float64")
    if content.level == "disclosure":
        counts = key.map(known["n"].to_dict()).where(is_venue).astype("Int64")
        return table.assign(n=counts, first=None, last=None)[[*_ENTITY]]
    located = _with_series(summary)
    found = []
    for column, kind in _TYPES.items():
        if column in located.columns:
            grouped = located.dropna(subset=column).groupby(column)
            part = grouped.agg(
                n=("event_id", "nunique"), first=("_moment", "min"), last=("_moment", "max")
            )
            found.append(part.set_axis([f"{kind}:{name}" for name in part.index]))
    sums = pd.concat(found)
    table = table.join(sums, on="entity_id")
    table["n"] = table["n"].fillna(0).astype("Int64")
    table["first"], table["last"] = _iso(table["first"]), _iso(table["last"])
    return table[[*_ENTITY]]


def _iso(moments: pd.Series) -> pd.Series:
    return moments.map(lambda moment: moment.isoformat(), na_action="ignore").astype("str")

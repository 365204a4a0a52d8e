"""What the command line prints of the main job."""

from __future__ import annotations

import unicodedata
from typing import Any

import pandas as pd

from crimeloc.cli.job import Forecast, LoadedFiles
from crimeloc.tables import ELSEWHERE

__all__ = ["counts", "located", "ranked", "series"]


def counts(loaded: LoadedFiles) -> str:
    """Say what was read and rejected, file by file, with the reasons."""
    lines = ["Read"]
    for item in loaded.inputs:
        if item.n_rows is None:
            lines.append(f"  {item.name}: used for addresses without a lease")
            continue
        lines.append(f"  {item.name}: {item.n_rows:,} rows read, {item.n_rejected or 0:,} rejected")
        rejected = loaded.rejected[item.name]
        for row in rejected.head(3).itertuples():
            where = f" in {row.column}" if isinstance(row.column, str) and row.column else ""
            lines.append(f"    row {row.source_row}: {row.reason}{where}")
        if len(rejected) > 3:
            lines.append(f"    and {len(rejected) - 3} more: crimeloc check {item.name} shows all")
    return "\n".join([*lines, *_conflicts(loaded)])


def _conflicts(loaded: LoadedFiles) -> list[str]:
    """Say where leases hand one address to two venues at one time."""
    if loaded.leases is None:
        return []
    from crimeloc.io import lease_conflicts

    most = 200_000
    found = lease_conflicts(loaded.leases, at_most=most)
    clash = found[~found["same_venue"]]
    if clash.empty:
        return []
    first, least = clash.iloc[0], "at least " if len(found) == most else ""
    said = (
        f"Shared: {least}{len(clash):,} pairs of leases give one address to two venues at one"
        f" time; such uploads get weights. The first: {first['network']}, {first['venue_id']} and"
        f" {first['other_venue_id']}"
    )
    return [said]


def located(loaded: LoadedFiles) -> str:
    """Say how many events were located, and on what that rests."""
    from crimeloc.geolocation import location_summary
    from crimeloc.geolocation.wording import AGAINST

    table = location_summary(loaded.located)
    total = int(table["events"].sum())
    placed = int(table.loc[table["candidates"] > 0, "events"].sum())
    lines = [f"Located: {placed:,} of {total:,} uploads have a candidate venue"]
    for how, events, share, _, candidates in table.itertuples(index=False):
        many = f", {candidates:.1f} candidates each" if candidates > 1 else ""
        lines.append(f"  {how}: {events:,} ({share:.0%}{many})")
    against = loaded.located["why"].astype("str").str.contains(AGAINST, regex=False)
    count = loaded.located.loc[against, "event_id"].nunique()
    if count:
        lines.append(
            f"  Read with care: {count:,} uploads rest on a venue that by the register was not in"
            " business then (column why)"
        )
    return "\n".join(lines)


def series(loaded: LoadedFiles, made: Forecast) -> str:
    """Say which series there are and which one is ranked."""
    later = f"; {loaded.n_later:,} later uploads are not looked at" if loaded.n_later else ""
    if made.series is None:
        return f"Series: {loaded.linked}; {made.n_before:,} uploads before the forecast{later}"
    sizes = loaded.located.drop_duplicates("event_id")["series_id"].value_counts()
    several = int((sizes >= 4).sum())
    return (
        f"Series: {len(sizes):,}, of which {several} with 4 uploads or more; {loaded.linked}\n"
        f"  ranked: {made.series} ({made.n_before:,} uploads before the forecast{later})"
    )


def ranked(loaded: LoadedFiles, made: Forecast, tz: str, top: int = 5) -> str:
    """Show the first venues and slots with probabilities and reasons."""
    ranking = made.ranking
    at = pd.Timestamp(ranking.at).tz_convert(tz)
    names = _names(loaded.venues)
    lines = [f"Forecast from {at:%Y-%m-%d %H:%M} ({tz})"]
    lines += [f"  {sentence}" for sentence in _sentences(ranking)]
    lines.append(f"Top {top} venues: chance of at least one upload within the horizon")
    venues = ranking.venues[ranking.venues["venue_id"] != ELSEWHERE]
    for place, row in enumerate(venues.head(top).itertuples(), 1):
        name = _short(f"{row.venue_id} {names.get(row.venue_id, '')}", 26)
        lines.append(f"  {place}. {name} {row.probability:6.1%}   {_reason(ranking, row.venue_id)}")
    rest = ranking.venues[ranking.venues["venue_id"] == ELSEWHERE]
    if len(rest):
        lines.append(f"     {_short('elsewhere', 26)} {rest['probability'].iloc[0]:6.1%}")
    lines.append(f"Top {top} slots")
    slots = ranking.slots[ranking.slots["venue_id"] != ELSEWHERE]
    slots = slots.sort_values("probability", ascending=False, kind="stable")
    for place, row in enumerate(slots.head(top).itertuples(), 1):
        name = _short(f"{row.venue_id} {names.get(row.venue_id, '')}", 26)
        start, end = row.window_start.tz_convert(tz), row.window_end.tz_convert(tz)
        when = f"{start:%a %d %b %H:%M}-{end:%H:%M}"
        lines.append(f"  {place}. {name} {row.probability:6.1%}   {when}   {_parts(row)}")
    return "\n".join(lines)


def _names(venues: pd.DataFrame) -> dict[str, str]:
    if "name" not in venues.columns:
        return {}
    return dict(zip(venues["venue_id"], venues["name"].fillna("").astype("str"), strict=True))


def _sentences(ranking: Any) -> list[str]:
    """Give what the ranker holds against its own list."""
    return [f"Read with care: {words}" for words in ranking.abstained.values()]


def _reason(ranking: Any, venue_id: str) -> str:
    """Give the sentence of the explanation without the venue and the chance, shown before it."""
    said = ranking.explain(venue_id, influence=False, stability=False)
    return str(said.reason) if said.lift is None else f"{said.reason}; {said.lift}"


def _parts(row: Any) -> str:
    """Name the two experts that give most of this slot."""
    parts = {
        name.removeprefix("from_"): value
        for name, value in row._asdict().items()
        if name.startswith("from_")
    }
    whole = sum(parts.values()) or 1.0
    best = [pair for pair in sorted(parts.items(), key=_largest)[:2] if pair[1] >= 0.01 * whole]
    return ", ".join(f"{name.replace('_', ' ')} {value / whole:.0%}" for name, value in best)


def _largest(pair: tuple[str, float]) -> float:
    return -pair[1]


def _short(text: str, width: int) -> str:
    """Cut or fill to a width on the terminal, where a Korean letter takes two places."""
    shown, used = "", 0
    for letter in text.strip():
        wide = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if used + wide > width:
            break
        shown, used = shown + letter, used + wide
    return shown + " " * (width - used)

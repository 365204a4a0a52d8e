"""What the command line prints of the main job."""

from __future__ import annotations

import unicodedata
from typing import Any

import pandas as pd

from crimeloc.cli.job import Forecast, LoadedFiles
from crimeloc.cli.language import tell, translator
from crimeloc.io.reasons import reasons_in
from crimeloc.messages import say
from crimeloc.tables import ELSEWHERE

__all__ = ["counts", "located", "ranked", "series"]


def counts(loaded: LoadedFiles) -> str:
    """Say what was read and rejected, file by file, with the reasons."""
    lines, voice = [tell("Read")], translator()
    for item in loaded.inputs:
        if item.n_rows is None:
            used = tell("{name}: used for addresses without a lease", name=item.name)
            lines.append(f"  {used}")
            continue
        counted = tell(
            "{name}: {n:number} rows read, {rejected:number} rejected",
            name=item.name,
            n=item.n_rows,
            rejected=item.n_rejected or 0,
        )
        lines.append(f"  {counted}")
        rejected = loaded.rejected[item.name]
        head = rejected.head(3)
        for row, reason in zip(head.itertuples(), reasons_in(head, voice.lang), strict=True):
            said = tell("row {row}: {reason}", row=row.source_row, reason=reason)
            if isinstance(row.column, str) and row.column:
                said = tell("{said} in {column}", said=said, column=row.column)
            lines.append(f"    {said}")
        if len(rejected) > 3:
            more = tell(
                "and {n} more: crimeloc check {name} shows all",
                n=len(rejected) - 3,
                name=item.name,
            )
            lines.append(f"    {more}")
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
    first = clash.iloc[0]
    names = {"network": first["network"], "a": first["venue_id"], "b": first["other_venue_id"]}
    if len(found) == most:
        return [
            tell(
                "Shared: at least {n:number} pairs of leases give one address to two venues at one"
                " time; such uploads get weights. The first: {network}, {a} and {b}",
                n=len(clash),
                **names,
            )
        ]
    return [
        tell(
            "Shared: {n:number} pairs of leases give one address to two venues at one"
            " time; such uploads get weights. The first: {network}, {a} and {b}",
            n=len(clash),
            **names,
        )
    ]


def located(loaded: LoadedFiles) -> str:
    """Say how many events were located, and on what that rests."""
    from crimeloc.geolocation import location_summary
    from crimeloc.geolocation.wording import AGAINST

    table = location_summary(loaded.located)
    total = int(table["events"].sum())
    placed = int(table.loc[table["candidates"] > 0, "events"].sum())
    voice = translator()
    lines = [
        tell(
            "Located: {placed:number} of {n:number} uploads have a candidate venue",
            placed=placed,
            n=total,
        )
    ]
    for how, events, share, _, candidates in table.itertuples(index=False):
        said = f"{share:.0%}"
        if candidates > 1:
            each = tell("{n:.1f} candidates each", n=candidates)
            said = f"{said}, {each}"
        name = how if voice.lang == "en" else voice.how(how)
        lines.append(f"  {name}: {events:,} ({said})")
    against = loaded.located["why"].astype("str").str.contains(AGAINST, regex=False)
    count = loaded.located.loc[against, "event_id"].nunique()
    if count:
        care = tell(
            "Read with care: {n:number} uploads rest on a venue that by the register was not in"
            " business then (column why)",
            n=count,
        )
        lines.append(f"  {care}")
    return "\n".join(lines)


def series(loaded: LoadedFiles, made: Forecast) -> str:
    """Say which series there are and which one is ranked."""
    before = tell("{n:number} uploads before the forecast", n=made.n_before)
    if loaded.n_later:
        later = tell("{n:number} later uploads are not looked at", n=loaded.n_later)
        before = f"{before}; {later}"
    if made.series is None:
        return tell("Series: {linked}; {before}", linked=loaded.linked, before=before)
    sizes = loaded.located.drop_duplicates("event_id")["series_id"].value_counts()
    head = tell(
        "Series: {n:number}, of which {several} with 4 uploads or more; {linked}",
        n=len(sizes),
        several=int((sizes >= 4).sum()),
        linked=loaded.linked,
    )
    chosen = tell("ranked: {series} ({before})", series=made.series, before=before)
    return f"{head}\n  {chosen}"


def ranked(loaded: LoadedFiles, made: Forecast, tz: str, top: int = 5) -> str:
    """Show the first venues and slots with probabilities and reasons."""
    ranking = made.ranking
    at = pd.Timestamp(ranking.at).tz_convert(tz)
    names = _names(loaded.venues)
    voice = translator()
    lines = [tell("Forecast from {at:%Y-%m-%d %H:%M} ({tz})", at=at, tz=tz)]
    lines += [f"  {sentence}" for sentence in _sentences(ranking)]
    lines.append(tell("Top {n} venues: chance of at least one upload within the horizon", n=top))
    venues = ranking.venues[ranking.venues["venue_id"] != ELSEWHERE]
    for place, row in enumerate(venues.head(top).itertuples(), 1):
        name = _short(f"{row.venue_id} {names.get(row.venue_id, '')}", 26)
        lines.append(f"  {place}. {name} {row.probability:6.1%}   {_reason(ranking, row.venue_id)}")
    rest = ranking.venues[ranking.venues["venue_id"] == ELSEWHERE]
    if len(rest):
        lines.append(f"     {_short(tell('elsewhere'), 26)} {rest['probability'].iloc[0]:6.1%}")
    lines.append(tell("Top {n} slots", n=top))
    slots = ranking.slots[ranking.slots["venue_id"] != ELSEWHERE]
    slots = slots.sort_values("probability", ascending=False, kind="stable")
    for place, row in enumerate(slots.head(top).itertuples(), 1):
        name = _short(f"{row.venue_id} {names.get(row.venue_id, '')}", 26)
        start, end = row.window_start.tz_convert(tz), row.window_end.tz_convert(tz)
        when = voice.window(start, end)
        lines.append(f"  {place}. {name} {row.probability:6.1%}   {when}   {_parts(row)}")
    return "\n".join(lines)


def _names(venues: pd.DataFrame) -> dict[str, str]:
    if "name" not in venues.columns:
        return {}
    return dict(zip(venues["venue_id"], venues["name"].fillna("").astype("str"), strict=True))


def _sentences(ranking: Any) -> list[str]:
    """Give what the ranker holds against its own list."""
    lang = translator().lang
    return [
        tell("Read with care: {doubt}", doubt=say(doubt, lang))
        for doubt in ranking.abstained.values()
    ]


def _reason(ranking: Any, venue_id: str) -> str:
    """Give the sentence of the explanation without the venue and the chance, shown before it."""
    said = ranking.explain(venue_id, influence=False, stability=False)
    lang = translator().lang
    reason = say(said.reason, lang)
    return reason if said.lift is None else f"{reason}; {say(said.lift, lang)}"


def _parts(row: Any) -> str:
    """Name the two experts that give most of this slot."""
    parts = {
        name.removeprefix("from_"): value
        for name, value in row._asdict().items()
        if name.startswith("from_")
    }
    whole = sum(parts.values()) or 1.0
    best = [pair for pair in sorted(parts.items(), key=_largest)[:2] if pair[1] >= 0.01 * whole]
    voice = translator()
    said = {
        name: name.replace("_", " ") if voice.lang == "en" else voice.expert(name)
        for name, _ in best
    }
    return ", ".join(f"{said[name]} {value / whole:.0%}" for name, value in best)


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

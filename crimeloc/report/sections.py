"""The parts of the page from the headline to the answer, each a function from facts to markup.

Whatever comes from a table passes `esc` before it stands in markup.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from crimeloc.messages.words import Words
from crimeloc.plotting.forecast_summary import ForecastSummary, reasons, telling_k
from crimeloc.plotting.map_legend import Atlas

if TYPE_CHECKING:
    from crimeloc.report.source_rows import Evidence

__all__ = [
    "answer",
    "esc",
    "facts",
    "figure",
    "figures_of",
    "head",
    "lead",
    "map_section",
    "numbers_of",
    "section",
    "table",
]


def esc(value: object) -> str:
    """Give text that can stand in markup and stays text."""
    return html.escape(str(value), quote=True)


def section(key: str, heading: str, body: str, extra: str = "") -> str:
    """Give a section with its heading."""
    return (
        f'<section id="{key}" aria-labelledby="{key}-h" class="{extra}">'
        f'<h2 id="{key}-h">{esc(heading)}</h2>{body}</section>\n'
    )


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    caption: str = "",
    numbers: Iterable[int] = (),
    label: str = "",
) -> str:
    """Give a table; cells are markup that is already safe, heads and caption are plain text."""
    kind = dict.fromkeys(numbers, ' class="n"')
    top = "".join(
        f'<th scope="col"{kind.get(place, "")}>{esc(text)}</th>' for place, text in enumerate(heads)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind.get(place, '')}>{cell}</td>" for place, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    words = f"<caption>{esc(caption)}</caption>" if caption else ""
    name = esc(caption or label)
    return (
        f'<div class="cl-scroll" tabindex="0" role="region" aria-label="{name}">'
        f"<table>{words}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def figure(drawing: str, name: str, note: str, kind: str = "", extra: str = "") -> str:
    """Give a drawing with its name, a text for those who cannot see it, and its note."""
    label = esc(f"{name}. {note}")
    return (
        f'<figure class="{kind}"><h3>{esc(name)}</h3>'
        f'<div role="img" aria-label="{label}">{drawing}</div>'
        f"<figcaption>{esc(note)}</figcaption>{extra}</figure>"
    )


def numbers_of(words: Words, heads: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> str:
    """Give the numbers of a chart as a table, folded."""
    body = table(heads, rows, numbers=range(1, len(heads)), label=name)
    return f"<details><summary>{esc(words('chart.numbers'))}</summary>{body}</details>"


def head(
    case: ForecastSummary, words: Words, title: str, banner: str | None, level: str = ""
) -> str:
    """Give banner, title and what the page is about."""
    if len(case.series) == 1:
        about = [words("sub.series", names=case.series[0])]
    else:
        about = [words("sub.many", n=len(case.series))] if case.series else []
    about += [
        words("sub.at", at=words.moment(case.at)),
        words("sub.until", until=words.moment(case.until)),
        words("sub.zone", tz=case.tz),
        *([level] if level else []),
    ]
    strip = f'<header class="cl-banner">{esc(banner)}</header>' if banner else ""
    return (
        f'<a class="cl-skip" href="#answer">{esc(words("skip"))}</a>{strip}'
        '<div class="cl-wrap"><main><div class="cl-head"><div>'
        f'<h1>{esc(title)}</h1><p class="cl-sub">{esc(" · ".join(about))}</p></div>'
        f'<button type="button" id="cl-theme" class="cl-theme">{esc(words("theme.auto"))}</button>'
        "</div>\n"
    )


def lead(case: ForecastSummary, words: Words, caution: str | None) -> str:
    """Give the headline: the answer in three sentences, and what it is not."""
    lines = []
    if len(case.venues) and len(case.slots):
        venue, slot = case.venues.iloc[0], case.slots.iloc[0]
        text = words(
            "headline",
            until=words.moment(case.until),
            venue=venue["name"],
            p=words.percent(float(venue["probability"])),
        )
        lines.append(f'<p class="cl-headline">{esc(text)}</p>')
        when = words.window(slot["window_start"], slot["window_end"])
        chance = words.percent(float(slot["probability"]))
        text = words("headline.slot", window=when, venue=slot["name"], p=chance)
        text += " " + words("headline.elsewhere", p=words.percent(case.elsewhere["share"]))
        lines.append(f"<p>{esc(text)}</p>")
    else:
        lines.append(f'<p class="cl-headline">{esc(words("headline.none"))}</p>')
    if caution is not None:
        why = caution or words("abstain.level")
        lines.append(f'<p class="cl-note"><b>{esc(words("abstain"))}</b> {esc(why)}</p>')
    lines.append(f'<p class="cl-sub">{esc(words("limits"))}</p>')
    return f'<div class="cl-lead cl-keep">{"".join(lines)}</div>\n'


def figures_of(
    case: ForecastSummary, words: Words, top: int, replay: tuple[float, float, int] | None
) -> list[tuple[str, str, str, str]]:
    """Give four figures: name, value, note, and the part of the page that is behind each."""
    counts, number = case.counts, words.number
    days = (case.until - case.at) / pd.Timedelta(days=1)
    placed, unplaced = number(float(counts["placed"])), number(float(counts["unplaced"]))
    every, k = number(len(case.venues)), telling_k(len(case.venues), top)
    cells = [
        (
            words("fact.uploads"),
            number(float(counts["used"])),
            words("fact.uploads.note", placed=placed, unplaced=unplaced),
            "rows",
        ),
        (
            words("fact.expected"),
            number(case.expected, 1),
            words("fact.expected.note", days=words("number.days", n=number(days, 1))),
            "answer",
        ),
    ]
    if k and "share" in case.venues:
        held = words.percent(float(case.venues["share"].head(k).sum()))
        cells.append((words("fact.top", n=k), held, words("fact.top.note", n=every), "answer"))
    else:
        away = words.percent(case.elsewhere["share"])
        note = words("fact.elsewhere.note", n=every)
        cells.append((words("fact.elsewhere"), away, note, "answer"))
    if replay is None:
        note = words("fact.noreplay.note")
        return [*cells, (words("fact.noreplay"), words("fact.noreplay.value"), note, "")]
    ours, naive, at_k = replay
    note = words("fact.replay.note", p=words.percent(naive))
    return [*cells, (words("fact.replay", n=at_k), words.percent(ours), note, "replay")]


def facts(
    case: ForecastSummary,
    words: Words,
    top: int,
    replay: tuple[float, float, int] | None,
    behind: Evidence,
) -> str:
    """Give four figures, each leading to what is behind it."""
    body = ""
    for name, value, note, to in figures_of(case, words, top, replay):
        anchor = "left" if to == "rows" and "rows" not in behind.groups else to
        body += (
            f"<div><dt>{esc(name)}</dt><dd>{behind.link(anchor, value, name)}"
            f"<small>{esc(note)}</small></dd></div>"
        )
    return f'<dl class="cl-facts">{body}</dl>\n'


def answer(case: ForecastSummary, words: Words, top: int, behind: Evidence, sets: str) -> str:
    """Give the top venues and the top slots, with reasons and the rows behind them."""
    venues, slots = case.venues.head(top), case.slots.head(top)
    high = float(case.venues["probability"].max()) if len(case.venues) else 1.0
    heads = [words(f"col.{key}") for key in ("rank", "venue", "probability", "base_rate", "why")]
    rows = [
        [
            f'<span class="cl-rank">{rank}</span>',
            _venue_cell(row, words),
            _bar(row, high, words, behind),
            esc(words.percent(float(row["base_rate"]))),
            _why(row, words, behind),
        ]
        for rank, (_, row) in enumerate(venues.iterrows(), start=1)
    ]
    left = table(heads, rows, caption=words("answer.venues"), numbers=(3,))
    high = float(slots["probability"].max()) if len(slots) else 1.0
    heads = [words(f"col.{key}") for key in ("rank", "when", "venue", "probability")]
    rows = [
        [
            str(rank),
            _when(row, words),
            f"{esc(row['name'])}<div class='cl-why'>{_parts(row, words, 2)}</div>",
            _bar(row, high, words, behind),
        ]
        for rank, (_, row) in enumerate(slots.iterrows(), start=1)
    ]
    right = table(heads, rows, caption=words("answer.slots"))
    body = f'<div class="cl-two"><div>{left}</div><div>{right}</div></div>'
    note = words("answer.note")
    if bool(((venues["n"] % 1) > 1e-9).any()):
        note += " " + words("answer.fractions")
    body += f'<p class="cl-why">{esc(note)}</p>{sets}{behind.markup}'
    return section("answer", words("answer"), body)


def map_section(words: Words, atlas: Atlas, body: str, sheet: str, top: int) -> str:
    """Give the map, its legend that switches layers, and its picture for paper."""
    items = "".join(
        f'<li><label><input type="checkbox" data-layer="{esc(entry.key)}"'
        f"{' checked' if entry.shown else ''}>{esc(entry.label)}</label>"
        f'<div class="cl-key">{entry.swatch}</div><p>{esc(entry.note)}</p></li>'
        for entry in reversed(atlas.entries)
    )
    arrow = (
        '<svg width="16" height="18" viewBox="0 0 16 18" aria-hidden="true">'
        '<path d="M8 0 L14 17 L8 13 L2 17 Z" fill="#1b1f24"/></svg>'
    )
    north = (
        f'<div class="cl-north" role="img" aria-label="{esc(words("map.north"))}">{arrow}'
        f"{esc(words('map.north.letter'))}</div>"
    )
    live = (
        f'<div class="cl-mapgrid cl-screen"><div class="cl-mapcol">'
        f'<div class="cl-map" id="cl-map" role="region" '
        f'aria-label="{esc(words("map.label"))}">{body}{north}</div>'
        f'<p><button type="button" id="cl-home">{esc(words("map.home"))}</button></p></div>'
        f'<div class="cl-panel"><h3>{esc(words("map.legend"))}</h3><ul>{items}</ul></div></div>'
    )
    note = f"<noscript><p>{esc(words('map.noscript'))}</p></noscript>"
    caption = esc(words("map.static", n=top))
    paper = f'<figure class="cl-print" role="img" aria-label="{caption}">{sheet}</figure>'
    return section("map", words("map"), note + live + paper)


def _venue_cell(row: pd.Series, words: Words) -> str:
    name = esc(row["name"])
    if pd.notna(row["lat"]) and pd.notna(row["lon"]):
        label = esc(words("map.go", venue=row["name"]))
        name = (
            f'<button type="button" class="cl-go" data-lat="{row["lat"]:.6f}" '
            f'data-lon="{row["lon"]:.6f}" aria-label="{label}">{name}</button>'
        )
    return f'{name}<div class="cl-id">{esc(row["venue_id"])}</div>'


def _when(row: pd.Series, words: Words) -> str:
    start, end = row["window_start"], row["window_end"]
    day = words.day(start)
    rest = words.window(start, end).removeprefix(day).strip()
    return f"<div class='cl-when'><b>{esc(day)}</b> <span>{esc(rest)}</span></div>"


def _bar(row: pd.Series, highest: float, words: Words, behind: Evidence) -> str:
    probability = float(row["probability"])
    width = 100 * probability / highest if highest > 0 else 0
    text, venue = words.percent(probability), str(row["venue_id"])
    anchor = behind.reasons.get(venue) or behind.rows.get(venue)
    label = words("go.explain" if venue in behind.reasons else "go.rows", p=text, venue=row["name"])
    return (
        f'<div class="cl-prob"><b>{behind.link(anchor, text, label)}</b>'
        f'<span class="cl-bar"><i style="width:{width:.1f}%"></i></span></div>'
    )


def _parts(row: pd.Series, words: Words, most: int = 3) -> str:
    parts = [
        words("why.part", name=words.expert(name), p=words.percent(part))
        for name, part in reasons(row, most)
    ]
    return esc(words("and").join(parts))


def _why(row: pd.Series, words: Words, behind: Evidence) -> str:
    if pd.isna(row["n"]) or (row["n"] > 0 and pd.isna(row["last"])):
        past = words("tip.past", n=words.number(float(row["n"])))
    elif row["n"] > 0:
        last = words.day(row["last"], year=True)
        past = words("why.past", n=words.number(float(row["n"]), 1), last=last)
    else:
        past = words("why.never")
    label = words("go.rows", venue=row["name"])
    said = behind.link(behind.rows.get(str(row["venue_id"])), past, label)
    return f"{_parts(row, words)}<div class='cl-why'>{said}</div>"

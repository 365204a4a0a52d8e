"""The parts of the page from the headline to the map, each a function from the content to markup.

Whatever comes from a table passes `esc` before it stands in markup.
"""

from __future__ import annotations

import pandas as pd

from crimeloc.messages.translator import Translator
from crimeloc.plotting.legend import legend_items
from crimeloc.plotting.map_legend import MapLayers
from crimeloc.report.content import SET_LEVEL, Content
from crimeloc.report.markup import esc, section, table
from crimeloc.report.sentences import (
    answer_note,
    key_figures,
    lead,
    level_told,
    past_told,
    subtitle,
    why_slot,
    why_venue,
)
from crimeloc.report.source_rows import SourceRows
from crimeloc.report.text_tables import set_table

__all__ = ["answer", "figures", "head", "headline", "map_section"]


def head(content: Content, voice: Translator) -> str:
    """Give banner, title and what the page is about."""
    settings, about = content.settings, subtitle(content, voice)
    if content.level != "briefing":
        about += f" · {level_told(content, voice)}"
    strip = f'<header class="cl-banner">{esc(settings.banner)}</header>' if settings.banner else ""
    return (
        f'<a class="cl-skip" href="#answer">{esc(voice("skip"))}</a>{strip}'
        '<div class="cl-wrap"><main><div class="cl-head"><div>'
        f'<h1>{esc(settings.title or voice("title"))}</h1><p class="cl-sub">{esc(about)}</p></div>'
        f'<button type="button" id="cl-theme" class="cl-theme">{esc(voice("theme.auto"))}</button>'
        "</div>\n"
    )


def headline(content: Content, voice: Translator) -> str:
    """Give the answer in three sentences, and what it is not."""
    said = lead(content, voice)
    lines = [f'<p class="cl-headline">{esc(said.headline)}</p>']
    if said.slot:
        lines.append(f"<p>{esc(said.slot)}</p>")
    if said.story:
        told = "".join(f"<li>{esc(text)}</li>" for text in said.story)
        lines.append(f'<ul class="cl-story">{told}</ul>')
    if said.caution:
        why = f"<b>{esc(voice('abstain'))}</b> {esc(said.caution)}"
        lines.append(f'<p class="cl-note">{why}</p>')
    lines.append(f'<p class="cl-sub">{esc(said.limits)}</p>')
    return f'<div class="cl-lead cl-keep">{"".join(lines)}</div>\n'


def figures(content: Content, voice: Translator, behind: SourceRows) -> str:
    """Give four figures, each leading to what is behind it."""
    body = ""
    for name, value, note, to in key_figures(content, voice):
        anchor = "left" if to == "rows" and "rows" not in behind.groups else to
        body += (
            f"<div><dt>{esc(name)}</dt><dd>{behind.link(anchor, value, name)}"
            f"<small>{esc(note)}</small></dd></div>"
        )
    return f'<dl class="cl-facts">{body}</dl>\n'


def answer(content: Content, voice: Translator, behind: SourceRows) -> str:
    """Give the top venues and the top slots, with reasons and the rows behind them."""
    top = content.settings.top
    venues, slots = content.summary.venues.head(top), content.summary.slots.head(top)
    high = float(content.summary.venues["probability"].max()) if len(venues) else 1.0
    heads = [voice(f"col.{key}") for key in ("rank", "venue", "probability", "base_rate", "why")]
    rows = [
        [
            f'<span class="cl-rank">{rank}</span>',
            _venue_cell(row, voice),
            _bar(row, high, voice, behind),
            esc(voice.percent(float(row["base_rate"]))),
            _why(content, row, voice, behind),
        ]
        for rank, (_, row) in enumerate(venues.iterrows(), start=1)
    ]
    left = table(heads, rows, caption=voice("answer.venues"), numbers=(3,))
    high = float(slots["probability"].max()) if len(slots) else 1.0
    heads = [voice(f"col.{key}") for key in ("rank", "when", "venue", "probability")]
    rows = [
        [
            str(rank),
            _when(row, voice),
            f"{esc(row['name'])}<div class='cl-why'>{esc(why_slot(content, row, voice))}</div>",
            _bar(row, high, voice, behind),
        ]
        for rank, (_, row) in enumerate(slots.iterrows(), start=1)
    ]
    right = table(heads, rows, caption=voice("answer.slots"))
    body = f'<div class="cl-two"><div>{left}</div><div>{right}</div></div>'
    body += f'<p class="cl-why">{esc(answer_note(content, voice))}</p>'
    body += _sets(content, voice) + behind.markup
    return section("answer", voice("answer"), body)


def _sets(content: Content, voice: Translator) -> str:
    if not content.sets:
        return ""
    level = voice.percent(SET_LEVEL)
    heads, rows = set_table(content.sets, voice)
    cells = [[esc(text) for text in row] for row in rows]
    note = f'<p class="cl-why">{esc(voice("sets.note", p=level))}</p>'
    drawn = table(heads, cells, caption=voice("sets", p=level))
    return f'<div id="sets" class="cl-sets">{drawn}{note}</div>'


def map_section(
    content: Content, voice: Translator, layers: MapLayers, live: str, paper: str
) -> str:
    """Give the map, its legend that switches layers, and its picture for paper."""
    shown = (
        f'<div class="cl-mapgrid cl-screen"><div class="cl-mapcol">'
        f'<div class="cl-map" id="cl-map" role="region" '
        f'aria-label="{esc(voice("map.label"))}">{live}</div>'
        f'<p><button type="button" id="cl-home">{esc(voice("map.home"))}</button></p></div>'
        f'<div class="cl-panel"><h3>{esc(voice("map.legend"))}</h3>'
        f"<ul>{legend_items(layers.entries)}</ul></div></div>"
    )
    note = f"<noscript><p>{esc(voice('map.noscript'))}</p></noscript>"
    caption = esc(voice("map.static", n=content.settings.top))
    drawn = f'<figure class="cl-print" role="img" aria-label="{caption}">{paper}</figure>'
    return section("map", voice("map"), note + shown + drawn)


def _venue_cell(row: pd.Series, voice: Translator) -> str:
    name = esc(row["name"])
    if pd.notna(row["lat"]) and pd.notna(row["lon"]):
        label = esc(voice("map.go", venue=row["name"]))
        name = (
            f'<button type="button" class="cl-go" data-lat="{row["lat"]:.6f}" '
            f'data-lon="{row["lon"]:.6f}" aria-label="{label}">{name}</button>'
        )
    return f'{name}<div class="cl-id">{esc(row["venue_id"])}</div>'


def _when(row: pd.Series, voice: Translator) -> str:
    start, end = row["window_start"], row["window_end"]
    last = end - pd.Timedelta(microseconds=1)
    within = start.date() == last.date()
    hours = voice.hours(start, end) if within else f"{start:%H:%M} – {voice.moment(end)}"
    return f"<div class='cl-when'><b>{esc(voice.day(start))}</b> <span>{esc(hours)}</span></div>"


def _bar(row: pd.Series, highest: float, voice: Translator, behind: SourceRows) -> str:
    probability = float(row["probability"])
    width = 100 * probability / highest if highest > 0 else 0
    text, venue = voice.percent(probability), str(row["venue_id"])
    anchor = behind.reasons.get(venue) or behind.rows.get(venue)
    label = voice("go.explain" if venue in behind.reasons else "go.rows", p=text, venue=row["name"])
    return (
        f'<div class="cl-prob"><b>{behind.link(anchor, text, label)}</b>'
        f'<span class="cl-bar"><i style="width:{width:.1f}%"></i></span></div>'
    )


def _why(content: Content, row: pd.Series, voice: Translator, behind: SourceRows) -> str:
    label = voice("go.rows", venue=row["name"])
    said = behind.link(behind.rows.get(str(row["venue_id"])), past_told(content, row, voice), label)
    return f"{esc(why_venue(content, row, voice))}<div class='cl-why'>{said}</div>"

"""How results of tests are put into words: one way for all of them."""

from __future__ import annotations

import html

__all__ = ["as_html", "as_text", "counted", "places_shuffled", "quantity"]

Lines = list[tuple[str, str]]


def as_text(title: str, lines: Lines) -> str:
    """Give a title with one line for each word and its text."""
    width = max(len(word) for word, _ in lines)
    return "\n".join([title, *(f"  {word:<{width}}  {text}" for word, text in lines)])


def as_html(title: str, lines: Lines) -> str:
    """Give the same as a table for a notebook."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{html.escape(word)}</th>"
        f"<td style='text-align:left'>{html.escape(text)}</td></tr>"
        for word, text in lines
    )
    caption = f"<caption>{html.escape(title)}</caption>" if title else ""
    return f"<table>{caption}{rows}</table>"


def places_shuffled(strata: str) -> str:
    """What chance decides where places are dealt anew over times."""
    within = "" if strata == "none" else f", within strata ({strata})"
    return f"which event's places (with their weights) go with which time{within}"


def quantity(events: float) -> str:
    """Give a sum of weights as people say it: whole where it is whole, else to a tenth."""
    near = round(events)
    # Weights are kept to a thousandth: three thirds come to .999.
    return f"{near:,}" if abs(events - near) < 0.05 else f"{events:,.1f}"


def counted(number: int, word: str) -> str:
    """Give "no events", "1 event" or "2 events"."""
    if number == 1:
        return f"1 {word}"
    return f"{number:,} {word}s" if number else f"no {word}s"

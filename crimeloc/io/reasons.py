"""Why a row was rejected: one sentence for each reason, under a name that does not change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from crimeloc.addresses import FAULTS

__all__ = ["REASONS", "because", "reason_code"]

REASONS: Mapping[str, str] = MappingProxyType(
    {
        **FAULTS,
        "hash.none": "a medium without a hash",
        "json.no-json": "no JSON ({why})",
        "json.no-object": "JSON that is no object",
        "json.nested": "JSON nested beyond reason",
        "lease.no-network": "no network",
        "lease.no-venue": "no venue",
        "network.country": "{shown} is no country code",
        "network.several": "{shown} is not one network",
        "place.missing": "no coordinates",
        "place.no-geometry": "no geometry",
        "place.no-number": "coordinates that are no number",
        "place.outside": "coordinates outside of {crs}",
        "place.swapped": "longitude and latitude look swapped",
        "place.unreadable": "a geometry that cannot be read ({why})",
        "port.backwards": "ports that run backwards",
        "port.range": "no port between 0 and 65535",
        "port.two": "two different ports",
        "port.unreadable": "no port or range of ports",
        "row.again": "repeats an earlier row: {event_id}",
        "row.before-header": "before the header",
        "row.cells": "{count} filled cells; expected {expected}",
        "row.field-long": "a field of more than {most} characters",
        "row.field-one": "{count} field; expected {expected}",
        "row.fields": "{count} fields; expected {expected}",
        "row.fields-most": "{count} fields; expected at most {expected}",
        "row.half-character": "the file ends in the middle of a character",
        "row.header-again": "the header again",
        "row.line-long": "a line of {count} bytes; at most {most}",
        "row.no-text": "bytes that are no {codec} text",
        "row.nul": "a NUL character",
        "row.quote-open": "a quotation mark that is never closed",
        "row.quotes": "quotation marks that do not pair up",
        "time.backwards": "an end before the beginning",
        "time.clock": "no such time of day",
        "time.day": "no such day in the calendar",
        "time.day-month": "day and month cannot be told apart; write the year first",
        "time.epoch": (
            "a number that is no epoch in seconds, milliseconds, microseconds or nanoseconds"
        ),
        "time.missing": "no time",
        "time.morning": "a morning hour above 12",
        "time.offset": "no such offset {shown}",
        "time.skipped": "a time that the clocks of {tz} skipped",
        "time.spreadsheet": (
            "looks like the day number of a spreadsheet; format the column as a date"
        ),
        "time.unreadable": "not a time that can be read",
        "time.year": "the year {year}; expected {first} to {last}",
        "time.zone": "the zone {shown} is not known",
        "venue.again": "the same venue_id as in row {row}",
        "venue.backwards": "closed before it opened",
    }
)
"""Code of each reason to its English sentence, with the fields that it quotes in braces."""


def because(code: str, **fields: object) -> str:
    """Which sentence says why a row was rejected?

    Parameters
    ----------
    code : str
        Which reason, among `REASONS`.
    **fields
        What the sentence quotes.

    Returns
    -------
    str
        The English sentence, as it stands in ``rejected.reason``.

    Examples
    --------
    >>> because("row.fields", count=7, expected=5)
    '7 fields; expected 5'
    """
    return REASONS[code].format(**fields)


def reason_code(reason: str) -> tuple[str, dict[str, str]] | None:
    """Which reason is this sentence, and what does it quote?

    Parameters
    ----------
    reason : str
        A sentence of ``rejected.reason``.

    Returns
    -------
    tuple or None
        The code among `REASONS`, and the fields that the sentence quotes, as text; None where it
        is no sentence of a reader. With it a page can say the reason in another language.

    Examples
    --------
    >>> reason_code("203.0.113.999 has a part above 255")
    ('address.above-255', {'shown': '203.0.113.999'})
    >>> reason_code("no time"), reason_code("something else") is None
    (('time.missing', {}), True)
    """
    for code, pattern in _patterns():
        found = pattern.fullmatch(reason)
        if found is not None:
            return code, found.groupdict()
    return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """One pattern for each sentence, those that say most by themselves first."""
    made = []
    for code, sentence in REASONS.items():
        pieces = re.split(r"\{(\w+)\}", sentence)
        fixed = sum(len(piece) for piece in pieces[::2])
        parts = [
            f"(?P<{piece}>.*)" if number % 2 else re.escape(piece)
            for number, piece in enumerate(pieces)
        ]
        made.append((-fixed, code, re.compile("".join(parts), re.DOTALL)))
    made.sort(key=lambda item: item[:2])
    return tuple((code, pattern) for _, code, pattern in made)

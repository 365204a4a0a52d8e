"""How results of tests are put into words: one way for all of them, in any language."""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import reduce

from crimeloc.messages import Message, say

__all__ = [
    "CHOSEN",
    "CLOCKS",
    "NONE",
    "Lines",
    "Spoken",
    "counted",
    "joined",
    "places_shuffled",
    "quantity",
    "seed_line",
    "units_lines",
]

Lines = list[tuple[Message, object]]
"""A word and what is said under it, line by line."""

NONE = Message("none")
CLOCKS = {
    "hour_of_day": Message("hour of day on the clocks at the venues"),
    "day_of_week": Message("day of week on the clocks at the venues"),
    "hour_of_week": Message("hour of week on the clocks at the venues"),
}

CHOSEN = {
    "euclidean": Message("straight lines"),
    "manhattan": Message("along streets east and north"),
    "permutation": Message("permutation model"),
    "poisson": Message("Poisson model"),
    "retrospective": Message("retrospective"),
    "prospective": Message("prospective"),
}
"""What was chosen, in words."""


class Spoken:
    """A result that says itself: a title, and lines of a word and a text."""

    __slots__ = ()

    @property
    def title(self) -> Message:
        """What kind of result this is."""
        raise NotImplementedError

    def lines(self) -> Lines:
        """Give the result as pairs of a word and a text, for printing."""
        raise NotImplementedError

    def text(self, lang: str = "en") -> str:
        """Say the result in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue, such as ``"en"`` or ``"ko"``.

        Returns
        -------
        str
            A title, and one line for each word and its text.
        """
        lines = [(say(word, lang), say(text, lang)) for word, text in self.lines()]
        width = max(len(word) for word, _ in lines)
        said = (f"  {word:<{width}}  {text}" for word, text in lines)
        return "\n".join([say(self.title, lang), *said])

    def __str__(self) -> str:
        """Say it in English."""
        return self.text()

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(say(word))}</th>"
            f"<td style='text-align:left'>{html.escape(say(text))}</td></tr>"
            for word, text in self.lines()
        )
        return f"<table><caption>{html.escape(say(self.title))}</caption>{rows}</table>"


def joined(parts: Iterable[Message]) -> Message:
    """Put several things that are to be said into one line."""
    return reduce(lambda a, b: Message("{a}; {b}", a=a, b=b), parts)


def places_shuffled(strata: Message) -> Message:
    """What chance decides where places are dealt anew over times."""
    if strata == NONE:
        return Message("which event's places (with their weights) go with which time")
    return Message(
        "which event's places (with their weights) go with which time, within strata ({strata})",
        strata=strata,
    )


def seed_line(seed: object) -> tuple[Message, object]:
    """Say which seed was given."""
    given = isinstance(seed, str) and seed.isdigit()
    return Message("seed"), seed if given else Message("a generator that was given")


def quantity(events: float) -> str:
    """Give a sum of weights as people say it: whole where it is whole, else to a tenth."""
    near = round(events)
    # Weights are kept to a thousandth: three thirds come to .999.
    return f"{near:,}" if abs(events - near) < 0.05 else f"{events:,.1f}"


def counted(number: int, unit: str) -> Message:
    """Give "no events", "1 event" or "2 events"; sessions where these are counted."""
    if unit == "session":
        return Message("{n:number} {n:plural session/sessions}", n=number)
    return Message("{n:number} {n:plural event/events}", n=number)


def units_lines(unit: str, number: int, nowhere: int, notes: tuple[Message, ...]) -> Lines:
    """Say what was counted, what was left out, and what must be known of it."""
    said = counted(number, unit)
    if nowhere:
        left = Message("{n:number} {n:plural upload/uploads} without a place left out", n=nowhere)
        said = joined([said, left])
    return [(Message("counted"), said), *((Message("note"), note) for note in notes)]

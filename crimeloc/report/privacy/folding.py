"""Texts in the one form in which they are searched, with the way back to each place.

A name can be written in many ways that look alike: composed or decomposed, in full-width or small
letters, with marks in it that nobody sees. It is searched for in one form of all of these
(compatibility form, case folded, without what is not seen), and each letter of that form knows
which letters of the text it came from, so that just those are replaced.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

__all__ = ["Folded", "fold"]

_JAMO = range(0x1160, 0x1200)
"""Medial and final letters of Hangul, which join the letter before them."""


class Folded(NamedTuple):
    """A text in the form in which it is searched.

    Parameters
    ----------
    text : str
        The form.
    start, stop : list of int
        For each of its letters, where in the text that was given the letters begin and end from
        which it was made.
    """

    text: str
    start: list[int]
    stop: list[int]


def fold(text: str) -> Folded:
    """Bring a text into the form in which it is searched.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    Folded
        Its form, and the way back.

    Notes
    -----
    Letters that normalisation could join are taken together: a letter with the marks that follow
    it, and the parts of a Hangul syllable. What is not seen (general category Cf, such as zero
    width spaces and marks of direction) is passed over.

    References
    ----------
    Unicode Standard Annex 15 (normalisation) and section 3.13 (caseless matching).

    Examples
    --------
    >>> fold("Ｎight İ").text
    'night i̇'
    >>> folded = fold("x\\u200bＭ")
    >>> folded.text, folded.start, folded.stop
    ('xm', [0, 2], [2, 3])
    """
    if text.isascii():
        places = list(range(len(text)))
        return Folded(text.lower(), places, [place + 1 for place in places])
    made: list[str] = []
    start: list[int] = []
    stop: list[int] = []
    for begin, end in _joined(text):
        piece = _form(text[begin:end])
        if not piece and stop:
            stop[-1] = end  # what is not seen goes with the letter before it
        made.append(piece)
        start += [begin] * len(piece)
        stop += [end] * len(piece)
    return Folded("".join(made), start, stop)


def _form(piece: str) -> str:
    """Compatibility form, case folded; folding may open a letter up, so it is done twice."""
    for _ in range(2):
        piece = unicodedata.normalize("NFKC", piece).casefold()
    seen = [letter for letter in piece if unicodedata.category(letter) != "Cf"]
    return unicodedata.normalize("NFKC", "".join(seen))


def _joined(text: str) -> list[tuple[int, int]]:
    """Runs of letters that normalisation could join."""
    runs: list[tuple[int, int]] = []
    for place, letter in enumerate(text):
        joins = unicodedata.combining(letter) != 0 or ord(letter) in _JAMO
        if not joins and unicodedata.category(letter).startswith("M"):
            joins = True
        if joins and runs:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs

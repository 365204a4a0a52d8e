"""Texts that a spreadsheet could take for a formula: an apostrophe on the way out, off again in."""

from __future__ import annotations

import re

__all__ = ["neutralise", "original_text"]

_FORMULA = re.compile(
    "[\t\r\n]|[\\s\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*[-=+@＝＋－＠]"
)
"""A sign that begins a formula, also behind what is not seen."""

_MARKED = re.compile(f"'+(?:{_FORMULA.pattern})")
"""A text that bears apostrophes of its own before such a sign: one more keeps both apart."""


def neutralise(text: str) -> str:
    """Give a text that no spreadsheet takes for a formula.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The same, with an apostrophe in front where it could be one.

    Examples
    --------
    >>> neutralise("=HYPERLINK(1)"), neutralise("plain")
    ("'=HYPERLINK(1)", 'plain')
    """
    if _FORMULA.match(text) or _MARKED.match(text):
        return "'" + text
    return text


def original_text(text: str) -> str:
    """Which text was it before `neutralise`?

    Parameters
    ----------
    text : str
        A text of a file.

    Returns
    -------
    str
        Without the apostrophe that kept it from being a formula.

    Examples
    --------
    >>> original_text("'@moon"), original_text("'quoted'"), original_text(neutralise("'=1"))
    ('@moon', "'quoted'", "'=1")
    """
    return text[1:] if _MARKED.match(text) else text

"""Names that stand for addresses, accounts and contents, so that none of those is told.

With a key, a pseudonym is a keyed digest (HMAC-SHA-256, RFC 2104): the same account bears the same
pseudonym in every document made with that key, and without the key nobody can try names until
one fits. Without a key they are numbered in each document, and documents cannot be joined by them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable, Mapping

import pandas as pd

from crimeloc.keys import checked_key
from crimeloc.report.privacy.addresses import addresses_in, spellings
from crimeloc.report.privacy.folding import fold

__all__ = ["KINDS", "MADE_ID", "MADE_SERIES", "NAMES", "Pseudonyms", "without_folders"]

KINDS = {"ip": "A", "handle": "H", "content_hash": "C"}
"""Columns that are replaced, and the letter their pseudonyms begin with."""

NAMES = {"event_id": "U", "series_id": "S"}
"""Names that crimeloc makes from what is in the rows: guesses could be tried on them."""

MADE_ID = re.compile(r"e[0-9a-f]{16,32}(?:-\d+)*(?:-r\d+)?")
"""An id that a reader made from the content of a row."""

_MADE_IN_TEXT = re.compile(rf"(?<![0-9a-z]){MADE_ID.pattern}(?![0-9a-z])")

MADE_SERIES = re.compile(r"S-[0-9a-f]{8,64}")
"""A name that linking made from the id of the first upload of a series."""

_LETTERS = {**KINDS, **NAMES}
_DIGITS = 12  # of base32: 60 bits, so that a million accounts hardly ever share one
_WHOLE_WORDS_BELOW = 4
_PATH = re.compile(
    r"(?<![\w.\\/])(?:~|\.{1,2}|[A-Za-z]:|\\)?(?:[\\/][^\\/,;:'\"<>|()\n]+)+[\\/][^\\/,;:'\"<>|()\s]+"
)


class Pseudonyms:
    """Which name stands for this address, account or content?

    Parameters
    ----------
    secrets : mapping
        Known raw values by column (``ip``, ``handle``, ``content_hash``; ``event_id`` and
        ``series_id`` where crimeloc made them), in the order in which they are numbered where
        there is no key.
    key : str or bytes, optional
        A secret that `crimeloc.keys.checked_key` accepts. It is used and forgotten: no file, page
        or record holds it.

    Raises
    ------
    ParameterError
        The key is too short, or is guessed at once.

    Notes
    -----
    Cost is one digest per different value. A pseudonym hides the name, not the habit: who knows
    when and where somebody uploaded can still tell who it was.

    Examples
    --------
    >>> veil = Pseudonyms({"handle": ["night_owl"]}, key="a key of the unit, kept apart")
    >>> veil.of("handle", "night_owl")
    'H-ojjdjqauxfqy'
    >>> Pseudonyms({"handle": ["night_owl"]}).scrub("night_owl by 203.0.113.9")
    'H-1 by A-1'
    """

    def __init__(
        self, secrets: Mapping[str, Iterable[str]], key: str | bytes | None = None
    ) -> None:
        self._key = None if key is None else checked_key(key)
        self._known: dict[str, dict[str, str]] = {kind: {} for kind in _LETTERS}
        for kind, values in secrets.items():
            for value in values:
                self.of(kind, value)
        self._words = {
            fold(value).text: name
            for kind in ("event_id", "series_id", "handle", "content_hash", "ip")
            for value, name in self._known[kind].items()
            if value
        }
        for value, name in self._known["ip"].items():
            self._words |= dict.fromkeys(spellings(value) - self._words.keys(), name)
        self._lengths = sorted({len(word) for word in self._words}, reverse=True)

    def of(self, kind: str, value: str) -> str:
        """Give the name that stands for a value.

        Parameters
        ----------
        kind : str
            ``"ip"``, ``"handle"``, ``"content_hash"``, ``"event_id"`` or ``"series_id"``.
        value : str
            The raw value; two spellings of one address are one value.

        Returns
        -------
        str
            The pseudonym.
        """
        plain = _one_spelling(kind, value)
        known = self._known[kind]
        if plain not in known:
            known[plain] = self._name(kind, plain, len(known) + 1)
        return known[plain]

    def column(self, kind: str, values: pd.Series) -> pd.Series:
        """Give a column with each value replaced; missing values stay missing.

        Parameters
        ----------
        kind : str
            As `of`.
        values : Series
            Raw values.

        Returns
        -------
        Series
            Pseudonyms.
        """
        text = values.astype("object")
        names = {value: self.of(kind, str(value)) for value in text.dropna().unique()}
        return text.map(names, na_action="ignore").astype("str")

    def texts(self, values: pd.Series) -> pd.Series:
        """Give a column of texts with each address, account and content in them replaced.

        Parameters
        ----------
        values : Series
            Texts.

        Returns
        -------
        Series
            Texts; missing ones stay missing.
        """
        text = values.astype("object")
        clean = {value: self.scrub(str(value)) for value in text.dropna().unique()}
        return text.map(clean, na_action="ignore").astype("str")

    def scrub(self, text: str) -> str:
        """Give a text with each address, account and content in it replaced.

        Parameters
        ----------
        text : str
            Any text that may name one.

        Returns
        -------
        str
            The text. Accounts of fewer than four letters are replaced as whole words only.
        """
        return self._replaced(text, words=True)

    def addresses(self, text: str) -> str:
        """Give a text with each IP address or network in it replaced.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        str
            The text.
        """
        return self._replaced(text, words=False)

    def _replaced(self, text: str, *, words: bool) -> str:
        """Search the text in its folded form; replace the letters that were found, as written."""
        folded = fold(text)
        found = {one.start: (one.stop, "ip", one.address) for one in addresses_in(folded.text)}
        if words:
            ids = _MADE_IN_TEXT.finditer(folded.text)
            found |= {one.start(): (one.end(), "event_id", one[0]) for one in ids}
        parts, done, place = [], 0, 0
        while place < len(folded.text):
            word = self._word_at(folded.text, place) if words else None
            if word is not None:
                stop, name = place + len(word), self._words[word]
            elif place in found:
                stop, kind, value = found[place]
                name = self.of(kind, value)
            else:
                place += 1
                continue
            parts += [text[done : folded.start[place]], name]
            done = folded.stop[stop - 1]
            place = stop
        return "".join([*parts, text[done:]])

    def _word_at(self, low: str, place: int) -> str | None:
        for length in self._lengths:
            word = low[place : place + length]
            if len(word) == length and word in self._words and _stands(low, place, word):
                return word
        return None

    def _name(self, kind: str, value: str, number: int) -> str:
        if self._key is None:
            return f"{_LETTERS[kind]}-{number}"
        digest = hmac.new(self._key, f"{kind}\0{value}".encode(), hashlib.sha256).digest()
        return f"{_LETTERS[kind]}-{base64.b32encode(digest).decode().lower()[:_DIGITS]}"


def without_folders(text: str) -> str:
    """Give a text in which files are named without the folders they lie in.

    Parameters
    ----------
    text : str
        Any text; a path begins with a folder sign, a drive or a dot.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> without_folders("read from /srv/unit 4/case/log.csv, tz Asia/Seoul")
    'read from log.csv, tz Asia/Seoul'
    """
    return _PATH.sub(lambda found: re.split(r"[\\/]", found[0])[-1], text)


def _one_spelling(kind: str, value: str) -> str:
    if kind != "ip":
        return value.strip()
    try:
        address = ipaddress.ip_address(value.strip())
    except ValueError:
        return value.strip().lower()
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _stands(low: str, place: int, word: str) -> bool:
    """Does the word stand here by itself, as far as that is asked of it?"""
    before, after = low[place - 1 : place], low[place + len(word) : place + len(word) + 1]
    if len(word) < _WHOLE_WORDS_BELOW:
        return not (before.isalnum() or after.isalnum())
    if word.isdigit():
        return not (before.isdigit() or after.isdigit())
    return True

"""Find which column of a file plays which part."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from crimeloc.errors import ParameterError
from crimeloc.io.columns.catalogue import KINDS, REQUIRED
from crimeloc.io.notes import Notes
from crimeloc.messages import Hint, Message

__all__ = [
    "HeaderWords",
    "alike_columns",
    "different_names",
    "fits",
    "header_words",
    "is_known",
    "match_columns",
    "plain_name",
]

_OF_TIMES = frozenset(
    ["timestamp", "timestamp_end", "date", "clock", "valid_from", "valid_to", "opened", "closed"]
)
_ZONE_WORDS = {
    "utc": "UTC",
    "gmt": "UTC",
    "zulu": "UTC",
    "협정세계시": "UTC",
    "세계시": "UTC",
    "kst": "Asia/Seoul",
    "한국시간": "Asia/Seoul",
    "한국표준시": "Asia/Seoul",
    "한국시각": "Asia/Seoul",
    "서울시간": "Asia/Seoul",
    "jst": "Asia/Tokyo",
}
"""Words in the name of a column that say by which clock its times were written."""
_UNIT_WORDS = (
    *("epoch", "epochms", "epochsec", "unix", "unixtime", "unixms", "millis", "ms", "msec", "sec"),
    *("seconds", "iso", "iso8601", "local", "localtime", "현지시간", "현지시각"),
)
_OFFSET = re.compile(r"(?i)(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?(?!\d)")


def plain_name(name: str) -> str:
    """Which name is meant, whatever its case, spaces and punctuation?

    Parameters
    ----------
    name : str
        A column name of a file.

    Returns
    -------
    str
        Letters and digits in lower case.

    Examples
    --------
    >>> plain_name(" IP 주소"), plain_name("좌표정보(X)")
    ('ip주소', '좌표정보x')
    """
    wide = unicodedata.normalize("NFKC", name[:200]).lower()
    return re.sub(r"[^0-9a-z\u00c0-\uffff@]+", "", re.sub(r"[\ufffd\ufeff\u200b-\u200f]", "", wide))


@lru_cache(maxsize=1)
def _known_names() -> frozenset[str]:
    return frozenset(
        plain_name(name) for kind in KINDS.values() for names in kind.values() for name in names
    )


def is_known(name: str) -> bool:
    """Is this, as it stands or without the words on its clock, a name of the catalogue?

    Parameters
    ----------
    name : str
        A cell that could be the name of a column.

    Returns
    -------
    bool
        Whether any kind of table has such a column.

    Examples
    --------
    >>> is_known("접속일시(KST)"), is_known("203.0.113.7")
    (True, False)
    """
    plain = plain_name(name)
    if not plain:
        return False
    return plain in _known_names() or header_words(name).plain in _known_names()


class HeaderWords(NamedTuple):
    """What the name of a column says beside its part: the clock of its times."""

    plain: str
    zone: str


@lru_cache(maxsize=4096)
def header_words(name: str) -> HeaderWords:
    """What does the name of a column say, apart from the clock of its times?

    Parameters
    ----------
    name : str
        A column name of a file.

    Returns
    -------
    HeaderWords
        ``plain``: the name without words on clock, zone and unit, and without parentheses;
        ``zone``: the zone that it names, or an empty text.

    Examples
    --------
    >>> header_words("Timestamp (UTC)"), header_words("valid_to_kst").zone
    (HeaderWords(plain='timestamp', zone='UTC'), 'Asia/Seoul')
    >>> header_words("time (GMT+9)").zone
    'UTC+09:00'
    """
    wide = unicodedata.normalize("NFKC", name[:200])
    said = _zone_of_offset(wide)
    bare = re.sub(r"[\(\[{][^\)\]}]*[\)\]}]", " ", wide)
    inside = " ".join(re.findall(r"[\(\[{]([^\)\]}]*)[\)\]}]", wide)).lower()
    for word, zone in _ZONE_WORDS.items():
        if not said and re.search(rf"(?<![a-z]){word}(?![a-z])", inside.replace(" ", "")):
            said = zone
    plain = plain_name(_OFFSET.sub(" ", bare) if said else bare)
    changed = True
    while changed:
        changed = False
        for word in (*_ZONE_WORDS, *_UNIT_WORDS):
            for rest in (plain.removesuffix(word), plain.removeprefix(word)):
                if rest != plain and len(rest) >= 2:
                    said = said or _ZONE_WORDS.get(word, "")
                    plain, changed = rest, True
                    break
    return HeaderWords(plain, said)


def _zone_of_offset(name: str) -> str:
    """Read ``(UTC+9)`` or ``GMT+09:00`` in the name of a column."""
    found = re.search(r"(?i)(?:utc|gmt)\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?(?!\d)", name)
    if found is None or int(found[2]) > 14 or int(found[3] or 0) > 59:
        return ""
    return f"UTC{found[1]}{int(found[2]):02d}:{found[3] or '00'}"


def different_names(names: Sequence[str], notes: Notes | None = None) -> list[str]:
    """How are the columns called apart, where a header names two alike or none at all?

    Parameters
    ----------
    names : sequence of str
        As the header has them.

    notes : Notes, optional
        Takes what was changed.

    Returns
    -------
    list of str
        A nameless column is called by its number, the second of a name ``name.2``.

    Examples
    --------
    >>> different_names(["ip", "ip", ""])
    ['ip', 'ip.2', 'column_3']
    """
    places: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        places.setdefault(name or f"column_{number + 1}", []).append(number)
    taken = set(places)
    result = [""] * len(names)
    for name, where in places.items():
        later = []
        for order, number in enumerate(where, start=1):
            made, count = (name if order == 1 else f"{name}.{order}"), order
            while order > 1 and made in taken:
                count += 1
                made = f"{name}.{count}"
            taken.add(made)
            result[number] = made
            later += [made] if order > 1 else []
        if later and notes is not None:
            notes.add(
                "{n} columns are called {name}; the later ones became {later}",
                n=len(where),
                name=repr(name[:40]),
                later=", ".join(later[:5]),
            )
    return result


def match_columns(
    names: Sequence[str],
    kind: str,
    columns: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Which column of a file plays which part?

    Parameters
    ----------
    names : sequence of str
        The column names of the file, in order.
    kind : str
        ``"events"``, ``"venues"`` or ``"leases"``.
    columns : mapping, optional
        Part to column name of the file; goes before the catalogue. A part given as an empty text
        is taken from no column.

    Returns
    -------
    dict
        Part to position. Where two columns could play a part, the one that stands first in the
        catalogue does. Names of times are found with words on their clock too
        (``valid_to_utc``, ``접속일시(KST)``).

    Raises
    ------
    ParameterError
        ``columns`` names a part that does not exist or a column that the file does not have.

    Examples
    --------
    >>> match_columns(["번호", "업로드일시", "IP주소"], "events")
    {'event_id': 0, 'timestamp': 1, 'ip': 2}
    """
    found, closed = _given_columns(names, kind, columns)
    taken = set(found.values())
    for part in KINDS[kind]:
        if part in found or part in closed:
            continue
        for position in alike_columns(names, kind, part):
            if position not in taken:
                found[part] = position
                taken.add(position)
                break
    return found


def alike_columns(names: Sequence[str], kind: str, part: str) -> list[int]:
    """Which columns of a file could play this part, by their names?

    Parameters
    ----------
    names : sequence of str
        The column names of the file, in order.
    kind : str
        ``"events"``, ``"venues"`` or ``"leases"``.
    part : str
        The part.

    Returns
    -------
    list of int
        Positions, those whose names stand first in the catalogue first; plain names go before
        names with words on their clock.

    Examples
    --------
    >>> alike_columns(["datetime", "x", "timestamp"], "events", "timestamp")
    [2, 0]
    """
    order = _order(kind, part)
    ranks: list[tuple[int, int]] = []
    for position, name in enumerate(names):
        rank = order.get(plain_name(name))
        if rank is None and part in _OF_TIMES:
            rank = order.get(header_words(name).plain)
            rank = None if rank is None else rank + len(order)
        if rank is not None:
            ranks.append((rank, position))
    return [position for _, position in sorted(ranks)]


@lru_cache(maxsize=128)
def _order(kind: str, part: str) -> dict[str, int]:
    made: dict[str, int] = {}
    for name in KINDS[kind][part]:
        made.setdefault(plain_name(name), len(made))
    return made


def fits(parts: Mapping[str, object], kind: str) -> bool:
    """Can rows with these parts be a table of this kind?

    Parameters
    ----------
    parts : mapping
        Part to anything.
    kind : str
        ``"events"``, ``"venues"`` or ``"leases"``.

    Returns
    -------
    bool
        Whether there is one part at least of each group that the kind needs.
    """
    return all(any(part in parts for part in group) for group in REQUIRED[kind])


def _given_columns(
    names: Sequence[str], kind: str, columns: Mapping[str, str] | None
) -> tuple[dict[str, int], set[str]]:
    """Columns that the caller names, and parts that the caller closes."""
    catalogue = KINDS[kind]
    found: dict[str, int] = {}
    closed: set[str] = set()
    for part, name in (columns or {}).items():
        if part not in catalogue:
            raise ParameterError(
                "columns",
                found=repr(part),
                expected=Message("parts among {catalogue}", catalogue=", ".join(catalogue)),
                hint=Hint(columns={next(iter(catalogue)): "..."}),
            )
        if not name:
            closed.add(part)
            continue
        position = _position(names, name)
        if position is None:
            shown = ", ".join(map(repr, names[:12]))
            raise ParameterError(
                "columns",
                found=Message("no column {name}", name=repr(name)),
                expected=Message("one of {shown}", shown=shown),
                hint=Hint(columns={part: "..."}),
            )
        found[part] = position
    return found, closed


def _position(names: Sequence[str], name: str) -> int | None:
    if name in names:
        return list(names).index(name)
    wanted = plain_name(name)
    near = [i for i, other in enumerate(names) if plain_name(other) == wanted]
    return near[0] if near else None

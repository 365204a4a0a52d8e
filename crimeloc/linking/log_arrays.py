"""The upload log as arrays: one entry per upload, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.geometry import great_circle_m, lonlat
from crimeloc.linking.similarity.hamming import parse_hashes
from crimeloc.messages import Hint, Message
from crimeloc.tables import EVENTS, LOCATED, validate
from crimeloc.units import instants, local_zone, wall_clock

ACCOUNTS = ("account", "handle")
MARKS = ("device", "fingerprint", "payment", "email", "phone")

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass
class Log:
    """Uploads as arrays; codes count from 0, -1 is a missing value."""

    event_id: NDArray[np.object_]
    t: Ints
    account: Ints
    accounts: NDArray[np.object_]
    marks: dict[str, Ints]
    venue: Ints  # the likeliest venue
    lonlat: Floats  # of that venue
    sure: NDArray[np.bool_]  # is that venue nearly certain?
    venue_event: Ints  # all candidates: event, venue, weight
    venue_code: Ints
    venue_weight: Floats
    n_venues: int
    place: Ints  # venue, else address: what two uploads at one place share
    hour: Ints  # 0-47: hour of the day on workdays, then on rest days; -1 unknown
    content: Ints  # code of the hash, -1 missing or of poor quality
    words: NDArray[np.uint64]  # bits of each different hash
    title: NDArray[np.object_] | None
    row: Ints  # first row of the table for each upload
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.t)


def read_log(
    table: pd.DataFrame,
    *,
    accounts: Sequence[str] | None = None,
    marks: Sequence[str] | None = None,
    min_quality: float = 50.0,
    tz: str | None = None,
    checked: bool = False,
    content_column: str = "content_hash",
    radius: int | None = None,
) -> Log:
    """Turn events, or located events, into arrays in the order of time."""
    located = "venue_id" in table.columns and "weight" in table.columns
    if not checked:
        validate(table, LOCATED if located else EVENTS)
    notes: list[str] = []
    ids = table["event_id"].astype("str").to_numpy(dtype=object)
    stamp = instants(table["timestamp"])
    rows = np.arange(len(table))
    order = np.lexsort((ids.astype("U") if len(ids) else ids, stamp))
    first = np.unique(ids[order].astype("U"), return_index=True)[1] if len(ids) else rows
    row = rows[order][np.sort(first)]
    number = pd.Series(np.arange(len(row)), index=ids[row])
    event = number.reindex(ids).to_numpy(dtype=np.int64)
    chosen = table.iloc[row]
    account, names = _account(chosen, accounts)
    venue_event, venue_code, weight, venues = _candidates(table, event, located)
    venue, sure = _likeliest(len(row), venue_event, venue_code, weight)
    where = _where(table, venue, located)
    content, words = read_content(
        chosen,
        min_quality,
        notes,
        column=content_column,
        quality=quality_of(content_column),
        radius=radius,
    )
    return Log(
        event_id=ids[row],
        t=stamp[row],
        account=account,
        accounts=names,
        marks=_marks(chosen, marks),
        venue=venue,
        lonlat=where,
        sure=sure,
        venue_event=venue_event,
        venue_code=venue_code,
        venue_weight=weight,
        n_venues=venues,
        place=_place(chosen, venue, venues),
        hour=_hour(chosen, stamp[row], tz, notes),
        content=content,
        words=words,
        title=_titles(chosen),
        row=row,
        notes=notes,
    )


def codes(values: pd.Series) -> tuple[Ints, NDArray[np.object_]]:
    """Number the different values in their own order, so that the order of rows plays no part."""
    text = values.astype("str").str.strip()
    text = text.mask(text.isna() | (text == ""))
    number, unique = pd.factorize(text, sort=True)
    return number.astype(np.int64), np.asarray(unique, dtype=object)


def _account(
    table: pd.DataFrame, accounts: Sequence[str] | None
) -> tuple[Ints, NDArray[np.object_]]:
    wanted = ACCOUNTS if accounts is None else tuple(accounts)
    present = [name for name in wanted if name in table.columns]
    if accounts is not None and len(present) < len(wanted):
        missing = next(name for name in wanted if name not in table.columns)
        raise ParameterError(
            "accounts",
            found=repr(missing),
            expected="columns of the table",
            hint=Hint(accounts=None),
        )
    if not present:
        return np.full(len(table), -1, np.int64), np.empty(0, object)
    return codes(table[present[0]])


def _marks(table: pd.DataFrame, marks: Sequence[str] | None) -> dict[str, Ints]:
    wanted = MARKS if marks is None else tuple(marks)
    for name in () if marks is None else wanted:
        if name not in table.columns:
            raise ParameterError(
                "marks", found=repr(name), expected="columns of the table", hint=Hint(marks=None)
            )
    return {name: codes(table[name])[0] for name in wanted if name in table.columns}


def _candidates(table: pd.DataFrame, event: Ints, located: bool) -> tuple[Ints, Ints, Floats, int]:
    if not located:
        none = np.empty(0, np.int64)
        return none, none.copy(), np.empty(0), 0
    code, names = codes(table["venue_id"])
    weight = table["weight"].to_numpy(dtype=np.float64)
    known = (code >= 0) & (weight > 0)
    order = np.lexsort((code[known], event[known]))
    return event[known][order], code[known][order], weight[known][order], len(names)


def _likeliest(n: int, event: Ints, code: Ints, weight: Floats) -> tuple[Ints, NDArray[np.bool_]]:
    venue = np.full(n, -1, np.int64)
    best = np.zeros(n)
    order = np.lexsort((-code, weight, event))  # the heaviest of each event comes last
    venue[event[order]] = code[order]
    best[event[order]] = weight[order]
    return venue, best >= 0.8


def _where(table: pd.DataFrame, venue: Ints, located: bool) -> Floats:
    where = np.full((len(venue), 2), np.nan)
    if not located or not (venue >= 0).any():
        return where
    code, names = codes(table["venue_id"])
    points = lonlat(table["geometry"])
    known = (code >= 0) & ~np.isnan(points).any(axis=1)
    of_venue = np.full((len(names), 2), np.nan)
    of_venue[code[known]] = points[known]
    has = venue >= 0
    where[has] = of_venue[venue[has]]
    return where


def _place(table: pd.DataFrame, venue: Ints, n_venues: int) -> Ints:
    if "ip" not in table.columns:
        return venue
    address = codes(table["ip"])[0]
    return np.where(venue >= 0, venue, np.where(address >= 0, n_venues + address, -1))


def _hour(table: pd.DataFrame, t: Ints, tz: str | None, notes: list[str]) -> Ints:
    if not len(t):
        return np.empty(0, np.int64)
    try:
        zone = local_zone(table, tz)
    except ParameterError:
        if tz is not None:
            raise
        notes.append('hours of the week are not used: no local time zone (give tz="Asia/Seoul")')
        return np.full(len(t), -1, np.int64)
    wall = wall_clock(t, zone)
    day = wall // 86_400_000_000
    rest = (day + 3) % 7 >= 5  # day 0 was a Thursday
    return np.asarray(wall // 3_600_000_000 % 24 + 24 * rest)


def quality_of(column: str) -> str:
    """The column that says how good the hashes of a column are."""
    return "hash_quality" if column == "content_hash" else f"{column}_quality"


def read_content(
    table: pd.DataFrame,
    min_quality: float,
    notes: list[str],
    *,
    column: str = "content_hash",
    quality: str = "hash_quality",
    radius: int | None = None,
) -> tuple[Ints, NDArray[np.uint64]]:
    """Number the hashes of a column and give their bits; poor and all-zero ones are left out."""
    if column not in table.columns:
        return np.full(len(table), -1, np.int64), np.empty((0, 4), np.uint64)
    text = table[column].astype("str").str.strip().str.lower().reset_index(drop=True)
    text = text.mask(text.isna() | (text == ""))
    if quality in table.columns:
        worth = table[quality].to_numpy(dtype=np.float64, na_value=np.nan)
        poor = worth < min_quality
        if poor.any():
            notes.append(f"{int(poor.sum()):,} hashes of quality below {min_quality:g} not used")
        text = text.mask(poor)
    number, names = codes(text)
    _check_hashes(text, table["event_id"], column, radius)
    words = parse_hashes(pd.Series(names, dtype="str"), column)
    blank = ~words.any(axis=1) if len(words) else np.empty(0, bool)
    if blank.any():
        notes.append(
            f"{int((number == np.flatnonzero(blank)[0]).sum()):,} all-zero hashes not used"
        )
        number = np.where(np.isin(number, np.flatnonzero(blank)), -1, number)
    return number, words


def hash_texts(words: NDArray[np.uint64], at: Ints, given: pd.Series) -> list[str]:
    """Hashes as they were given, without the zeros that fill up the words."""
    text = given.dropna().astype("str").str.strip()
    digits = text[text != ""].str.len().mode()
    length = int(digits.iloc[0]) if len(digits) else 0
    return [words[k].tobytes().hex()[:length] for k in at.tolist()]


def _check_hashes(text: pd.Series, event_id: pd.Series, column: str, radius: int | None) -> None:
    """Name the upload whose hash cannot be read, and refuse a radius that fits any two hashes."""
    known = text.notna().to_numpy(dtype=bool)
    if not known.any():
        return
    digits = int(text.str.len().mode().iloc[0])
    bad = known & ~text.str.fullmatch(f"[0-9a-f]{{{digits}}}", na=False).to_numpy(dtype=bool)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        value, event = str(text.iloc[at]), event_id.iloc[at]
        form = f'"[0-9a-fA-F]{{{digits}}}", na=False'
        raise ParameterError(
            column,
            found=Message(
                "{value:.40} of {n} signs at {event} ({bad:,} such)",
                value=repr(value),
                n=len(value),
                event=event,
                bad=int(bad.sum()),
            ),
            expected=Message("{digits} hexadecimal digits, as in the other hashes", digits=digits),
            hint=f'events["{column}"] = events["{column}"].where('
            f'events["{column}"].str.fullmatch({form}))',
        )
    if radius is not None and radius > digits:  # digits are a quarter of the bits
        expected = "at most a quarter of the bits: beyond it unrelated hashes look alike"
        hint = f"radius={4 * digits * 31 // 256} (where hashes= names the column: its number)"
        raise ParameterError(
            "radius",
            found=Message(
                "{radius} of {value} bits of {column}",
                radius=radius,
                value=4 * digits,
                column=column,
            ),
            expected=expected,
            hint=hint,
        )


def _titles(table: pd.DataFrame) -> NDArray[np.object_] | None:
    if "title" not in table.columns:
        return None
    text = table["title"]
    known = text.notna().to_numpy(dtype=bool)
    found = np.full(len(text), None, dtype=object)
    found[known] = text[known].astype("str").to_numpy(dtype=object)
    return found


def speed_conflicts(
    log: Log, first: Ints, second: Ints, *, kmh: float = 80.0, slack_s: float = 60.0
) -> NDArray[np.bool_]:
    """Could one person not have made both uploads: two places too far apart in too short a time?"""
    known = log.sure[first] & log.sure[second]
    known &= ~np.isnan(log.lonlat[first, 0]) & ~np.isnan(log.lonlat[second, 0])
    conflict = np.zeros(len(first), bool)
    if known.any():
        a, b = first[known], second[known]
        away = great_circle_m(*log.lonlat[a].T, *log.lonlat[b].T)
        took = np.abs(log.t[b] - log.t[a]) / 1e6
        conflict[known] = away > 1_000.0 + kmh / 3.6 * (took + slack_s)
    return conflict

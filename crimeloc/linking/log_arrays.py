"""The upload log as arrays: one entry per upload, in the order of time.

Times and candidate venues are those of `crimeloc.events`, so that linking agrees with every other
method on when and where an upload was. Here accounts, identifiers and hashes are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.events import EventArrays, event_arrays
from crimeloc.geometry import great_circle_m
from crimeloc.linking.similarity.hamming import parse_hashes
from crimeloc.messages import Hint, Message
from crimeloc.units import local_zone, wall_clock

ACCOUNTS = ("account", "handle")
IDENTIFIERS = ("device", "fingerprint", "payment", "email", "phone")

EXACT_US = 3_600_000_000
"""An upload whose moment is known to within an hour has an hour of the week and can meet another.

One that is known by its day stands at noon, which says nothing of hours, meetings or travel.
"""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass
class Log:
    """Uploads as arrays; codes count from 0, -1 is a missing value."""

    event_id: NDArray[np.object_]
    t: Ints
    exact: NDArray[np.bool_]  # is the moment known to within an hour?
    account: Ints
    accounts: NDArray[np.object_]
    identifiers: dict[str, Ints]
    venue: Ints  # the likeliest venue
    lonlat: Floats  # of that venue
    sure: NDArray[np.bool_]  # is that venue nearly certain?
    venue_event: Ints  # all candidates: event, venue, weight
    venue_code: Ints
    venue_weight: Floats
    venue_id: NDArray[np.object_]
    venue_lonlat: Floats
    place: Ints  # venue, else address: what two uploads at one place share
    hour: Ints  # 0-47: hour of the day on workdays, then on rest days; -1 unknown
    content: Ints  # code of the hash, -1 missing or of poor quality
    words: NDArray[np.uint64]  # bits of each different hash
    title: NDArray[np.object_] | None
    row: Ints  # the row of the table that speaks of each upload
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.t)

    @property
    def n_venues(self) -> int:
        """How many different venues the candidates name."""
        return len(self.venue_id)


@dataclass(frozen=True)
class Columns:
    """Which columns of the table count, and what makes a hash good enough."""

    accounts: Sequence[str] | None = None
    identifiers: Sequence[str] | None = None
    content: str = "content_hash"
    min_quality: float = 50.0
    hash_radius_bits: int | None = None
    tz: str | None = None


def read_log(table: pd.DataFrame, columns: Columns, *, checked: bool = False) -> Log:
    """Turn events, or located events, into arrays in the order of time."""
    notes: list[str] = []
    events = _at_venues(event_arrays(table, checked=checked, needs_venues=False), table)
    chosen = table.iloc[events.head]
    exact = events.end - events.start <= EXACT_US
    account, names = _account(chosen, columns.accounts)
    best = events.likeliest()
    has = best >= 0
    venue = np.where(has, np.append(events.venue, -1)[best], -1)
    where = np.full((len(events), 2), np.nan)
    where[has] = events.venues.lonlat[venue[has]]
    content, words = read_content(
        chosen,
        columns.min_quality,
        notes,
        column=columns.content,
        quality=quality_of(columns.content),
        radius=columns.hash_radius_bits,
    )
    return Log(
        event_id=events.event_id,
        t=events.t,
        exact=exact,
        account=account,
        accounts=names,
        identifiers=_identifiers(chosen, columns.identifiers),
        venue=venue,
        lonlat=where,
        sure=np.append(events.weight, 0.0)[best] >= 0.8,
        venue_event=events.event,
        venue_code=events.venue,
        venue_weight=events.weight,
        venue_id=events.venues.venue_id,
        venue_lonlat=events.venues.lonlat,
        place=_place(chosen, venue, len(events.venues)),
        hour=np.where(exact, _hour(chosen, events.t, columns.tz, notes), -1),
        content=content,
        words=words,
        title=_titles(chosen),
        row=events.head,
        notes=notes,
    )


def _at_venues(events: EventArrays, table: pd.DataFrame) -> EventArrays:
    """Leave out points without a venue: a place where nobody is known to sit identifies nobody."""
    if "venue_id" not in table.columns or not len(events.row):
        return events
    named = table["venue_id"].notna().to_numpy(dtype=bool)[events.row]
    if named.all():
        return events
    size = np.bincount(events.event[named], minlength=len(events))
    ptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    return replace(
        events,
        ptr=ptr,
        **{k: getattr(events, k)[named] for k in ("venue", "weight", "row", "x", "y")},
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


def _identifiers(table: pd.DataFrame, identifiers: Sequence[str] | None) -> dict[str, Ints]:
    wanted = IDENTIFIERS if identifiers is None else tuple(identifiers)
    for name in () if identifiers is None else wanted:
        if name not in table.columns:
            raise ParameterError(
                "identifiers",
                found=repr(name),
                expected="columns of the table",
                hint=Hint(identifiers=None),
            )
    return {name: codes(table[name])[0] for name in wanted if name in table.columns}


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
    known = log.sure[first] & log.sure[second] & log.exact[first] & log.exact[second]
    known &= ~np.isnan(log.lonlat[first, 0]) & ~np.isnan(log.lonlat[second, 0])
    conflict = np.zeros(len(first), bool)
    if known.any():
        a, b = first[known], second[known]
        away = great_circle_m(*log.lonlat[a].T, *log.lonlat[b].T)
        took = np.abs(log.t[b] - log.t[a]) / 1e6
        conflict[known] = away > 1_000.0 + kmh / 3.6 * (took + slack_s)
    return conflict

"""What a watch knows: counts per series, and where each account, device and hash was seen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from crimeloc.geometry import great_circle_m

LIMITS = {
    "account": 12.0,
    "device": 12.0,
    "venue": 4.0,
    "hours": 3.0,
    "content": 3.0,
    "impossible_travel": 8.0,
}


RECENT = 10
"""Uploads that are too new to count as habit."""

MACHINE = 0.005
"""Chance that an upload from one venue comes from a certain one of its machines."""


COMMON = 12
"""Content that more accounts than this carry says nothing."""


def owner(account: str | None, event_id: str) -> str:
    """Who carried an upload: without an account, nobody that another upload shares."""
    return f"={account}" if account is not None else f"?{event_id}"


@dataclass
class Upload:
    """One upload, as a watch sees it."""

    event_id: str
    t: int
    account: str | None = None
    identifiers: dict[str, str] = field(default_factory=dict)
    venues: dict[str, float] = field(default_factory=dict)
    lon: float | None = None
    lat: float | None = None
    hour: int = -1
    content: str | None = None
    series_id: str | None = None  # as known beforehand

    @property
    def venue(self) -> str | None:
        """The likeliest venue."""
        if not self.venues:
            return None
        return max(sorted(self.venues), key=lambda name: self.venues[name])


@dataclass
class State:
    """Counts from which new uploads are attributed; plain numbers and texts, so it can be saved."""

    seen: set[str] = field(default_factory=set)
    n: int = 0
    new_series: int = 0
    size: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, dict[str, int]] = field(default_factory=dict)  # account -> series -> n
    identifiers: dict[str, dict[str, int]] = field(
        default_factory=dict
    )  # "device=x" -> series -> n
    identified: dict[str, int] = field(default_factory=dict)  # series -> uploads with an identifier
    venues: dict[str, dict[str, float]] = field(default_factory=dict)  # series -> venue -> weight
    venue_total: dict[str, float] = field(default_factory=dict)
    venue_sum: float = 0.0
    hours: dict[str, list[float]] = field(default_factory=dict)
    hour_total: list[float] = field(default_factory=lambda: [1.0] * 48)
    last: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    hashes: dict[str, list[str]] = field(default_factory=dict)
    # hash -> series of the first, then the accounts that carried it
    recent: dict[str, list[list[Any]]] = field(default_factory=dict)  # last places and hours
    strange: dict[str, list[float]] = field(default_factory=dict)
    # series -> surprise above its usual one, summed; its usual surprise; uploads behind that
    now: int = -(1 << 62)
    missed: set[str] = field(default_factory=set)  # slots already reported

    def add(self, upload: Upload, series: str) -> None:
        """Count an upload of a series."""
        self.seen.add(upload.event_id)
        self.n += 1
        if series not in self.size:
            self.new_series += 1
        self.size[series] = self.size.get(series, 0) + 1
        self.now = max(self.now, upload.t)
        if upload.account is not None:
            of = self.accounts.setdefault(upload.account, {})
            of[series] = of.get(series, 0) + 1
        for name, value in upload.identifiers.items():
            of = self.identifiers.setdefault(f"{name}={value}", {})
            of[series] = of.get(series, 0) + 1
        if upload.identifiers:
            self.identified[series] = self.identified.get(series, 0) + 1
        at = self.venues.setdefault(series, {})
        for venue, weight in upload.venues.items():
            at[venue] = at.get(venue, 0.0) + weight
            self.venue_total[venue] = self.venue_total.get(venue, 0.0) + weight
            self.venue_sum += weight
        if upload.hour >= 0:
            hours = self.hours.setdefault(series, [0.0] * 48)
            hours[upload.hour] += 1.0
            self.hour_total[upload.hour] += 1.0
        late = self.recent.setdefault(series, [])
        late.append([dict(upload.venues), upload.hour])
        del late[:-RECENT]
        if upload.lon is not None and upload.lat is not None:
            self.last[series] = (upload.t, upload.lon, upload.lat)
        if upload.content is not None:
            carriers = self.hashes.setdefault(upload.content, [series])
            who = owner(upload.account, upload.event_id)
            if who not in carriers[1:] and len(carriers) <= COMMON + 1:
                carriers.append(who)

    def digest(self) -> str:
        """A text that is the same for the same state."""
        plain = asdict(self)
        for name in ("seen", "missed"):
            plain[name] = sorted(plain[name])
        text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def weigh(self, upload: Upload, copied_from: set[str]) -> dict[str, dict[str, float]]:
        """Evidence in bits for each series that shares something with the upload.

        ``copied_from``: series that uploaded near the same content before.
        """
        found: set[str] = set(copied_from)
        if upload.account is not None:
            found |= set(self.accounts.get(upload.account, {}))
        for name, value in upload.identifiers.items():
            of = self.identifiers.get(f"{name}={value}", {})
            if len(of) <= 30:
                found |= set(of)
        if len(found) > 200:  # an account of everybody: the 200 that use it most
            counts = self.accounts.get(upload.account or "", {})
            found = set(sorted(found, key=lambda s: (-counts.get(s, 0), s))[:200])
        return {series: self._bits(upload, series, copied_from) for series in sorted(found)}

    def _bits(self, upload: Upload, series: str, copied_from: set[str]) -> dict[str, float]:
        size = self.size[series]
        bits = {"prior": float(np.log2(size / (self.n + 1.0)))}
        if upload.account is not None:
            of = self.accounts.get(upload.account, {})
            anyone = (sum(of.values()) + 0.5) / (self.n + 1.0)
            here = (of.get(series, 0) + anyone) / (size + 1.0)
            bits["account"] = float(np.log2(here / anyone))
        for name, text in upload.identifiers.items():
            of = self.identifiers.get(f"{name}={text}", {})
            identified = self.identified.get(series, 0)
            if not identified:
                continue
            mine = of.get(series, 0)
            anyone = (sum(of.values()) - mine + 0.5) / (self.n + 1.0)
            if mine < 2:
                anyone = max(anyone, MACHINE)  # once is no habit: it may be the venue's
            worth = float(np.log2((mine + 3.0 * anyone) / (identified + 3.0) / anyone))
            # Two series or more that use it: a machine of the venue, which says where.
            bits[name] = max(worth, -3.0) / max(len(of), 1)
        bits["venue"] = self.venue_bits(upload, series)
        bits["hours"] = self.hour_bits(upload, series)
        if series in copied_from:
            bits["content"] = LIMITS["content"]
        if series in self.last and upload.lon is not None and upload.lat is not None:
            t, lon, lat = self.last[series]
            took = abs(upload.t - t) / 1e6
            if took <= 6 * 3600:
                away = float(great_circle_m(lon, lat, upload.lon, upload.lat))
                if away > 1_000.0 + 80.0 / 3.6 * (took + 60.0):
                    bits["impossible_travel"] = -LIMITS["impossible_travel"]
        for name, value in bits.items():
            limit = LIMITS.get(name, 60.0)
            bits[name] = float(np.clip(value, -limit, limit))
        return bits

    def surprise(self, upload: Upload, series: str) -> float:
        """Bits against place and hour, by what was usual before the latest uploads."""
        venues = dict(self.venues.get(series, {}))
        hours = list(self.hours.get(series, [0.0] * 48))
        for places, hour in self.recent.get(series, []):
            for venue, weight in places.items():
                venues[venue] -= weight
            if hour >= 0:
                hours[hour] -= 1.0
        bits = max(0.0, -self.venue_bits(upload, series, venues))
        return bits + max(0.0, -self.hour_bits(upload, series, hours))

    def venue_bits(
        self, upload: Upload, series: str, venues: dict[str, float] | None = None
    ) -> float:
        """Evidence of the place, averaged over the candidate venues."""
        at = self.venues.get(series, {}) if venues is None else venues
        total = sum(at.values())
        if not upload.venues or total <= 1e-9:
            return 0.0
        ratio = 0.0
        weight = sum(upload.venues.values())
        for venue, w in upload.venues.items():
            base = (self.venue_total.get(venue, 0.0) + 0.5) / (self.venue_sum + 0.5)
            share = at.get(venue, 0.0) / (total + 2.0)
            ratio += w / weight * (0.2 + 0.8 * share / base)
        return float(np.log2(ratio))

    def hour_bits(self, upload: Upload, series: str, counts: list[float] | None = None) -> float:
        """Evidence of the hour of the week."""
        hours = self.hours.get(series) if counts is None else counts
        if upload.hour < 0 or hours is None:
            return 0.0
        day, hour = divmod(upload.hour, 24)
        total = max(sum(hours), 1e-9)
        base_total = sum(self.hour_total)
        near = base = 0.0
        for step, w in ((-2, 0.1), (-1, 0.25), (0, 0.3), (1, 0.25), (2, 0.1)):
            at = 24 * day + (hour + step) % 24
            near += w * hours[at]
            base += w * self.hour_total[at] / base_total
        enough = total / (total + 5.0)
        return float(np.log2(1.0 - enough + enough * (0.1 + 0.9 * near / total / base)))

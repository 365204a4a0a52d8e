"""Keep watch: whose is this new upload, and what should somebody look at?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from crimeloc.errors import FileError, ParameterError
from crimeloc.linking.log_arrays import Columns
from crimeloc.linking.monitoring.building import build
from crimeloc.linking.monitoring.journal_file import JournalFile
from crimeloc.linking.monitoring.state import COMMON, State, Upload
from crimeloc.linking.monitoring.uploads import (
    HIT,
    alert_table,
    read_slots,
    read_uploads,
    slots_of_past,
    words_of,
)
from crimeloc.linking.series_names import digest_name
from crimeloc.linking.similarity.copies import CROWD
from crimeloc.linking.similarity.hamming import HammingIndex
from crimeloc.messages import Message
from crimeloc.saving import read_bundle, write_bundle
from crimeloc.units import to_timestamps

__all__ = ["Watch"]


@dataclass(frozen=True)
class Attribution:
    """Whose an upload is held to be: series, probability, whether new, and bits per evidence."""

    event_id: str
    series_id: str
    probability: float
    is_new: bool
    evidence: Mapping[str, float]


class Watch:
    """Attribute new uploads to known series as they arrive, and raise alerts with reasons.

    Parameters
    ----------
    located : DataFrame
        LOCATED with ``series_id``, as `link_events` gives it: what is known so far. None: nothing
        yet, as before `restore`.
    series : iterable of str, optional
        Series whose activity raises an alert; by default none.
    content : iterable of str, optional
        Hashes whose new copies raise an alert.
    slots : DataFrame, optional
        SLOTS of a forecast with ``series_id``: hits and misses raise alerts. "Elsewhere" is no
        place to watch and is passed over.
    min_probability : float
        A slot that passes without an upload raises an alert if its ``probability`` was at least
        this; a ranking lists hundreds of unlikely slots, and that those pass is no news. Slots
        that were over when the past ends, or were hit in it, are never missed.
    hash_radius_bits : int
        Bits by which a copy may differ.
    column : str
        The column of hashes to follow, with its own `hash_radius_bits`.
    accounts, identifiers : sequence of str, optional
        Columns that name the account and further identifiers of a person, as in `link_events`.
    min_quality : float
        Hashes of a quality below this are not used.
    habit_bits : float
        Summed surprise in bits at which a series' habit is held to have changed.
    journal : str or Path, optional
        File to which every new upload is written before it counts. If it is there already, its
        uploads are taken first: a watch that was killed goes on where it stopped. Their alerts
        stand in ``replayed``: the last of them may never have been seen. Lines that a full disk
        cut or that were damaged are set aside and told in ``notes``.
    tz : str, optional
        Zone of the clocks at the venues.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        There is no ``series_id``, a series to watch is not in the past, or a hash is malformed.
    FileError
        The journal is no journal of a watch.

    Notes
    -----
    An upload that was seen before changes nothing, so a log may be replayed. Evidence: account,
    identifiers, venue, hour of the week, near copies and impossible travel, in bits, each within
    limits; the prior of a series is its share of all uploads, that of a new one the share of
    uploads that opened one.
    Held fixed: the limits. Random: nothing. What can fool it: an account sold on looks like its
    old owner until the habit alert comes. Cost: some milliseconds per upload, whatever the size.

    Examples
    --------
    >>> import geopandas as gpd
    >>> past = gpd.GeoDataFrame({
    ...     "event_id": ["E1", "E2"], "handle": ["morae", "morae"],
    ...     "timestamp": pd.to_datetime(["2026-03-01", "2026-03-02"], utc=True),
    ...     "venue_id": ["V1", "V1"], "weight": [1.0, 1.0], "how": ["lease", "lease"],
    ...     "series_id": ["S-1", "S-1"],
    ... }, geometry=gpd.points_from_xy([127.0, 127.0], [37.0, 37.0]), crs=4326)
    >>> watch = Watch(past, series=["S-1"], tz="Asia/Seoul")
    >>> new = past.head(1).assign(event_id="E3").drop(columns="series_id")
    >>> watch.add(new)["kind"].tolist()
    ['series_active']
    """

    def __init__(
        self,
        located: pd.DataFrame | None,
        *,
        series: Iterable[str] = (),
        content: Iterable[str] = (),
        slots: pd.DataFrame | None = None,
        min_probability: float = 0.5,
        hash_radius_bits: int = 31,
        column: str = "content_hash",
        accounts: Sequence[str] | None = None,
        identifiers: Sequence[str] | None = None,
        min_quality: float = 50.0,
        habit_bits: float = 6.0,
        journal: str | Path | None = None,
        tz: str | None = None,
    ) -> None:
        if located is not None and "series_id" not in located.columns:
            hint = "link_events(located).events"
            raise ParameterError(
                "located", found="no column series_id", expected="linked events", hint=hint
            )
        self._columns = Columns(accounts, identifiers, column, min_quality, hash_radius_bits, tz)
        self._min_probability = min_probability
        self._radius = hash_radius_bits
        self._habit_bits = habit_bits
        self._series = frozenset([series] if isinstance(series, str) else series)
        self._content = sorted(set(content))
        self._watched = HammingIndex(words_of(self._content), hash_radius_bits)
        self._slots = read_slots(slots)
        self._known: list[str] = []
        self._index = HammingIndex(words_of([]), hash_radius_bits)
        self._fresh: list[str] = []
        self._late = np.zeros((256, 4), np.uint64)
        self.attributions: list[Attribution] = []
        self._state = State() if located is None else build(located, self._columns)
        if located is not None:
            self._state.missed |= slots_of_past(self._slots, located)
        strange = sorted(self._series - set(self._state.size)) if located is not None else []
        if strange:
            known = "a series of the table"
            raise ParameterError(
                "series", found=strange[0], expected=known, hint="links.series['series_id']"
            )
        self._reindex()
        self._journal = None if journal is None else JournalFile(journal)
        self.notes: tuple[Message, ...] = ()
        self.replayed = alert_table([])
        self._catch_up()

    def _catch_up(self) -> None:
        """Take what the journal holds beyond the state."""
        if self._journal is None:
            return
        uploads, self.notes = self._journal.read()
        alerts = [alert for upload in uploads for alert in self._take(upload)]
        self.replayed = alert_table(alerts)

    def add(self, located: pd.DataFrame) -> pd.DataFrame:
        """Whose are these new uploads, and is any of them a reason to look?

        Parameters
        ----------
        located : DataFrame
            LOCATED, one or more uploads. Those seen before are passed over.

        Returns
        -------
        DataFrame
            Alerts: ``event_id``, ``timestamp``, ``kind`` (``series_active``, ``watched_content``,
            ``slot_hit``, ``slot_missed``, ``habit_changed``), ``series_id``, ``probability``,
            ``reason``.
        """
        alerts: list[tuple[object, ...]] = []
        for upload in read_uploads(located, self._columns):
            if upload.event_id in self._state.seen:
                continue
            if self._journal is not None:
                self._journal.write(upload)
            alerts += self._take(upload)
        return alert_table(alerts)

    def attribute(self, located: pd.DataFrame) -> pd.DataFrame:
        """Whose would these uploads be? Nothing is counted.

        Parameters
        ----------
        located : DataFrame
            LOCATED.

        Returns
        -------
        DataFrame
            ``event_id``, ``series_id`` (missing: a new one), ``probability``, and the evidence in
            bits.
        """
        rows = []
        for upload in read_uploads(located, self._columns):
            found = self._whose(upload)
            name = None if found.is_new else found.series_id
            rows.append(
                {
                    "event_id": upload.event_id,
                    "series_id": name,
                    "probability": found.probability,
                    **found.evidence,
                }
            )
        table = pd.DataFrame(
            rows, columns=None if rows else ["event_id", "series_id", "probability"]
        )
        table["series_id"] = table["series_id"].astype("str")
        return table

    def digest(self) -> str:
        """Give a text that is the same for the same state."""
        return self._state.digest()

    def save(self, path: str | Path) -> None:
        """Write the state to one file; it is there whole or not at all.

        Parameters
        ----------
        path : str or Path
            The file.
        """
        plain = asdict(self._state)
        plain["seen"], plain["missed"] = sorted(plain["seen"]), sorted(plain["missed"])
        write_bundle(path, "watch", {"state": plain}, private=True)

    def restore(self, path: str | Path) -> Watch:
        """Take the state from a file that `save` wrote, in place of this one; then the journal.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Watch
            This watch.

        Raises
        ------
        FileError
            It is no state of a watch.
        """
        try:
            plain = read_bundle(path, "watch")["state"]
            state = State(**{item.name: plain[item.name] for item in fields(State)})
        except (KeyError, TypeError) as error:
            raise FileError(
                path,
                found="no state of a watch",
                expected="a file that save() wrote",
                hint="watch.save(path)",
            ) from error
        state.seen, state.missed = set(plain["seen"]), set(plain["missed"])
        state.last = {
            key: (int(v[0]), float(v[1]), float(v[2])) for key, v in plain["last"].items()
        }
        self._state = state
        self.attributions = []
        self._reindex()
        self._catch_up()
        return self

    def _take(self, upload: Upload) -> list[tuple[object, ...]]:
        """Attribute, count, and give the alerts."""
        if upload.event_id in self._state.seen:
            return []
        alerts = self._slots_passed(upload.t)
        found = self._whose(upload)
        self.attributions.append(found)
        stamp = to_timestamps(np.array([upload.t]))[0]
        base = (upload.event_id, stamp)
        name, sure = found.series_id, found.probability
        if not found.is_new and name in self._series:
            best = sorted(found.evidence.items(), key=lambda item: -item[1])[:3]
            why = ", ".join(f"{kind} {bits:+.1f} bits" for kind, bits in best if bits > 0)
            alerts.append((*base, "series_active", name, sure, f"{name} is active: {why}"))
        if upload.content is not None and self._content:
            near = self._watched.query(words_of([upload.content]))
            if len(near.left):
                k = int(np.argmin(near.distance))
                text = f"a copy of watched content, {int(near.distance[k])} bits away"
                alerts.append((*base, "watched_content", name, sure, text))
        alerts += self._slot_hits(upload, name, sure)
        if not found.is_new:
            alerts += self._habit(upload, name, sure, base)
        self._count(upload, name)
        return alerts

    def _whose(self, upload: Upload) -> Attribution:
        sources = self._copied_from(upload)
        weighed = self._state.weigh(upload, sources)
        new = float(np.log2((self._state.new_series + 1.0) / (self._state.n + 2.0)))
        if upload.account is not None and upload.account in self._state.accounts:
            new -= 6.0  # a known account in new hands is rare
        if not weighed:
            return Attribution(
                upload.event_id, digest_name(upload.event_id), 1.0, True, {"prior": new}
            )
        names = list(weighed)
        totals = np.array([sum(weighed[name].values()) for name in names] + [new])
        chance = np.exp2(totals - totals.max())
        chance /= chance.sum()
        k = int(np.argmax(chance))
        if k == len(names):
            own = digest_name(upload.event_id)
            return Attribution(upload.event_id, own, float(chance[k]), True, {"prior": new})
        return Attribution(upload.event_id, names[k], float(chance[k]), False, weighed[names[k]])

    def _copied_from(self, upload: Upload) -> set[str]:
        if upload.content is None:
            return set()
        asked = words_of([upload.content])
        known = [self._known[k] for k in self._index.query(asked).right.tolist()]
        if self._fresh:
            late = self._late[: len(self._fresh)]
            apart = np.bitwise_count(late ^ asked).sum(axis=1)
            known += [self._fresh[k] for k in np.flatnonzero(apart <= self._radius).tolist()]
        carriers = {who for text in known for who in self._state.hashes[text][1:]}
        if len(carriers) > COMMON or len(known) > CROWD * COMMON:
            return set()  # common content says nothing
        return {self._state.hashes[text][0] for text in known}

    def _count(self, upload: Upload, series: str) -> None:
        if upload.content is not None and upload.content not in self._state.hashes:
            if len(self._fresh) == len(self._late):
                self._late = np.concatenate([self._late, np.zeros_like(self._late)])
            self._late[len(self._fresh)] = words_of([upload.content])[0]
            self._fresh.append(upload.content)
        self._state.add(upload, series)
        if len(self._fresh) >= max(4096, len(self._known) // 10):
            self._reindex()  # a tenth of the hashes are looked at one by one, at most

    def _reindex(self) -> None:
        self._known = list(self._state.hashes)
        self._index = HammingIndex(words_of(self._known), self._radius)
        self._fresh = []
        self._late = np.zeros((256, self._index.width), np.uint64)

    def _habit(
        self, upload: Upload, name: str, sure: float, base: tuple[object, ...]
    ) -> list[tuple[object, ...]]:
        """Sum up the surprise of place and hour above what is usual for this series."""
        if sure < 0.8:
            return []
        total = self._surprise(upload, name)
        if total < self._habit_bits:
            return []
        self._state.strange[name][0] = 0.0
        text = f"place and hour of late uploads do not fit {name}: {total:.1f} bits of surprise"
        return [(*base, "habit_changed", name, sure, text)]

    def _surprise(self, upload: Upload, name: str) -> float:
        """Count the surprise of an upload, and give the sum above what is usual."""
        if self._state.size.get(name, 0) < 20:
            return 0.0
        bits = self._state.surprise(upload, name)
        total, usual, n = self._state.strange.get(name, [0.0, 0.5, 10.0])
        total = max(0.0, total + bits - usual - 0.5)
        usual = (usual * n + bits) / (n + 1.0)
        self._state.strange[name] = [total, usual, min(n + 1.0, 50.0)]
        return total

    def _slot_hits(self, upload: Upload, name: str, sure: float) -> list[tuple[object, ...]]:
        stamp = to_timestamps(np.array([upload.t]))[0]
        alerts: list[tuple[object, ...]] = []
        for key, slot in self._slots.items():
            if key in self._state.missed or not slot["start"] <= upload.t < slot["end"]:
                continue
            if slot["series_id"] in (None, name) and slot["venue_id"] in upload.venues:
                self._state.missed.add(key)
                text = f"forecast slot at {slot['venue_id']}{_chance(slot)} was hit"
                alerts.append((upload.event_id, stamp, "slot_hit", name, sure, text))
        return alerts

    def _slots_passed(self, now: int) -> list[tuple[object, ...]]:
        alerts: list[tuple[object, ...]] = []
        for key, slot in self._slots.items():
            if key not in self._state.missed and slot["end"] <= now:
                self._state.missed.add(key)
                if slot["probability"] < self._min_probability or key + HIT in self._state.missed:
                    continue
                stamp = to_timestamps(np.array([slot["end"]]))[0]
                text = (
                    f"forecast slot at {slot['venue_id']}{_chance(slot)} passed without an upload"
                )
                alerts.append((None, stamp, "slot_missed", slot["series_id"], np.nan, text))
        return alerts

    def __repr__(self) -> str:
        return f"Watch over {len(self._state.size):,} series, {self._state.n:,} uploads"


def _chance(slot: Mapping[str, float]) -> str:
    """The probability it was given, where it was given one."""
    chance = slot["probability"]
    return "" if math.isinf(chance) else f" (probability {chance:.0%})"

"""What speaks for, and what against, two entities being one person's: levels of agreement.

Each kind of evidence sorts a pair of entities into levels; -1 means that nothing is known, and
counts as no evidence. What a level is worth is learned elsewhere (`_fellegi_sunter`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from crimeloc.geometry import great_circle_m
from crimeloc.linking.log_arrays import Floats, Ints, Log

Levels = NDArray[np.int8]
CHUNK = 200_000
TRACK_ROWS = 2_000_000
"""So many pairs, and located uploads on both their sides together, are weighed in one go."""

MOST_RARE, COMMON = 3.0, 30
"""Most bits that the frequency of a value adds or takes; what more entities carry blocks none."""

KMH, SLACK_S, REACH_US = 80.0, 60.0, 6 * 3_600_000_000
"""Nobody is faster than this, give or take a minute and a kilometre; looked at over six hours."""


@dataclass
class Profiles:
    """What each entity shows, as rows of matrices."""

    n: int
    events: Ints
    identifiers: dict[str, Any]  # CSR entity x value: how often
    venues: Any  # CSR entity x venue: share of the visits
    visits: Ints
    venue_base: Floats
    hours: NDArray[np.float32]  # share of the uploads by hour, smoothed
    hour_raw: NDArray[np.float32]
    timed: Ints
    titles: Any
    titled: Ints
    hashed: Ints
    placed: Ints  # uploads whose venue or address is known
    copies: PairCounts  # uploads of near the same content
    co_locations: PairCounts  # uploads within half an hour at one place
    tracks: tuple[Ints, Ints, Floats, Floats]  # located uploads: starts, times, lon, lat
    reposter: NDArray[np.bool_]


@dataclass
class PairCounts:
    """How often something holds between two entities, for the pairs where it does at all."""

    keys: Ints  # i * n + j with i < j, sorted
    count: Ints
    n: int

    @classmethod
    def of(cls, i: Ints, j: Ints, n: int) -> PairCounts:
        """Count the pairs, each once whatever its order."""
        low, high = np.minimum(i, j), np.maximum(i, j)
        good = (low != high) & (low >= 0)
        keys, count = np.unique(low[good] * n + high[good], return_counts=True)
        return cls(keys, count.astype(np.int64), n)

    def look(self, i: Ints, j: Ints) -> Ints:
        """How often for these pairs?"""
        if not len(self.keys):
            return np.zeros(len(i), np.int64)
        keys = np.minimum(i, j) * self.n + np.maximum(i, j)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.count[at], 0)

    def pairs(self, least: int = 1) -> tuple[Ints, Ints]:
        """The pairs that have it at least so often."""
        keys = self.keys[self.count >= least]
        return keys // self.n, keys % self.n


def profile(
    log: Log, of: Ints, n: int, copies: tuple[Ints, Ints], *, light: bool = False
) -> Profiles:
    """Sum up the uploads of each entity; `light`: only venues and hours."""
    known = of >= 0
    events = np.bincount(of[known], minlength=n).astype(np.int64)
    identifiers = {}
    for name, identifier in log.identifiers.items():
        width = int(identifier.max()) + 1 if len(identifier) else 0
        has = known & (identifier >= 0)
        identifiers[name] = _csr(of[has], identifier[has], None, n, max(width, 1))
    visit_weight = _visit_weight(log, of)
    venues, visits, base = _venues(log, of, n, visit_weight)
    hours, raw, timed = _hours(log, of, n, visit_weight)
    titles = None if light else title_matrix(log)
    titled = np.zeros(n, np.int64)
    grams = None
    if titles is not None:
        has = known & (np.diff(titles.indptr) > 0)
        titled = np.bincount(of[has], minlength=n).astype(np.int64)
        gather = _csr(of[known], np.flatnonzero(known), None, n, len(log))
        grams = _unit(gather @ titles)
    hashed = np.bincount(of[known & (log.content >= 0)], minlength=n).astype(np.int64)
    pairs = PairCounts.of(*_matched(of, copies), n)
    sits = _co_locations(log, of, steps=0 if light else 3)
    return Profiles(
        n=n,
        events=events,
        identifiers=identifiers,
        venues=venues,
        visits=visits,
        venue_base=base,
        hours=hours,
        hour_raw=raw,
        timed=timed,
        titles=grams,
        titled=titled,
        hashed=hashed,
        placed=np.bincount(of[known & (log.place >= 0)], minlength=n).astype(np.int64),
        copies=pairs,
        co_locations=PairCounts.of(of[sits[0]], of[sits[1]], n),
        tracks=_located(log, of, n),
        reposter=reposters(log, of, n, copies),
    )


def levels(
    p: Profiles, i: Ints, j: Ints, personal: dict[str, NDArray[np.bool_]]
) -> dict[str, Levels]:
    """Levels of every kind of evidence for these pairs of entities."""
    size = np.diff(p.tracks[0])
    done = [
        _levels(p, i[low:high], j[low:high], personal)
        for low, high in parts(size[i] + size[j], TRACK_ROWS, CHUNK) or [(0, 0)]
    ]
    return {name: np.concatenate([part[name] for part in done]) for name in done[0]}


def parts(size: Ints, most: int, many: int) -> list[tuple[int, int]]:
    """Cut a list into parts of at most `many` whose sizes sum to `most`, or of one that is more."""
    total = np.cumsum(size)
    cuts = [0]
    while cuts[-1] < len(size):
        begin = cuts[-1]
        before = int(total[begin - 1]) if begin else 0
        end = int(np.searchsorted(total, before + most, side="right"))
        cuts.append(min(max(end, begin + 1), begin + many))
    return list(pairwise(cuts))


def _levels(
    p: Profiles, i: Ints, j: Ints, personal: dict[str, NDArray[np.bool_]]
) -> dict[str, Levels]:
    found = {name: _identifier_level(p, name, i, j, personal[name]) for name in p.identifiers}
    small = np.minimum(p.visits[i], p.visits[j])
    ratio = _row_dot(p.venues, _scaled(p.venues, 1 / p.venue_base), i, j)
    level = np.digitize(ratio, [1e-9, 2.0, 6.0, 20.0])
    found["venue"] = _hold(np.where(small >= 5, level + 5, level), small >= 2)
    ratio = np.einsum("ij,ij->i", p.hour_raw[i], p.hours[j], dtype=np.float64)
    level = np.digitize(ratio, [0.6, 0.9, 1.2, 1.8])
    least = np.minimum(p.timed[i], p.timed[j])
    found["hours"] = _hold(np.where(least >= 10, level + 5, level), least >= 3)
    if p.titles is not None:
        alike = _row_dot(p.titles, p.titles, i, j)
        level = np.digitize(alike, [0.15, 0.35, 0.55, 0.75])
        least = np.minimum(p.titled[i], p.titled[j])
        found["title"] = _hold(np.where(least >= 8, level + 5, level), least >= 3)
    count = np.minimum(p.copies.look(i, j), 2)
    known = (np.minimum(p.hashed[i], p.hashed[j]) > 0) & ~p.reposter[i] & ~p.reposter[j]
    found["content"] = _hold(count, known)
    placed = np.minimum(p.placed[i], p.placed[j]) > 0
    found["co_location"] = _hold(np.minimum(p.co_locations.look(i, j), 2), placed)
    met, clash = _impossible_travel(p.tracks, i, j)
    found["impossible_travel"] = _hold(np.minimum(clash, 2), met > 0)
    return found


def _impossible_travel(
    tracks: tuple[Ints, Ints, Floats, Floats], i: Ints, j: Ints
) -> tuple[Ints, Ints]:
    """For each pair: neighbouring uploads within six hours, and those no one can have made."""
    start, t, lon, lat = tracks
    size = np.diff(start)
    many = size[i] + size[j]
    first = np.concatenate([[0], np.cumsum(many)])
    pair = np.repeat(np.arange(len(i)), many)
    inner = np.arange(len(pair)) - first[pair]
    left = inner < size[i][pair]
    row = np.where(left, start[i][pair] + inner, start[j][pair] + inner - size[i][pair])
    order = np.lexsort((t[row], pair))
    row, side = row[order], left[order]
    next_to = np.flatnonzero((pair[1:] == pair[:-1]) & (side[1:] != side[:-1]))
    a, b = row[next_to], row[next_to + 1]
    took = t[b] - t[a]
    soon = took <= REACH_US
    next_to, a, b, took = next_to[soon], a[soon], b[soon], took[soon]
    away = great_circle_m(lon[a], lat[a], lon[b], lat[b])
    clash = away > 1_000.0 + KMH / 3.6 * (took / 1e6 + SLACK_S)
    met = np.bincount(pair[next_to], minlength=len(i))
    return met, np.bincount(pair[next_to[clash]], minlength=len(i))


def _hold(level: NDArray[np.int64], known: NDArray[np.bool_]) -> Levels:
    return np.where(known, level, -1).astype(np.int8)


def _own(p: Profiles, name: str, personal: NDArray[np.bool_]) -> Any:
    """How often each entity shows each value that behaves like a person's own."""
    m = p.identifiers[name]
    own = np.zeros(m.shape[1])
    own[: len(personal)] = personal
    mine = _scaled(m, own)
    mine.eliminate_zeros()
    return mine


def _identifier_level(
    p: Profiles, name: str, i: Ints, j: Ints, personal: NDArray[np.bool_]
) -> Levels:
    """0 nothing of their own shared, 1 shared and one side's own, 2 repeated on both sides.

    A value that belongs to a venue (a machine in the cafe) says where, not who: no evidence.
    """
    mine = _own(p, name, personal)
    once, again = mine.copy(), mine.copy()
    once.data = np.ones_like(once.data)
    again.data = (again.data >= 2).astype(np.float64)
    level = np.zeros(len(i), np.int64)
    level[_row_dot(once, once, i, j) > 0] = 1
    level[_row_dot(again, again, i, j) > 0] = 2
    # Not sharing speaks against only where both show something of their own.
    habit = np.diff(mine.indptr) > 0
    return _hold(level, habit[i] & habit[j])


def term_frequency(
    p: Profiles,
    kinds: dict[str, Levels],
    i: Ints,
    j: Ints,
    personal: dict[str, NDArray[np.bool_]],
) -> dict[str, Floats]:
    """Bits to add where an identifier agrees: a rare value says more, a frequent one less.

    The levels are worth what agreement says on average; the value itself is worth
    log2(mean u / u of the value), u being the share of entities that carry it. Of several shared
    values the rarest counts.
    """
    result = {}
    for name in p.identifiers:
        bits = np.zeros(len(i))
        rows = np.flatnonzero(kinds[name] >= 1)
        if len(rows):
            mine = _own(p, name, personal[name])
            mine.data = np.ones_like(mine.data)
            count = np.bincount(mine.indices, minlength=mine.shape[1]).astype(np.float64)
            chance = np.log2(np.maximum(count, 1.0))
            pairs = np.where(count <= COMMON, count * (count - 1.0), 0.0)
            usual = (pairs * chance).sum() / max(pairs.sum(), 1.0)
            worth = np.clip(usual - chance, -MOST_RARE, MOST_RARE) + MOST_RARE + 1.0  # above 0
            for low, high in parts(np.ones(len(rows), np.int64), CHUNK, CHUNK):
                some = rows[low:high]
                both = mine[i[some]].multiply(_scaled(mine, worth)[j[some]])
                bits[some] = both.max(axis=1).toarray().ravel() - MOST_RARE - 1.0
        result[name] = bits
    return result


def title_matrix(log: Log) -> Any:
    """Character n-grams of the titles by inverse document frequency: how somebody writes."""
    if log.title is None or not any(isinstance(text, str) and text for text in log.title):
        return None
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    texts = pd.Series(log.title, dtype=object)
    number, unique = pd.factorize(texts, sort=False)
    maker = HashingVectorizer(
        analyzer="char",
        ngram_range=(1, 3),
        n_features=1 << 16,
        norm=None,
        alternate_sign=False,
        preprocessor=_without_numbers,
    )
    grams = TfidfTransformer(sublinear_tf=True).fit_transform(maker.transform(unique.tolist()))
    has = np.flatnonzero(number >= 0)
    pick = _csr(has, number[has], None, len(log), len(unique))
    return pick @ grams


def _without_numbers(text: str) -> str:
    return "".join("0" if sign.isdigit() else sign for sign in text.lower()).replace("00", "0")


def reposters(log: Log, of: Ints, n: int, copies: tuple[Ints, Ints]) -> NDArray[np.bool_]:
    """Which entities mostly carry what others had uploaded before, from several sources?"""
    early, late = copies
    other = (of[early] != of[late]) & (of[late] >= 0) & (of[early] >= 0)
    taken = np.bincount(of[np.unique(late[other])], minlength=n)
    hashed = np.bincount(of[(of >= 0) & (log.content >= 0)], minlength=n)
    pairs = np.unique(of[late[other]] * n + of[early[other]])
    sources = np.bincount(pairs // n, minlength=n)
    return (taken >= 2) & (sources >= 2) & (taken >= 0.3 * hashed)


def _csr(row: Ints, column: Ints, value: Floats | None, n: int, width: int) -> Any:
    data = np.ones(len(row)) if value is None else value
    return sparse.csr_matrix((data, (row, column)), shape=(n, width))


def _scaled(matrix: Any, factor: Floats) -> Any:
    scaled = matrix.copy()
    scaled.data = scaled.data * factor[scaled.indices]
    return scaled


def _row_dot(a: Any, b: Any, i: Ints, j: Ints) -> Floats:
    return np.asarray(a[i].multiply(b[j]).sum(axis=1), dtype=np.float64).ravel()


def _unit(matrix: Any) -> Any:
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.diags_array(1 / np.maximum(length, 1e-12)).tocsr() @ matrix


def _visit_weight(log: Log, of: Ints) -> Floats:
    """The weight of an upload within its visit: a visit counts once, however many its uploads."""
    from crimeloc.linking.entities import visits

    number = visits(log, of, of >= 0)
    size = np.bincount(number[number >= 0], minlength=1)
    weight = np.zeros(len(log))
    known = number >= 0
    weight[known] = 1.0 / size[number[known]]
    return weight


def _venues(log: Log, of: Ints, n: int, visit_weight: Floats) -> tuple[Any, Ints, Floats]:
    event, code = log.venue_event, log.venue_code
    known = of[event] >= 0 if len(event) else np.empty(0, bool)
    weight = log.venue_weight[known] * visit_weight[event[known]]
    counts = _csr(of[event[known]], code[known], weight, n, max(log.n_venues, 1))
    total = np.asarray(counts.sum(axis=1)).ravel()
    shares = sparse.diags_array(1 / np.maximum(total, 1e-12)).tocsr() @ counts
    base = np.asarray(shares.sum(axis=0)).ravel() + 0.5
    return shares, np.round(total + 1e-9).astype(np.int64), base / base.sum()


def _hours(
    log: Log, of: Ints, n: int, visit_weight: Floats
) -> tuple[NDArray[np.float32], NDArray[np.float32], Ints]:
    known = (of >= 0) & (log.hour >= 0)
    raw = _csr(of[known], log.hour[known], visit_weight[known], n, 48).toarray()
    total = raw.sum(axis=1)
    raw /= np.maximum(total, 1e-12)[:, None]
    apart = np.abs(np.arange(24)[:, None] - np.arange(24)[None, :])
    bell = np.exp(-0.5 * (np.minimum(apart, 24 - apart) / 1.5) ** 2)
    bell /= bell.sum(axis=1, keepdims=True)
    kernel = np.kron(np.array([[0.85, 0.15], [0.3, 0.7]]), bell)
    base = raw.sum(axis=0) @ kernel + 1.0
    smooth = raw @ kernel / (base / base.sum())
    return (
        smooth.astype(np.float32),
        raw.astype(np.float32),
        np.round(total + 1e-9).astype(np.int64),
    )


def _matched(of: Ints, copies: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Pairs of entities with like content, each later upload counted once for a pair."""
    early, late = copies
    a, b = of[early], of[late]
    good = (a >= 0) & (b >= 0) & (a != b)
    rows = np.unique(np.column_stack([a[good], b[good], late[good]]), axis=0)
    return rows[:, 0], rows[:, 1]


def _located(log: Log, of: Ints, n: int) -> tuple[Ints, Ints, Floats, Floats]:
    """Surely located uploads of each entity in the order of time: starts, times, places."""
    rows = np.flatnonzero((of >= 0) & log.sure & log.exact & ~np.isnan(log.lonlat[:, 0]))
    order = rows[np.argsort(of[rows], kind="stable")]
    start = np.concatenate([[0], np.cumsum(np.bincount(of[order], minlength=n))]).astype(np.int64)
    return start, log.t[order], log.lonlat[order, 0].copy(), log.lonlat[order, 1].copy()


def _co_locations(
    log: Log, of: Ints, within_us: int = 1_800_000_000, steps: int = 3
) -> tuple[Ints, Ints]:
    """Uploads of two entities at one place within half an hour: the next few in time."""
    rows = np.flatnonzero((of >= 0) & (log.place >= 0) & log.exact)
    order = rows[np.lexsort((log.t[rows], log.place[rows]))]
    left, right = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for step in range(1, steps + 1):
        a, b = order[:-step], order[step:]
        good = (log.place[a] == log.place[b]) & (log.t[b] - log.t[a] <= within_us)
        good &= of[a] != of[b]
        left.append(a[good])
        right.append(b[good])
    return np.concatenate(left), np.concatenate(right)

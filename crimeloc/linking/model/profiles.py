"""What each entity shows, summed up: places, hours, titles, content, and whom it met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from crimeloc.linking.entities import visits
from crimeloc.linking.log_arrays import Floats, Ints, Log
from crimeloc.linking.model.content import Copied, copied, reposters
from crimeloc.linking.model.crowd import Crowd, crowd_of
from crimeloc.linking.model.own_identifiers import OwnIdentifiers, own_identifiers
from crimeloc.linking.model.pair_counts import PairCounts

NEAR_US = 1_800_000_000
"""Two uploads at one place within half an hour are a meeting."""


@dataclass
class Profiles:
    """What each entity shows, as rows of matrices."""

    n: int
    events: Ints
    first: Ints  # moments of the first and the last upload
    last: Ints
    first_upload: Ints  # and the first upload itself
    identifiers: dict[str, OwnIdentifiers]
    venues: Any  # CSR entity x venue: share of the visits
    visits: Ints
    visited: Floats  # visits to venues, by the weight of the candidates
    places: Any  # CSR entity x place (venue, else address): visits
    crowd: Crowd
    hours: NDArray[np.float32]  # entity x hour: share of the uploads, smoothed
    hour_raw: NDArray[np.float32]
    timed: Ints
    titles: Any
    titled: Ints
    hashed: Ints
    placed: Ints  # uploads whose venue or address, and moment, are known
    copies: Copied  # uploads of near the same content
    meetings: PairCounts  # visits to one place within half an hour of each other
    tracks: tuple[Ints, Ints, Floats, Floats]  # located uploads: starts, times, lon, lat
    reposter: NDArray[np.bool_]


def profile(
    log: Log,
    of: Ints,
    n: int,
    copies: tuple[Ints, Ints],
    personal: dict[str, NDArray[np.bool_]] | None = None,
) -> Profiles:
    """Sum up the uploads of each entity; without `personal`, only venues and hours."""
    light = personal is None
    known = of >= 0
    visit = visits(log, of, known)
    size = np.bincount(visit[known], minlength=1)
    weight = np.where(known, 1.0 / size[np.maximum(visit, 0)], 0.0)
    venues, visited = _venues(log, of, n, weight)
    n_visits = np.round(visited + 1e-9).astype(np.int64)
    hours, raw, timed = _hours(log, of, n, weight)
    titles = None if light else title_matrix(log)
    titled = np.zeros(n, np.int64)
    grams = None
    if titles is not None:
        has = known & (np.diff(titles.indptr) > 0)
        titled = np.bincount(of[has], minlength=n).astype(np.int64)
        gather = csr(of[known], np.flatnonzero(known), None, n, len(log))
        grams = _unit(gather @ titles)
    first = np.zeros(n, np.int64)
    last = np.zeros(n, np.int64)
    rows = np.flatnonzero(known)
    first_upload = np.zeros(n, np.int64)
    last[of[rows]] = log.t[rows]
    first_upload[of[rows[::-1]]] = rows[::-1]
    if len(log):
        first = log.t[first_upload]
    return Profiles(
        n=n,
        events=np.bincount(of[known], minlength=n).astype(np.int64),
        first=first,
        last=last,
        first_upload=first_upload,
        identifiers={} if personal is None else own_identifiers(log, of, n, personal),
        venues=venues,
        visits=n_visits,
        visited=visited,
        places=_places(log, of, n, visit),
        crowd=crowd_of(venues, visited, hours, timed, log.venue_lonlat),
        hours=hours,
        hour_raw=raw,
        timed=timed,
        titles=grams,
        titled=titled,
        hashed=np.bincount(of[known & (log.content >= 0)], minlength=n).astype(np.int64),
        placed=np.bincount(of[known & (log.place >= 0) & log.exact], minlength=n).astype(np.int64),
        copies=copied(log, of, n, copies),
        meetings=_meetings(log, of, n, visit, steps=0 if light else 3),
        tracks=_located(log, of, n),
        reposter=reposters(log, of, n, copies),
    )


def _places(log: Log, of: Ints, n: int, visit: Ints) -> Any:
    """How often each entity visited each place."""
    rows = np.flatnonzero((of >= 0) & (log.place >= 0))
    once = rows[np.unique(visit[rows], return_index=True)[1]]
    width = int(log.place.max(initial=0)) + 1
    return csr(of[once], log.place[once], None, n, width)


def _venues(log: Log, of: Ints, n: int, weight: Floats) -> tuple[Any, Floats]:
    event, code = log.venue_event, log.venue_code
    known = of[event] >= 0 if len(event) else np.empty(0, bool)
    value = log.venue_weight[known] * weight[event[known]]
    counts = csr(of[event[known]], code[known], value, n, max(log.n_venues, 1))
    total = np.asarray(counts.sum(axis=1)).ravel()
    shares = sparse.diags_array(1 / np.maximum(total, 1e-12)).tocsr() @ counts
    shares.sort_indices()
    return shares, total


def _hours(
    log: Log, of: Ints, n: int, weight: Floats
) -> tuple[NDArray[np.float32], NDArray[np.float32], Ints]:
    """Share of the visits by hour of the day, workdays and rest days apart: smoothed, and raw."""
    known = (of >= 0) & (log.hour >= 0)
    raw = csr(of[known], log.hour[known], weight[known], n, 48).toarray()
    total = raw.sum(axis=1)
    raw /= np.maximum(total, 1e-12)[:, None]
    apart = np.abs(np.arange(24)[:, None] - np.arange(24)[None, :])
    bell = np.exp(-0.5 * (np.minimum(apart, 24 - apart) / 1.5) ** 2)
    bell /= bell.sum(axis=1, keepdims=True)
    kernel = np.kron(np.array([[0.85, 0.15], [0.3, 0.7]]), bell)
    smooth = (raw @ kernel).astype(np.float32)
    return smooth, raw.astype(np.float32), np.round(total + 1e-9).astype(np.int64)


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
    pick = csr(has, number[has], None, len(log), len(unique))
    return pick @ grams


def _without_numbers(text: str) -> str:
    return "".join("0" if sign.isdigit() else sign for sign in text.lower()).replace("00", "0")


def csr(row: Ints, column: Ints, value: Floats | None, n: int, width: int) -> Any:
    """A sparse matrix of these entries; equal places add up."""
    data = np.ones(len(row)) if value is None else value
    return sparse.csr_matrix((data, (row, column)), shape=(n, width))


def _unit(matrix: Any) -> Any:
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.diags_array(1 / np.maximum(length, 1e-12)).tocsr() @ matrix


def _located(log: Log, of: Ints, n: int) -> tuple[Ints, Ints, Floats, Floats]:
    """Surely located uploads of each entity in the order of time: starts, times, places."""
    rows = np.flatnonzero((of >= 0) & log.sure & log.exact & ~np.isnan(log.lonlat[:, 0]))
    order = rows[np.argsort(of[rows], kind="stable")]
    start = np.concatenate([[0], np.cumsum(np.bincount(of[order], minlength=n))]).astype(np.int64)
    return start, log.t[order], log.lonlat[order, 0].copy(), log.lonlat[order, 1].copy()


def _meetings(log: Log, of: Ints, n: int, visit: Ints, steps: int) -> PairCounts:
    """Visits of two entities to one place within half an hour: the next few uploads in time."""
    rows = np.flatnonzero((of >= 0) & (log.place >= 0) & log.exact)
    order = rows[np.lexsort((log.t[rows], log.place[rows]))]
    left, right = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for step in range(1, steps + 1):
        a, b = order[:-step], order[step:]
        good = (log.place[a] == log.place[b]) & (log.t[b] - log.t[a] <= NEAR_US)
        good &= of[a] != of[b]
        left.append(a[good])
        right.append(b[good])
    a, b = np.concatenate(left), np.concatenate(right)
    a, b = np.where(of[a] < of[b], a, b), np.where(of[a] < of[b], b, a)
    # A visit counts once for each entity met, however many uploads it brought.
    pairs = np.unique(np.column_stack([of[a], of[b], visit[a]]), axis=0)
    return PairCounts.of(pairs[:, 0], pairs[:, 1], n)

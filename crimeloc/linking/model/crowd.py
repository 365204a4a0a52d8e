"""The crowd: which venues people use, together with which others, and at what hours.

What two entities share is evidence only as far as others do not share it. Forty regulars of one
cafe have its evenings in common, and thirty who divide their evenings between two cafes have both;
so the base rate of a venue is that of the people who use the pair's main common venue, learned from
the log itself, and that of the hours is the crowd's at the venues the two share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import gammaln

from crimeloc.geometry import great_circle_m
from crimeloc.linking.log_arrays import Floats, Ints

HABITS = np.array([0.3, 1.0, 3.0, 10.0])
"""Concentrations of a habit over venues: from those who use one venue to those who roam."""

ROUNDS = 5
"""Rounds in which it is learned how many people have which of these habits."""

ALIKE = 0.5
"""Who uses a venue at least so much as the pair, in parts of it, is one who might be either."""

FEW = 3.0
"""So many people's worth of the whole log's habits stands behind those seen at a venue."""

NEIGHBOURS = 3.0
"""So many people's worth of "a second venue is near the first" stands behind what is seen."""

MAIN = 0.5
"""The share that they give to their main venue."""

NEAR_M, REACH_M, ANYWHERE = 1_500.0, 4_500.0, 0.05
"""How the second venue of a person falls off with distance, how far that is looked at, the rest."""

HOURS = 5.0
"""So many people's worth of the whole log's hours stands behind the hours seen at a venue."""

EARTH_M = 6_371_008.8


@dataclass
class Crowd:
    """Who uses which venues, counted in persons: every entity is one, however much it uploads."""

    people: float
    use: Floats  # of each venue: sum of the shares of all entities
    keys: Ints  # venue * n_venues + other venue, sorted
    together: Floats  # for each key: sum over entities of the product of their shares
    alone: Floats  # of each venue: the same with itself
    sorted_use: Floats  # 2 * venue + share for each entity and venue, sorted
    reach: Floats  # of each venue: use of all other venues, near ones weighing more
    lonlat: Floats
    hours: Floats  # venue x hour: sum of the shares times the hours
    all_hours: Floats
    likely: Floats  # entity x habit: log of how likely its visits are, by the base rates of all
    habit: Floats  # entity x habit: how likely it has this one
    habits: Floats  # venue x habit: sum of the shares times `habit`
    all_habits: Floats

    @property
    def n_venues(self) -> int:
        """How many venues there are."""
        return len(self.use)

    @property
    def base(self) -> Floats:
        """The share of each venue among all."""
        share = self.use + 0.5
        return np.asarray(share / share.sum())


class Shared(NamedTuple):
    """Venues that both entities of a pair use: one entry for each."""

    pair: Ints
    venue: Ints
    one: Floats  # share of the visits of the first entity, and of the second
    two: Floats
    main: Ints  # of each pair: the entry of the main common venue, -1 none


def crowd_of(
    shares: Any, visited: Floats, hours: NDArray[np.float32], timed: Ints, lonlat: Floats
) -> Crowd:
    """Count the crowd; `shares` is entity x venue, `hours` entity x hour."""
    use = np.asarray(shares.sum(axis=0)).ravel()
    n = len(use)
    both = sparse.coo_matrix(shares.T @ shares)
    apart = both.row != both.col
    row, column = both.row[apart].astype(np.int64), both.col[apart].astype(np.int64)
    keys = row * n + column
    order = np.argsort(keys)
    with_hours = sparse.diags_array((timed > 0).astype(np.float64)).tocsr() @ shares
    every = hours[timed > 0].sum(axis=0).astype(np.float64) + 1.0 / 48.0
    people = float((np.diff(shares.indptr) > 0).sum())
    likely = _likely(shares, visited, (use + 0.5) / (people + 1.0))
    habit, usual = _mixture(likely[visited >= 1.5], likely)
    return Crowd(
        people=people,
        use=use,
        keys=keys[order],
        together=both.data[apart][order],
        alone=np.bincount(shares.indices, shares.data**2, minlength=n).astype(np.float64),
        sorted_use=np.sort(2.0 * shares.indices + shares.data),
        reach=_reach(use, lonlat),
        lonlat=lonlat,
        hours=np.asarray(with_hours.T @ hours, dtype=np.float64),
        all_hours=every / every.sum(),
        likely=likely,
        habit=habit,
        habits=np.asarray(shares.T @ habit),
        all_habits=usual,
    )


def _likely(shares: Any, visited: Floats, base: Floats) -> Floats:
    """Log likelihood of each entity's visits under each concentration (Dirichlet-multinomial)."""
    rows = np.repeat(np.arange(shares.shape[0]), np.diff(shares.indptr))
    count = shares.data * visited[rows]
    found = np.empty((shares.shape[0], len(HABITS)))
    for k, size in enumerate(HABITS):
        prior = size * base[shares.indices]
        part = gammaln(prior + count) - gammaln(prior)
        found[:, k] = np.bincount(rows, part, minlength=len(visited))
        found[:, k] += gammaln(size) - gammaln(size + visited)
    return found


def _mixture(busy: Floats, likely: Floats) -> tuple[Floats, Floats]:
    """How likely has each entity each habit, and how many people have it?"""
    usual = np.full(len(HABITS), 1.0 / len(HABITS))
    for _ in range(ROUNDS if len(busy) else 0):
        usual = (_shares_of(busy, usual).sum(axis=0) + 1.0) / (len(busy) + len(HABITS))
    return _shares_of(likely, usual), usual


def _shares_of(likely: Floats, usual: Floats) -> Floats:
    weight = np.exp(likely - likely.max(axis=1, keepdims=True)) * usual
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _reach(use: Floats, lonlat: Floats) -> Floats:
    """The use of all other venues, those within walking distance weighing more."""
    from scipy.spatial import cKDTree

    total = ANYWHERE * (use.sum() - use)
    known = np.flatnonzero(~np.isnan(lonlat).any(axis=1))
    if len(known) > 1:
        lon, lat = np.radians(lonlat[known]).T
        ball = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        pairs = cKDTree(EARTH_M * ball).query_pairs(REACH_M, output_type="ndarray")
        a, b = known[pairs[:, 0]], known[pairs[:, 1]]
        near = _nearness(lonlat, a, b)
        total += np.bincount(a, near * use[b], minlength=len(use))
        total += np.bincount(b, near * use[a], minlength=len(use))
    return np.asarray(np.maximum(total, 1e-9))


def _nearness(lonlat: Floats, a: Ints, b: Ints) -> Floats:
    away = great_circle_m(*lonlat[a].T, *lonlat[b].T)
    return np.asarray(np.where(away <= REACH_M, np.exp(-away / NEAR_M), 0.0))


def shared_venues(shares: Any, i: Ints, j: Ints) -> Shared:
    """The venues that both entities of each pair use."""
    width = shares.shape[1]
    many = np.diff(shares.indptr)
    fewer = np.where(many[i] <= many[j], i, j)
    more = np.where(many[i] <= many[j], j, i)
    size = many[fewer]
    pair = np.repeat(np.arange(len(i)), size)
    inner = np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size)
    entry = shares.indptr[fewer][pair] + inner
    venue = shares.indices[entry].astype(np.int64)
    rows = np.repeat(np.arange(shares.shape[0]), many)
    keys = rows * width + shares.indices
    wanted = more[pair] * width + venue
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    hit = keys[at] == wanted if len(keys) else np.zeros(len(wanted), bool)
    pair, venue, entry, at = pair[hit], venue[hit], entry[hit], at[hit]
    swapped = (fewer != i)[pair]
    a, b = shares.data[entry], shares.data[at]
    one, two = np.where(swapped, b, a), np.where(swapped, a, b)
    main = np.full(len(i), -1, np.int64)
    order = np.lexsort((-venue, one * two, pair))
    main[pair[order]] = order
    return Shared(pair, venue, one, two, main)


def venue_bits(crowd: Crowd, s: Shared, i: Ints, j: Ints, visited: Floats) -> Floats:
    """Bits for one habit behind both entities' visits against two, by the crowd's base rates.

    The ratio of two mixtures of Dirichlet-multinomials. A venue both have visited counts once,
    however often each came; what only one of them visited speaks against; and that both keep to
    one venue says nothing where everybody at that venue does.
    """
    base, usual = _base(crowd, s), (crowd.use[s.venue] + 0.5) / (crowd.people + 1.0)
    n, m = visited[i], visited[j]
    x, y = s.one * n[s.pair], s.two * m[s.pair]
    one, two, both = (np.empty((len(n), len(HABITS))) for _ in range(3))
    for k, size in enumerate(HABITS):
        here, all_over = size * base, size * usual
        rest = gammaln(here) - gammaln(all_over)
        first, second = gammaln(here + x), gammaln(here + y)
        # The visits to shared venues are weighed by the base rates of the main venue's crowd.
        a = _sums(s, first - gammaln(all_over + x) - rest, len(n)) + crowd.likely[i, k]
        b = _sums(s, second - gammaln(all_over + y) - rest, len(n)) + crowd.likely[j, k]
        gain = _sums(s, gammaln(here + x + y) + gammaln(here) - first - second, len(n))
        cost = gammaln(size + n + m) + gammaln(size) - gammaln(size + n) - gammaln(size + m)
        one[:, k], two[:, k], both[:, k] = a, b, a + b + gain - cost
    weight = np.log(_habits_at(crowd, s, i, j))
    total = _log_sum(both + weight) - _log_sum(one + weight) - _log_sum(two + weight)
    return np.asarray(total / np.log(2.0) + _crowd_bits(crowd, s, len(n)))


def _crowd_bits(crowd: Crowd, s: Shared, n: int) -> Floats:
    """Bits for using the main common venue at all: few do, or many; the pair out."""
    bits = np.zeros(n)
    rows = np.flatnonzero(s.main >= 0)
    at = s.main[rows]
    least = ALIKE * np.minimum(s.one[at], s.two[at])
    venue = 2.0 * s.venue[at]
    low = np.searchsorted(crowd.sorted_use, venue + least - 1e-9)
    high = np.searchsorted(crowd.sorted_use, venue + 1.5)
    others = np.maximum(high - low - 2, 0)
    bits[rows] = np.log2(max(crowd.people - 2.0, 0.0) + 1.0) - np.log2(others + 0.5)
    return bits


def _sums(s: Shared, value: Floats, n: int) -> Floats:
    return np.bincount(s.pair, value, minlength=n).astype(np.float64)


def _log_sum(value: Floats) -> Floats:
    most = value.max(axis=1)
    return np.asarray(most + np.log(np.exp(value - most[:, None]).sum(axis=1)))


def _habits_at(crowd: Crowd, s: Shared, i: Ints, j: Ints) -> Floats:
    """How many of those at each pair's main venue have which habit, the pair out?"""
    found = np.tile(FEW * crowd.all_habits, (len(i), 1))
    rows = np.flatnonzero(s.main >= 0)
    at = s.main[rows]
    seen = crowd.habits[s.venue[at]]
    seen = seen - s.one[at, None] * crowd.habit[i[rows]] - s.two[at, None] * crowd.habit[j[rows]]
    found[rows] += np.maximum(seen, 0.0)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _base(crowd: Crowd, s: Shared) -> Floats:
    """The usual share of each of these venues among those who use the main one, the pair out."""
    width = crowd.n_venues
    main = s.main[s.pair]
    centre = s.venue[main]
    a, b = s.one[main], s.two[main]
    keys = centre * width + s.venue
    at = np.minimum(np.searchsorted(crowd.keys, keys), max(len(crowd.keys) - 1, 0))
    seen = np.zeros(len(keys))
    if len(crowd.keys):
        seen = np.where(crowd.keys[at] == keys, crowd.together[at], 0.0)
    here = s.venue == centre
    seen = np.where(here, crowd.alone[centre], seen) - a * s.one - b * s.two
    use = np.maximum(crowd.use[s.venue] - s.one - s.two, 0.0)
    near = ANYWHERE + np.nan_to_num(_nearness(crowd.lonlat, centre, s.venue))
    usual = (near * use + 0.01) / (crowd.reach[centre] + 0.01 * width)
    usual = np.where(here, MAIN, (1.0 - MAIN) * usual)
    people = np.maximum(crowd.use[centre] - a - b, 0.0)
    return np.asarray((np.maximum(seen, 0.0) + NEIGHBOURS * usual) / (people + NEIGHBOURS))


def crowd_hours(
    crowd: Crowd, s: Shared, hours: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> Floats:
    """The crowd's hours at the venues each pair shares, the pair out; one row for each pair."""
    one, two = hours
    n = len(one)
    product = s.one * s.two
    total = np.bincount(s.pair, product, minlength=n)
    weight = product / total[s.pair]
    people = np.maximum(crowd.use[s.venue] - s.one - s.two, 0.0) + HOURS
    part = weight / people
    table = sparse.csr_matrix((part, (s.pair, s.venue)), shape=(n, crowd.n_venues))
    base = np.asarray(table @ crowd.hours)
    base -= np.bincount(s.pair, part * s.one, minlength=n)[:, None] * one
    base -= np.bincount(s.pair, part * s.two, minlength=n)[:, None] * two
    rest = np.where(total > 0, HOURS * np.bincount(s.pair, part, minlength=n), 1.0)
    return np.asarray(np.maximum(base, 0.0) + rest[:, None] * crowd.all_hours)

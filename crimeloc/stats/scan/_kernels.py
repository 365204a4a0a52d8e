"""Compiled sweeps of the space-time scan; imported on first use only.

The one question asked millions of times is "does any window of this circle beat the best so far?".
Three exact ideas answer it in O(bins) for a whole group of circles (docs/methods/scan.md):

1. The set {(c, mu) : ratio <= L} is convex, so the count needed to beat L is a concave function of
   mu and lies above its chord. With slope a and intercept b of the chord, a window can win only if
   Z[end] - Z[start] > b for ONE array Z = P - a E: a sliding minimum, vectorised, in float32.
2. Circles of one centre are nested: the largest count with the smallest expectation clears a group.
3. A replica's own running maximum is the bound, so its maximum stays exact.

Counts are whole numbers of `unit` (1, or 0.001 where uploads are shared between venues), so that
sums do not depend on their order.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc._compiled import kernel, part
from crimeloc.stats.scan._draw_kernels import (
    Draw,
    Floats,
    Ints,
    shuffle_bins,
    tabulate,
    throw,
)

Singles = NDArray[np.float32]


class Sweep(NamedTuple):
    """What stays the same from replica to replica."""

    expect: Floats  # (venues, columns) float64, cumulated expectation along the bins
    member: Ints  # int32, venues in the order in which circles take them up
    step: Ints  # int32, circle k adds member[step[k] : step[k + 1]] to circle k - 1
    group: Ints  # int32, group g holds circles group[g] .. group[g + 1] - 1
    centre: Ints  # int32, centre i holds groups centre[i] .. centre[i + 1] - 1
    band: Ints  # (bands, 2) int32, shortest and longest duration in bins
    mu_range: Floats  # (circles, bands, 2) float64, expectation of their windows
    node: NDArray[np.int16]  # (circles, bands, 2) int16, node of the table at or below mu_range
    mu_node: Floats  # float64, expectation at each node of the table
    total: float  # uploads in all
    unit: float  # worth of one count
    fewest: int  # counts a window must hold
    first_end: int  # first column at which a window may end
    pad: int  # longest duration in bins


class Desk(NamedTuple):
    """Scratch space of one thread."""

    cases: Ints  # (columns,) int32, cumulated counts of the circle at hand
    mu: Floats  # (columns,) float64, cumulated expectation of the circle at hand
    z: Singles  # (pad + columns,) float32, Z behind +inf
    low_1: Singles  # the same shape, for its sliding minimum
    low_2: Singles
    table: Floats  # float64, count needed to beat `level`
    rise: Floats  # float64, slope of the table from each node to the next
    level: Floats  # the bound; the last node that needs at most `fewest`, and what it needs
    where: NDArray[np.int64]  # (3,) int64, circle, start and end of the best window
    taken: Ints  # (clusters, 2) int32, start and end of windows that are listed already
    shares: NDArray[np.bool_]  # (clusters, circles) bool, circles with a venue of that window


@part
def log_glr(c: float, mu: float, total: float) -> float:
    """Log likelihood ratio of c uploads against mu expected, out of `total`; 0 if c <= mu.

    What lies above mu by rounding alone is no excess.
    """
    if c <= mu * (1.0 + 1e-12):
        return 0.0
    value = c * math.log(c / mu)
    rest = total - c
    if rest > 0.0:
        value += rest * math.log(rest / (total - mu))
    return value


@part
def fill_table(desk: Desk, sweep: Sweep, level: float) -> None:
    """Count at which the ratio reaches `level`, for mu at the nodes; never above the truth.

    Between nodes a straight line lies below the (concave) needed count.
    """
    table = desk.table
    mu_node = sweep.mu_node
    total = sweep.total
    desk.level[0] = level
    desk.level[1] = 0.0
    desk.level[2] = 0.0
    table[0] = 0.0
    for j in range(1, table.shape[0]):
        mu = mu_node[j]
        table[j] = total
        if mu < total and total * math.log(total / mu) > level:
            third = level / 3.0
            c = mu + third + math.sqrt(third * third + 2.0 * level * mu)  # at or above the root
            if c >= total:
                c = 0.5 * (mu + total)
                while log_glr(c, mu, total) < level:
                    c = 0.5 * (c + total)
            for _ in range(40):  # Newton from above on a convex, increasing function
                slope = math.log(c / mu) - math.log((total - c) / (total - mu))
                step = (log_glr(c, mu, total) - level) / slope if slope > 0.0 else 0.0
                c = max(mu, c - step)
                if step < 1e-7:
                    break
            table[j] = max(0.0, c - 1e-6)
        desk.rise[j - 1] = (table[j] - table[j - 1]) / (mu - mu_node[j - 1])
        if table[j] <= sweep.fewest * sweep.unit:
            desk.level[1] = mu
            desk.level[2] = table[j]


@part
def ends_above(
    sweep: Sweep, desk: Desk, short: int, long: int, slope: float, bar: np.float32
) -> tuple[int, int]:
    """How many ends have a window of `short` to `long` bins with Z[end] - Z[start] > bar.

    z holds Z behind `pad` cells of +inf. Also says where the sliding minimum was left: 0 in z
    itself, 1 or 2 in that row, -1 when it was not needed. Offsets are unsigned, so that no index
    can be negative and the loops vectorise.
    """
    count, mu, z, low_1, low_2 = desk.cases, desk.mu, desk.z, desk.low_1, desk.low_2
    unit, first_end = sweep.unit, sweep.first_end
    n = np.uint64(count.shape[0])
    front = np.uint64(sweep.pad)
    for i in range(n):
        z[front + i] = np.float32(count[i] * unit - slope * mu[i])
    hits = 0
    if first_end == count.shape[0] - 1:  # one end only: no sliding minimum
        rim = np.float32(z[front + n - np.uint64(1)] - bar)
        at = front + n - np.uint64(1 + long)
        for i in range(np.uint64(long - short + 1)):
            if z[at + i] < rim:
                hits += 1
        return hits, -1
    width = np.uint64(long - short + 1)
    size = front + n
    have = np.uint64(1)
    row = 0
    source = z
    target = low_1
    while have < width:
        shift = min(have, width - have)
        size -= shift
        for i in range(size):
            a = source[i]
            b = source[i + shift]
            target[i] = a if a < b else b
        source = target
        row = 2 if row == 1 else 1
        target = low_1 if row == 2 else low_2
        have += shift
    at = front + np.uint64(first_end)
    low = at - np.uint64(long)
    for i in range(n - np.uint64(first_end)):
        if z[at + i] - source[low + i] > bar:
            hits += 1
    return hits, row


@part
def is_taken(desk: Desk, circle: int, start: int, end: int) -> bool:
    """Does this window overlap, in space and in time, one that is listed already?"""
    taken, shares = desk.taken, desk.shares
    for k in range(taken.shape[0]):
        if shares[k, circle] and start < taken[k, 1] and taken[k, 0] < end:
            return True
    return False


@part
def search(
    sweep: Sweep,
    desk: Desk,
    short: int,
    long: int,
    bar: np.float32,
    row: int,
    circle: int,
    best: float,
) -> float:
    """Evaluate exactly the windows that may win; the better of `best` and what is found.

    Of windows that are as good, the earliest end with the latest start is kept: the shortest.
    """
    z = desk.z
    low = desk.low_2 if row == 2 else (desk.low_1 if row == 1 else z)
    count = desk.cases
    pad = sweep.pad
    for end in range(max(sweep.first_end, short), count.shape[0]):
        if row < 0 or z[pad + end] - low[pad + end - long] > bar:
            for start in range(end - short, max(0, end - long) - 1, -1):
                cases = count[end] - count[start]
                if z[pad + end] - z[pad + start] > bar and cases >= sweep.fewest:
                    value = log_glr(cases * sweep.unit, desk.mu[end] - desk.mu[start], sweep.total)
                    if value > best and not is_taken(desk, circle, start, end):
                        best = value
                        desk.where[0] = circle
                        desk.where[1] = start
                        desk.where[2] = end
    return best


@part
def take_up(total: Any, rows: Any, member: Ints, first: int, last: int) -> None:
    """Add the rows of member[first : last] to the desk."""
    for j in range(first, last):
        v = member[j]
        for i in range(total.shape[0]):
            total[i] += rows[v, i]


@part
def put_back(total: Ints, rows: Ints, member: Ints, first: int, last: int) -> None:
    """Take the rows of member[first : last] off the desk."""
    for j in range(first, last):
        v = member[j]
        for i in range(total.shape[0]):
            total[i] -= rows[v, i]


@part
def scan_groups(
    prefix: Ints, sweep: Sweep, desk: Desk, g_from: int, g_to: int, best: float
) -> float:
    """Best window of groups g_from .. g_to - 1, the first groups of one centre, if above `best`.

    Nested circles are tested together: the counts of the largest, the expectation of the smallest.
    Where that does not clear them, fewer are taken, in the end each alone, and evaluated.
    """
    count, mu = desk.cases, desk.mu
    table, rise, level = desk.table, desk.rise, desk.level
    expect, member, step, group, band = (
        sweep.expect,
        sweep.member,
        sweep.step,
        sweep.group,
        sweep.band,
    )
    mu_range, node, mu_node = sweep.mu_range, sweep.node, sweep.mu_node
    unit, end = sweep.unit, count.shape[0] - 1
    for i in range(end + 1):
        count[i] = 0
        mu[i] = 0.0
    for g in range(g_from, g_to):
        circle = group[g]
        last = group[g + 1]
        width = last - circle
        ahead = circle  # the circles before `ahead` are in the counts
        reached = circle  # the circles before `reached` are in the expectation
        while circle < last:
            take_up(mu, expect, member, step[reached], step[circle + 1])
            reached = circle + 1
            upto = min(circle + width, last)
            if ahead < upto:
                take_up(count, prefix, member, step[ahead], step[upto])
            elif ahead > upto:
                put_back(count, prefix, member, step[upto], step[ahead])
            ahead = upto
            alone = upto == circle + 1
            if level[0] < 0.0 or best > 1.02 * level[0]:
                fill_table(desk, sweep, best)
            cleared = True
            most = max(count[end] * unit, mu[end])
            for b in range(band.shape[0]):
                short = band[b, 0]
                long = band[b, 1]
                j = node[circle, b, 1]
                mu_right = mu_range[circle, b, 1]
                right = table[j] + rise[j] * (mu_right - mu_node[j])
                j += 1
                i = node[circle, b, 0]
                mu_floor = mu_range[circle, b, 0]
                floor = table[i] + rise[i] * (mu_floor - mu_node[i])
                if mu_floor < level[1]:  # a window of fewer events than `fewest` never counts
                    mu_floor = level[1]
                    floor = level[2]
                while mu_right > 0.0:
                    j //= 2  # a chord over a factor of 16 is still close to the curve
                    if mu_floor >= mu_right * (1.0 - 1e-6):
                        mu_left = 0.0
                        left = 0.0
                        right = max(right, (sweep.fewest - 1e-6) * unit)
                    elif mu_node[j] <= mu_floor:
                        mu_left = mu_floor
                        left = floor
                    else:
                        mu_left = mu_node[j]
                        left = table[j]
                    slope = (right - left) / (mu_right - mu_left)
                    rounding = 5e-7 * max(1.0, slope) * most + 1e-6  # of float32
                    bar = np.float32(left - slope * mu_left - rounding)
                    hits, row = ends_above(sweep, desk, short, long, slope, bar)
                    if hits > 0:
                        if not alone:
                            cleared = False
                            break
                        best = search(sweep, desk, short, long, bar, row, circle, best)
                    if mu_left <= mu_floor:
                        break
                    mu_right = mu_left
                    right = left
                if not cleared:
                    break
            if cleared:
                circle = upto
            else:
                width = max(1, width // 3)
        take_up(mu, expect, member, step[reached], step[last])
    return best


class Answers(NamedTuple):
    """Where results go: one of each replica, or of each centre of the data as they are."""

    value: Floats  # largest log ratio; on entry what must be beaten, for the data as they are
    where: NDArray[np.int64]  # (.., 3) int64, circle, start and end of the best window
    wanted: NDArray[np.bool_]  # centres that are looked at, for the data as they are


@kernel
def run_replicas(
    seeds: NDArray[np.uint64],
    draw: Draw,
    sweep: Sweep,
    desk: Desk,
    prefix: Ints,
    bins: Ints,
    answers: Answers,
) -> None:
    """Largest log ratio of each replica; with seed 0, of each centre of the data as they are."""
    value, where = answers.value, answers.where
    centres = sweep.centre.shape[0] - 1
    for r in range(seeds.shape[0]):
        observed = seeds[r] == 0
        for v in range(prefix.shape[0]):
            for i in range(prefix.shape[1]):
                prefix[v, i] = 0
        if observed or draw.cases == 0:
            for i in range(bins.shape[0]):
                bins[i] = draw.bins[i]
            if not observed:
                shuffle_bins(bins, draw.strata, seeds[r])
            tabulate(prefix, bins, draw)
        else:
            throw(prefix, draw, seeds[r])
        for v in range(prefix.shape[0]):
            run = np.int32(0)
            for i in range(prefix.shape[1]):
                run += prefix[v, i]
                prefix[v, i] = run
        best = 0.0
        for whole in range(1 if observed else 0, 2):  # the smallest circles first raise the bound
            for i in range(centres):
                if observed and not answers.wanted[i]:
                    continue
                if observed or (whole == 0 and i == 0):
                    best = value[i] if observed else 0.0
                    desk.where[0] = -1
                    desk.level[0] = -1.0
                upto = sweep.centre[i + 1] if whole == 1 else sweep.centre[i] + 1
                best = scan_groups(prefix, sweep, desk, sweep.centre[i], upto, best)
                if observed:
                    value[i] = best
                    for k in range(3):
                        where[i, k] = desk.where[k] if desk.where[0] >= 0 else -1
        if not observed:
            value[r] = best


class Listed(NamedTuple):
    """Windows that are listed already, and which circles share a venue with them."""

    taken: Ints  # (clusters, 2) int32, start and end columns
    shares: NDArray[np.bool_]  # (clusters, circles) bool


def nothing_listed(circles: int) -> Listed:
    """Where every window is free."""
    return Listed(np.zeros((0, 2), np.int32), np.zeros((0, circles), np.bool_))


def sweep_replicas(
    seeds: NDArray[np.uint64], draw: Draw, sweep: Sweep, answers: Answers, listed: Listed
) -> None:
    """Largest log ratio of each replica; with seed 0, of each centre of the data as they are.

    A replica that has a seed deals the bins anew within strata or, where `draw.cases` is not 0,
    throws its cases on cells. The scratch space is laid out here: allocating and slicing inside
    the kernel would take seconds to compile.
    """
    n = sweep.expect.shape[1]
    nodes = sweep.mu_node.shape[0]
    rows = np.full((3, sweep.pad + n), np.inf, np.float32)
    desk = Desk(
        np.zeros(n, np.int32),
        np.zeros(n),
        rows[0],
        rows[1],
        rows[2],
        np.zeros(nodes),
        np.zeros(nodes),
        np.zeros(3),
        np.zeros(3, np.int64),
        listed.taken,
        listed.shares,
    )
    prefix = np.zeros(sweep.expect.shape, np.int32)
    run_replicas(seeds, draw, sweep, desk, prefix, np.empty_like(draw.bins), answers)

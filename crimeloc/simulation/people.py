"""What an upload shows of its uploader: handle, device, title."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.simulation._clock import Clock, Ints, Streams
from crimeloc.simulation.uploads import Log

__all__ = ["devices", "handles", "qualities", "titles"]

_SYLLABLES = (
    "mo",
    "rae",
    "da",
    "pa",
    "do",
    "so",
    "ra",
    "gal",
    "mae",
    "gi",
    "na",
    "ru",
    "dol",
    "byeol",
    "an",
    "gae",
    "tteul",
    "bae",
    "kong",
    "jo",
    "yak",
    "mul",
    "bit",
    "sae",
    "dal",
    "nun",
    "ba",
)
_STYLES = ("{} {}", "[{}] {}", "{}_{}", "{} - {}편", "★{} {}★", "{}({})", "new {} {}", "{} vol.{}")
_NOUNS = (
    "바다",
    "자료",
    "모음",
    "영상",
    "새벽",
    "정리",
    "여름",
    "파도",
    "비밀",
    "기록",
    "특집",
    "원본",
    "재업",
    "무제",
    "요청",
    "선물",
    "연습",
    "시리즈",
    "합본",
    "주말",
)


def handles(
    streams: Streams, clock: Clock, log: Log, n_offenders: int, n_people: int, shared: float
) -> tuple[pd.Series, NDArray[np.bool_]]:
    """Under which name was it uploaded, and do several people use that name?

    An offender has one to three names, one after the other with relapses; a share of all people
    (and at least one offender) uses a name now and then that belongs to several.
    """
    rng = streams.stream("handles")
    owned = np.where(np.arange(n_people) < n_offenders, 1 + rng.integers(0, 3, n_people), 1)
    owned[:n_offenders] = np.where(rng.random(n_offenders) < 0.4, 1, owned[:n_offenders])
    phase = (log.t / clock.end_s * owned[log.who]).astype(np.int64)
    relapse = rng.integers(0, owned[log.who])
    own = np.where(rng.random(len(log.t)) < 0.88, phase, relapse)
    first = np.concatenate([[0], np.cumsum(owned)])
    name = first[log.who] + own
    group = _sharers(rng, n_offenders, n_people, shared)
    lent = (group[log.who] >= 0) & (rng.random(len(log.t)) < 0.3)
    name[lent] = first[-1] + group[log.who[lent]]
    words = _names(rng, int(first[-1]) + int(group.max(initial=-1)) + 1)
    return pd.Series(words[name], dtype="str"), lent


def _sharers(rng: np.random.Generator, n_offenders: int, n_people: int, shared: float) -> Ints:
    group = np.full(n_people, -1, dtype=np.int64)
    count = min(max(round(shared * n_people), 2 if shared > 0 else 0), n_people)
    some = rng.permutation(n_people)[:count]
    if count and n_offenders and not (some < n_offenders).any():
        some[0] = rng.integers(0, n_offenders)
    group[some] = (
        np.arange(count) // 4
        if count % 4 != 1
        else np.minimum(np.arange(count) // 4, max(count // 4 - 1, 0))
    )
    return group


def _names(rng: np.random.Generator, n: int) -> NDArray[np.object_]:
    syllables = np.array(_SYLLABLES, dtype=object)
    parts = syllables[rng.integers(0, len(_SYLLABLES), (n, 3))]
    number = rng.permutation(n).astype(str).astype(object)
    return np.asarray(parts[:, 0] + parts[:, 1] + parts[:, 2] + number)


def devices(streams: Streams, log: Log, seats: NDArray[np.float64]) -> pd.Series:
    """Which device did the platform see: one's own, a machine of the venue, or none?"""
    rng = streams.stream("devices")
    n = len(log.t)
    chance = rng.random(n)
    own = (chance < 0.45) | (log.venue < 0) & (chance < 0.75)
    machine = (chance < 0.75) & (log.venue >= 0) & ~own
    known = np.where(np.isnan(seats), 60.0, seats)[np.maximum(log.venue, 0)]
    seat = (rng.random(n) * known).astype(np.int64)
    number = np.where(own, log.who, (1 << 24) + np.maximum(log.venue, 0) * 512 + seat)
    unique, inverse = np.unique(number, return_inverse=True)
    salt = int(rng.integers(1, 1 << 40))
    words = np.array(
        [f"dv-{(int(u) * 2_862_933_555_777_941_757 + salt) % 2**48:012x}" for u in unique]
    )
    text = words.astype(object)[inverse]
    text[~(own | machine)] = None
    return pd.Series(text, dtype="str")


def titles(streams: Streams, log: Log, n_offenders: int, n_people: int) -> pd.Series:
    """What was it called? Everybody has a manner of writing, offenders a firmer one."""
    rng = streams.stream("titles")
    n = len(log.t)
    style = rng.integers(0, len(_STYLES), n_people)[log.who]
    noun = rng.integers(0, len(_NOUNS), (n_people, 3))[log.who, rng.integers(0, 3, n)]
    firm = np.where(log.who < n_offenders, 0.85, 0.5)
    loose = rng.random(n) > firm
    style = np.where(loose, rng.integers(0, len(_STYLES), n), style)
    noun = np.where(loose, rng.integers(0, len(_NOUNS), n), noun)
    number = rng.integers(1, 100, n)
    code = (style * len(_NOUNS) + noun) * 100 + number
    unique, inverse = np.unique(code, return_inverse=True)
    words = [
        _STYLES[u // 100 // len(_NOUNS)].format(_NOUNS[u // 100 % len(_NOUNS)], u % 100)
        for u in unique.tolist()
    ]
    text = np.array(words, dtype=object)[inverse]
    text[rng.random(n) < 0.25] = None
    return pd.Series(text, dtype="str")


def qualities(streams: Streams, log: Log) -> pd.Series:
    """How good is the hash, from 0 to 100? A blank frame has next to no features."""
    rng = streams.stream("qualities")
    n = len(log.t)
    quality = np.where(rng.random(n) < 0.04, rng.integers(5, 50, n), rng.integers(60, 101, n))
    blank = (log.generation < 0) & (log.content == 0)
    return pd.Series(np.where(blank, rng.integers(0, 8, n), quality))

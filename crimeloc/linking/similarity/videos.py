"""Which videos show the same scene? Lists of frame hashes, compared frame by frame."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.linking.similarity.hamming import hamming_pairs, parse_hashes
from crimeloc.messages import Hint, Message

__all__ = ["Frames", "read_frames", "video_matches"]


EVERY_PAIR = 100_000
"""Pairs of videos up to which all are compared, also without one near frame: some seconds."""


class Frames(NamedTuple):
    """Frames of one video: bits as words, quality 0 to 100, seconds from the start."""

    words: NDArray[np.uint64]
    quality: NDArray[np.float64]
    seconds: NDArray[np.float64]


def read_frames(lines: pd.Series | list[str]) -> Frames:
    """Which frames does a vPDQ list hold?

    Parameters
    ----------
    lines : list of str
        Lines ``frame,quality,hash,seconds``.

    Returns
    -------
    Frames
        Frame hashes with quality and time.

    Raises
    ------
    ParameterError
        A line has other parts, or a hash is malformed.

    Examples
    --------
    >>> read_frames(["0,100," + "ab" * 32 + ",0.000"]).quality.tolist()
    [100.0]
    """
    parts = [line.strip().split(",") for line in lines if line.strip()]
    for number, part in enumerate(parts):
        if len(part) != 4:
            found = Message(
                "{part:.40} (line {number})", part=repr(",".join(part)), number=number + 1
            )
            raise ParameterError(
                "lines", found=found, expected="frame,quality,hash,seconds", hint="vpdq output"
            )
    try:
        quality = np.array([float(part[1]) for part in parts], np.float64)
        seconds = np.array([float(part[3]) for part in parts], np.float64)
    except ValueError as error:
        raise ParameterError(
            "lines", found=str(error), expected="numbers", hint="vpdq output"
        ) from error
    return Frames(parse_hashes(pd.Series([p[2] for p in parts], dtype="str")), quality, seconds)


def video_matches(
    videos: Mapping[str, Frames],
    *,
    radius: int = 31,
    min_quality: float = 50.0,
    min_bits: float = 2.0,
    blank_after: float = 0.5,
    exhaustive: bool | None = None,
) -> pd.DataFrame:
    """Which videos show the same scene, and how sure is that?

    Parameters
    ----------
    videos : mapping of str to Frames
        Frame hashes by name of the video.
    radius : int
        Bits by which frames may differ and still be called the same.
    min_quality : float
        Frames of poorer quality are left out.
    min_bits : float
        Evidence in bits from which `match` is True.
    blank_after : float
        A frame that is met in more than this share of more than eight videos is common, an intro,
        and counts for nothing.
    exhaustive : bool, optional
        Compare all pairs of videos, also those without one frame within the radius (bars and logos
        move PDQ hashes by 40 to 90 bits). By default while there are at most 20,000 frames and
        100,000 pairs of videos.

    Returns
    -------
    DataFrame
        ``video_1``, ``video_2``, ``share_1``, ``share_2`` (of the frames of each that have a frame
        of the other within the radius), ``n_1``, ``n_2`` (frames that count), ``best`` (mean
        distance of a frame to the nearest frame of the other), ``bits``, ``match``.

    Raises
    ------
    ParameterError
        `blank_after` is not between 0 and 1.

    Notes
    -----
    Evidence is a likelihood ratio of ``best``: for one scene about 60 bits, give or take 25; for
    two scenes what the nearest of that many unrelated hashes is away, 128 - 8 z bits, give or take
    6 (up to 8 for short lists, which are one hash seen several times); at most 12 bits either way,
    because the frames of a video are not independent. Frames with
    nearly no detail (fewer than 16 or more than 240 of 256 bits set, or poor quality) never count:
    blank frames alone match nothing. The numbers for one scene are assumed, not learned. Cost: that
    of `hamming_pairs` on all frames; exhaustive, the square of the frames.

    Examples
    --------
    >>> frames = read_frames([f"{k},100,{k + 1:02x}" + "ab" * 31 + ",0.0" for k in range(9)])
    >>> video_matches({"a": frames, "b": frames})[["video_1", "video_2", "match"]].values.tolist()
    [['a', 'b', True]]
    """
    if not 0 < blank_after <= 1:
        raise ParameterError(
            "blank_after", found=blank_after, expected="0 to 1", hint=Hint(blank_after=0.5)
        )
    names = sorted(videos)
    words = [videos[name].words[_good(videos[name], min_quality)] for name in names]
    of = np.repeat(np.arange(len(names)), [len(part) for part in words])
    every = np.concatenate(words) if words else np.empty((0, 4), np.uint64)
    near = hamming_pairs(every, None, radius)
    left, right = near.left.astype(np.int64), near.right.astype(np.int64)
    other = of[left] != of[right]
    left, right = left[other], right[other]
    common = np.zeros(len(every), bool)
    if len(names) > 8:
        frame = np.concatenate([left, right])
        seen = np.unique(frame * len(names) + of[np.concatenate([right, left])])
        met = np.bincount(seen // len(names), minlength=len(every))
        common = met > blank_after * len(names)
    keep = ~common[left] & ~common[right]
    of_left, of_right = of[left[keep]], of[right[keep]]
    both = np.column_stack([np.minimum(of_left, of_right), np.maximum(of_left, of_right)])
    pairs = {(a, b) for a, b in np.unique(both, axis=0).tolist()}
    n_pairs = len(names) * (len(names) - 1) // 2
    if (len(every) <= 20_000 and n_pairs <= EVERY_PAIR) if exhaustive is None else exhaustive:
        pairs = {(a, b) for a in range(len(names)) for b in range(a + 1, len(names))}
    cuts = np.cumsum(np.bincount(of[~common], minlength=len(names)))[:-1]
    kept = np.split(every[~common], cuts)
    rows = []
    for a, b in sorted(pairs):
        if not len(kept[a]) or not len(kept[b]):
            continue
        one, two = _nearest(kept[a], kept[b])
        best = min(float(one.mean()), float(two.mean()))
        bits = _scene_bits(best, len(kept[a]), len(kept[b]))
        shares = float((one <= radius).mean()), float((two <= radius).mean())
        sizes = len(kept[a]), len(kept[b])
        rows.append((names[a], names[b], *shares, *sizes, best, bits, bits >= min_bits))
    columns = ["video_1", "video_2", "share_1", "share_2", "n_1", "n_2", "best", "bits", "match"]
    return pd.DataFrame(rows, columns=columns)


def _nearest(
    a: NDArray[np.uint64], b: NDArray[np.uint64]
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Distance of each frame to the nearest frame of the other video, for both sides."""
    one = np.full(len(a), 999, np.int16)
    two = np.full(len(b), 999, np.int16)
    step = max(1, 2_000_000 // len(b))
    for begin in range(0, len(a), step):
        some = a[begin : begin + step]
        distance = np.zeros((len(some), len(b)), np.int16)
        for word in range(a.shape[1]):
            distance += np.bitwise_count(some[:, word, None] ^ b[None, :, word])
        one[begin : begin + step] = distance.min(axis=1)
        np.minimum(two, distance.min(axis=0), out=two)
    return one, two


def _scene_bits(best: float, n_1: int, n_2: int) -> float:
    """How much more likely is this nearest distance for one scene than for two, in bits?"""
    chances = max(min(n_1, n_2) / 10.0, 1.0)  # neighbouring frames are nearly the same
    apart = 128.0 - 8.0 * math.sqrt(2.0 * math.log(max(chances, 1.0)))
    one = -0.5 * ((min(best, 128.0) - 60.0) / 25.0) ** 2 * (best > 60.0) - math.log(25.0)
    wide = 6.0 + 2.0 / chances
    two = -0.5 * ((min(best, apart) - apart) / wide) ** 2 - math.log(wide)
    return float(np.clip((one - two) / math.log(2.0), -12.0, 12.0))


def _good(frames: Frames, min_quality: float) -> NDArray[np.bool_]:
    ones = np.bitwise_count(frames.words).sum(axis=1)
    return np.asarray((frames.quality >= min_quality) & (ones >= 16) & (ones <= 240))

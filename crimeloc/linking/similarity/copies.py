"""Which uploads carry near the same content? By hashes of fixed length and by lists of frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.linking.log_arrays import Ints, Log, hash_texts, quality_of, read_content
from crimeloc.linking.similarity.hamming import hamming_pairs
from crimeloc.linking.similarity.videos import Frames, read_frames, video_matches
from crimeloc.messages import Hint, Message

SCENE_BITS = 8.0
"""Evidence from which two videos are copies here: among many videos some pair looks alike."""

SCENE_FRAMES = 30
"""Shorter lists count as copies by a frame within the radius only: they look alike by chance."""


CROWD = 20
"""Content in so many times more altered forms than accounts may carry it is common as well."""


@dataclass
class Copies:
    """Pairs of uploads (earlier, later) of near the same content, without common content."""

    pairs: tuple[Ints, Ints]
    common: pd.DataFrame  # content_hash, n_accounts, n_events: content that says nothing
    n_common: int
    log: Log  # with `content` not -1 wherever any hash or frame list is known


def all_copies(
    table: pd.DataFrame,
    log: Log,
    *,
    radius: int,
    min_quality: float,
    max_accounts_per_hash: int,
    hashes: Mapping[str, int] | None = None,
    frames: str | None = None,
) -> Copies:
    """Near copies by `content_hash`, by each further column of hashes, and by lists of frames.

    An upload pair counts once, however many columns show it: hashes of one file are no
    independent witnesses.
    """
    if not hasattr(hashes or {}, "items"):
        found, expected = repr(hashes), "a mapping from column to radius in bits"
        raise ParameterError(
            "hashes", found=found, expected=expected, hint=Hint(hashes={"tmk_hash": 40})
        )
    given = table.get("content_hash", pd.Series(dtype="str"))
    parts = [_by_hash(log, log.content, log.words, radius, max_accounts_per_hash, given)]
    known = log.content >= 0
    for name, reach in (hashes or {}).items():
        _check(table, name, "hashes", 'hashes={"tmk_hash": 40}')
        content, words = read_content(
            table.iloc[log.row],
            min_quality,
            log.notes,
            column=name,
            quality=quality_of(name),
            radius=reach,
        )
        parts.append(_by_hash(log, content, words, reach, max_accounts_per_hash, table[name]))
        known = known | (content >= 0)
    if frames is not None:
        _check(table, frames, "frames", 'frames="vpdq"')
        content, videos = _videos(table[frames].iloc[log.row], frames)
        parts.append(_by_frames(log, content, videos, min_quality, max_accounts_per_hash))
        known = known | (content >= 0)
    pairs = np.unique(np.concatenate([part[0] for part in parts]), axis=0)
    common = pd.concat([part[1] for part in parts], ignore_index=True)
    seen = replace(log, content=np.where(known, np.maximum(log.content, 0), -1))
    return Copies((pairs[:, 0], pairs[:, 1]), common, sum(part[2] for part in parts), seen)


_Part = tuple[NDArray[np.int64], pd.DataFrame, int]


def _check(table: pd.DataFrame, name: str, argument: str, hint: str) -> None:
    if name not in table.columns:
        raise ParameterError(
            argument, found=repr(name), expected="a column of the table", hint=hint
        )


def _by_hash(
    log: Log,
    content: Ints,
    words: NDArray[np.uint64],
    radius: int,
    max_accounts_per_hash: int,
    given: pd.Series,
) -> _Part:
    near = hamming_pairs(words, None, radius)
    left, right = near.left.astype(np.int64), near.right.astype(np.int64)
    pairs, common, events, around = _spread(
        log, content, len(words), left, right, max_accounts_per_hash
    )
    text = hash_texts(words, common[:1000], given)
    return pairs, _table(text, common[:1000], events, around), len(common)


def _by_frames(
    log: Log, content: Ints, videos: list[Frames], min_quality: float, max_accounts_per_hash: int
) -> _Part:
    names = {f"{k:09d}": video for k, video in enumerate(videos)}
    found = video_matches(names, min_quality=min_quality, min_bits=SCENE_BITS)
    short = found[["n_1", "n_2"]].min(axis=1) < SCENE_FRAMES
    found = found[found["match"] & ~(short & (found["share_1"] == 0))]
    left = found["video_1"].to_numpy(dtype=np.int64)
    right = found["video_2"].to_numpy(dtype=np.int64)
    pairs, common, events, around = _spread(
        log, content, len(videos), left, right, max_accounts_per_hash
    )
    text = [f"{len(videos[k].words)} frames" for k in common[:1000]]
    return pairs, _table(text, common[:1000], events, around), len(common)


def _spread(
    log: Log, content: Ints, size_of: int, left: Ints, right: Ints, max_accounts_per_hash: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """From near contents to pairs of uploads; and which contents are common.

    Content that more than `max_accounts_per_hash` accounts carry, all near one, is a blank frame
    or a shared intro and says little. For each content and account the first upload speaks.
    """
    rows = np.flatnonzero(content >= 0)
    owner = np.where(log.account >= 0, log.account, len(log.accounts) + np.arange(len(log)))
    base = int(owner.max()) + 1 if len(owner) else 1
    _, first = np.unique(content[rows] * base + owner[rows], return_index=True)
    rows = rows[first]  # by content, then account; the earliest upload of each
    size = np.bincount(content[rows], minlength=size_of)
    events = np.bincount(content[content >= 0], minlength=size_of)
    around, common = carriers(
        content[rows], owner[rows], size_of, left, right, max_accounts_per_hash
    )
    keep = ~common[left] & ~common[right]
    one = np.concatenate([np.arange(len(size)), left[keep]]).astype(np.int64)
    two = np.concatenate([np.arange(len(size)), right[keep]]).astype(np.int64)
    busy = ~common[one] & (size[one] > 0) & (size[two] > 0)
    a, b = _products(one[busy], two[busy], size)
    a, b = rows[a], rows[b]
    good = owner[a] != owner[b]
    a, b = a[good], b[good]
    low, high = np.minimum(a, b), np.maximum(a, b)  # uploads stand in the order of time
    pairs = np.unique(np.column_stack([low, high]).reshape(-1, 2), axis=0).astype(np.int64)
    at = np.flatnonzero(common & (events > 0))
    return pairs, at[np.argsort(-around[at], kind="stable")], events, around


def carriers(
    content: Ints, owner: Ints, size_of: int, left: Ints, right: Ints, after: int
) -> tuple[Ints, NDArray[np.bool_]]:
    """How many accounts carry something near each content, each account once; and is that common?

    `content` and `owner` are the different pairs of content and account, `left` and `right` near
    contents. Common is what more than `after` accounts carry; and, so that the work stays within
    bounds, what one account or few carry in more than `CROWD` times as many altered forms.
    """
    from scipy import sparse

    size = np.bincount(content, minlength=size_of)
    around = size.copy()
    np.add.at(around, left, size[right])
    np.add.at(around, right, size[left])
    crowd = around > CROWD * after
    doubt = np.flatnonzero(around > after)
    one = np.concatenate([left, right, np.arange(size_of)])
    two = np.concatenate([right, left, np.arange(size_of)])
    kept = around[one] > after
    near = sparse.csr_array(
        (np.ones(int(kept.sum()), np.int32), (one[kept], two[kept])), shape=(size_of, size_of)
    )
    width = int(owner.max()) + 1 if len(owner) else 1
    of = sparse.csr_array((np.ones(len(owner), np.int32), (content, owner)), shape=(size_of, width))
    for begin in range(0, len(doubt), 500):
        some = doubt[begin : begin + 500]
        around[some] = np.diff((near[some] @ of).indptr)
    return around, (around > after) | crowd


def _products(one: Ints, two: Ints, size: Ints) -> tuple[Ints, Ints]:
    """Positions of all pairs of members of group one[k] and group two[k]."""
    start = np.concatenate([[0], np.cumsum(size)])
    n = size[one] * size[two]
    k = np.repeat(np.arange(len(one)), n)
    inner = np.arange(len(k)) - np.repeat(np.concatenate([[0], np.cumsum(n)])[:-1], n)
    return start[one[k]] + inner // size[two[k]], start[two[k]] + inner % size[two[k]]


def _table(text: list[str], at: Ints, events: Ints, around: Ints) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "content_hash": pd.Series(text, dtype="str"),
            "n_accounts": around[at].astype(np.int64),
            "n_events": events[at].astype(np.int64),
        }
    )


def _videos(column: pd.Series, name: str) -> tuple[Ints, list[Frames]]:
    """Number the different frame lists; -1 where there is none."""
    content = np.full(len(column), -1, np.int64)
    number: dict[str, int] = {}
    videos: list[Frames] = []
    for row, cell in enumerate(column.tolist()):
        lines = cell if isinstance(cell, (list, tuple, np.ndarray)) else None
        if isinstance(cell, str):
            lines = cell.replace(";", "\n").split("\n")
        if lines is None:
            if cell is None or pd.isna(cell):
                continue
            expected = "lines 'frame,quality,hash,seconds', as a list or one text"
            raise ParameterError(
                name,
                found=Message("{cell:.40} (row {row})", cell=repr(cell), row=row + 1),
                expected=expected,
                hint=Hint(frames="vpdq"),
            )
        text = "\n".join(str(line).strip() for line in lines)
        if not text.strip():
            continue
        if text not in number:
            number[text] = len(videos)
            videos.append(read_frames(text.split("\n")))
        content[row] = number[text]
    return content, videos

"""Keep an index of leases in a file, and take it back without trusting it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from crimeloc.errors import FileError
from crimeloc.saving import whole_file
from crimeloc.tables import LEASES, validate

__all__ = ["read_index", "write_index"]

VERSION = 2
_KINDS = {
    "v4_start": np.uint32,
    "v4_table": np.int32,
    "v4_node": np.int32,
    "v6_high": np.uint64,
    "v6_low": np.uint64,
    "v6_node": np.int32,
    "tree": np.int32,
    "blocks": np.int32,
    "spans": np.int64,
    "row": np.int32,
}
_WIDE = {"tree": 4, "blocks": 4, "spans": 3}
Arrays = dict[str, NDArray[Any]]


def write_index(arrays: Arrays, table: pd.DataFrame, target: Path) -> Path:
    """Write the arrays of an index and its leases into one file.

    Parameters
    ----------
    arrays : dict
        Name to array.
    table : DataFrame
        The leases, with all their columns.
    target : Path
        The file.

    Returns
    -------
    Path
        The file.
    """
    kept = pa.Table.from_pandas(table, preserve_index=False)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, kept.schema) as writer:
        writer.write_table(kept)
    leases: Any = np.frombuffer(sink.getvalue(), dtype=np.uint8)
    every: dict[str, Any] = {**arrays, "leases": leases, "version": np.array(VERSION)}
    with whole_file(target) as part, open(part, "wb") as handle:
        np.savez_compressed(handle, **every)
        handle.flush()
    return target


def read_index(target: Path) -> tuple[Arrays, pd.DataFrame]:
    """Read the arrays of an index and its leases.

    Parameters
    ----------
    target : Path
        The file.

    Returns
    -------
    arrays : dict
        Name to array.
    table : DataFrame
        The leases.

    Raises
    ------
    FileError
        The file is no index, is damaged, or its arrays point beyond each other: the compiled
        look-up does not check that again.
    """
    try:
        with open(target, "rb") as handle, np.load(handle, allow_pickle=False) as stored:
            if int(stored["version"]) != VERSION:
                raise ValueError("an older form")
            arrays = {name: stored[name] for name in _KINDS}
            with pa.ipc.open_stream(stored["leases"].tobytes()) as reader:
                kept = reader.read_all()
        kept.validate(full=True)
        table = pd.DataFrame(kept.to_pandas())
        validate(table, LEASES)
        if not _sound(arrays, len(table)):
            raise ValueError("arrays that do not fit together")
    except FileNotFoundError as error:
        raise FileError(
            target, found="no such file", expected="an index", hint="check the name"
        ) from error
    except Exception as error:  # a damaged archive fails in many ways
        raise FileError(
            target.name,
            found="no index of leases",
            expected="what LeaseIndex.save wrote",
            hint="LeaseIndex.build(leases).save(path)",
        ) from error
    return arrays, table


def _sound(arrays: Arrays, rows: int) -> bool:
    """Do all places that the arrays name exist?"""
    for name, kind in _KINDS.items():
        wide = (_WIDE[name],) if name in _WIDE else ()
        if arrays[name].dtype != kind or arrays[name].shape[1:] != wide:
            return False
        order = np.asfortranarray if name == "spans" else np.ascontiguousarray
        arrays[name] = order(arrays[name])
    tree, blocks, spans = arrays["tree"], arrays["blocks"], arrays["spans"]
    nodes = len(tree) - 1
    if nodes < 0 or len(blocks) < 1 or len(arrays["row"]) != len(spans):
        return False
    above = tree[:-1, 0]  # a network stands behind the larger ones around it: no circle
    return (
        len(arrays["v4_start"]) == len(arrays["v4_node"])
        and len(arrays["v6_high"]) == len(arrays["v6_low"]) == len(arrays["v6_node"])
        and len(arrays["v4_table"]) == (1 << 16) + 1
        and _climbs(arrays["v4_table"], len(arrays["v4_start"]))
        and _climbs(tree[:, 1], len(blocks) - 1)
        and _climbs(blocks[:, 3], len(spans))
        and bool((tree[:, 3] == blocks[tree[:, 1], 3]).all())
        and bool(((above >= -1) & (above < np.arange(nodes))).all())
        and all(_within(arrays[name], nodes) for name in ("v4_node", "v6_node"))
        and _within(arrays["row"], rows)
        and bool((arrays["row"] >= 0).all())
    )


def _climbs(places: NDArray[Any], end: int) -> bool:
    return bool(places[0] == 0 and places[-1] == end and (np.diff(places) >= 0).all())


def _within(places: NDArray[Any], end: int) -> bool:
    return bool(((places >= -1) & (places < end)).all())

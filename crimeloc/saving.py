"""Files that are whole or not there, and a form for results that needs no pickle.

A file is written beside its place under a name of its own, brought to the disk, and put in its
place in one step. Whoever looks sees the old file or the new one, whatever happens in between.

A bundle is a zip archive of plain parts (arrays, tables, JSON) with a manifest that names each
part, its kind and its SHA-256. Nothing in it is executed when it is read, parts are stored without
compression so that a small file cannot grow, and a part that was changed is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import FileError
from crimeloc.messages import Message
from crimeloc.provenance import VERSION

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Part", "read_bundle", "whole_file", "write_bundle"]

Part = Any
"""An array of numbers, a DataFrame, a GeoDataFrame, or what JSON can say."""

FORMAT = "crimeloc bundle 1"
MANIFEST = "manifest.json"
MOST_PARTS = 10_000
"""Parts of one bundle; more is no bundle of ours."""


@contextlib.contextmanager
def whole_file(target: str | Path, *, private: bool = False) -> Iterator[Path]:
    """Write a file so that it is whole or not there.

    Parameters
    ----------
    target : str or Path
        Where the file goes; its folder must exist.
    private : bool
        The file holds raw identifiers: only its owner may read it (mode 0600). Else it gets the
        rights that new files get.

    Yields
    ------
    Path
        The name to write to, in the same folder and with the same ending. When the block ends,
        the file is brought to the disk and put in place of `target`; when the block fails, it is
        removed and `target` stays as it was.

    Raises
    ------
    FileError
        The folder does not exist or may not be written to, or the disk is full.

    Notes
    -----
    The new name and the content reach the disk in that order: the content is flushed (fsync)
    before the name changes, and the folder after. On Windows a folder cannot be flushed; there
    the file system's own journal keeps the order.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> with whole_file(folder / "list.txt") as path:
    ...     _ = path.write_text("V-1")
    >>> (folder / "list.txt").read_text(), len(list(folder.iterdir()))
    ('V-1', 1)
    """
    place = Path(target)
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{place.stem[:40]}.", suffix=f".part{place.suffix[:20]}", dir=place.parent
        )
    except OSError as error:
        raise _unwritable(place, error) from error
    os.close(handle)
    part = Path(name)
    try:
        yield part
        _flush(part)
        if not private:
            part.chmod(0o666 & ~_umask())
        part.replace(place)
        _flush_folder(place.parent)
    except OSError as error:
        raise _unwritable(place, error) from error
    finally:
        part.unlink(missing_ok=True)


def write_bundle(
    target: str | Path, kind: str, parts: Mapping[str, Part], *, private: bool = False
) -> Path:
    """Save the parts of a result in one file.

    Parameters
    ----------
    target : str or Path
        The file.
    kind : str
        What it is, such as ``"ranker"``; `read_bundle` asks for the same.
    parts : mapping
        Name to array (numbers or booleans), DataFrame, GeoDataFrame, or what JSON can say.
    private : bool
        As in `whole_file`.

    Returns
    -------
    Path
        The file. The same parts give the same bytes.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp()) / "found.crl"
    >>> parts = {"share": np.array([0.5, 0.5]), "settings": {"window": "4h"}}
    >>> _ = write_bundle(path, "example", parts)
    >>> read_bundle(path, "example")["settings"]
    {'window': '4h'}
    """
    place = Path(target)
    stored = {name: _pack(part) for name, part in parts.items()}
    manifest = {
        "format": FORMAT,
        "kind": kind,
        "crimeloc": VERSION,
        "parts": {
            name: {"as": form, "sha256": hashlib.sha256(data).hexdigest()}
            for name, (form, data) in stored.items()
        },
    }
    text = json.dumps(manifest, sort_keys=True, ensure_ascii=False, indent=1).encode()
    with whole_file(place, private=private) as path, zipfile.ZipFile(path, "w") as archive:
        for name, data in [(MANIFEST, text), *((key, data) for key, (_, data) in stored.items())]:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return place


def read_bundle(source: str | Path, kind: str) -> dict[str, Part]:
    """Take the parts of a saved result back.

    Parameters
    ----------
    source : str or Path
        A file that `write_bundle` made.
    kind : str
        What it must be.

    Returns
    -------
    dict
        Name to part, as it was given.

    Raises
    ------
    FileError
        No such file, no bundle, one of another kind or form, or a part that is missing or damaged.
    """
    place = Path(source)
    try:
        with zipfile.ZipFile(place) as archive:
            manifest = json.loads(archive.read(_stored(archive, MANIFEST)))
            if manifest["format"] != FORMAT:
                raise ValueError("another form")
            if manifest["kind"] != kind:
                raise _OtherKindError(str(manifest["kind"]))
            if len(manifest["parts"]) > MOST_PARTS:
                raise ValueError("too many parts")
            parts = {}
            for name, entry in manifest["parts"].items():
                data = archive.read(_stored(archive, name))
                if hashlib.sha256(data).hexdigest() != entry["sha256"]:
                    raise ValueError(f"part {name} was changed")
                parts[name] = _unpack(entry["as"], data)
    except FileNotFoundError as error:
        raise FileError(
            place,
            found="no such file",
            expected=Message("a saved {kind}", kind=kind),
            hint="check the name",
        ) from error
    except _OtherKindError as error:
        raise FileError(
            place,
            found=Message("a saved {kind}", kind=str(error)),
            expected=Message("a saved {kind}", kind=kind),
            hint="load it with the class that saved it",
        ) from None
    except Exception as error:  # a damaged archive fails in many ways
        raise FileError(
            place,
            found="no bundle, or a damaged one",
            expected=Message("a saved {kind}", kind=kind),
            hint="save it again",
        ) from error
    return parts


class _OtherKindError(Exception):
    """A bundle of another kind."""


def _stored(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """Give the entry of a part; one that would unpack into more than it is, is refused."""
    entry = archive.getinfo(name)
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError("a packed part")
    return entry


def _pack(part: Part) -> tuple[str, bytes]:
    if isinstance(part, np.ndarray):
        if part.dtype.kind not in "biufmMSU":
            raise TypeError(f"an array of {part.dtype} cannot be saved; give a DataFrame")
        sink = io.BytesIO()
        np.save(sink, part, allow_pickle=False)
        return "array", sink.getvalue()
    if isinstance(part, pd.DataFrame):
        return "table", _table_bytes(part)
    return "json", json.dumps(part, sort_keys=True, ensure_ascii=False, allow_nan=True).encode()


def _unpack(form: str, data: bytes) -> Part:
    if form == "array":
        array: NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
        return array
    if form == "table":
        return _table_of(data)
    if form == "json":
        return json.loads(data)
    raise ValueError(f"a part of kind {form}")


def _table_bytes(table: pd.DataFrame) -> bytes:
    """Write a table as an Arrow stream; geometry as WKB beside the name of its CRS."""
    import geopandas as gpd
    import pyarrow as pa

    geometry = {}
    if isinstance(table, gpd.GeoDataFrame):
        places = {name: table[name] for name, kind in table.dtypes.items() if kind == "geometry"}
        geometry = {str(name): str(column.crs) for name, column in places.items()}
        table = pd.DataFrame(table).assign(
            **{
                str(name): pd.Series(column.to_wkb(), index=table.index, dtype=object)
                for name, column in places.items()
            }
        )
    held: pa.Table = pa.Table.from_pandas(table)
    kept = {**(held.schema.metadata or {}), b"geometry": json.dumps(geometry).encode()}
    held = held.replace_schema_metadata(kept)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, held.schema) as writer:
        writer.write_table(held)
    return sink.getvalue()


def _table_of(data: bytes) -> pd.DataFrame:
    import geopandas as gpd
    import pyarrow as pa

    with pa.ipc.open_stream(data) as reader:
        held = reader.read_all()
    held.validate(full=True)
    geometry = json.loads((held.schema.metadata or {}).get(b"geometry", b"{}"))
    table = pd.DataFrame(held.to_pandas())
    for name, crs in geometry.items():
        table[name] = gpd.GeoSeries.from_wkb(table[name], crs=None if crs == "None" else crs)
    if geometry:
        active = "geometry" if "geometry" in geometry else next(iter(geometry))
        table = gpd.GeoDataFrame(table, geometry=active)
    return table


def _flush(path: Path) -> None:
    with open(path, "rb+") as handle:
        os.fsync(handle.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _unwritable(place: Path, error: OSError) -> FileError:
    return FileError(
        place,
        found=error.strerror or "a file that cannot be written",
        expected="a folder with room that may be written to",
        hint="choose another folder, or make room",
    )

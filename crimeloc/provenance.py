"""What made this result: version, inputs, parameters, moment, seed and counts.

A result that can send officers to a door must be repeatable. Each result carries a
`Provenance`; the briefing prints it.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

__all__ = ["VERSION", "Input", "Provenance", "record", "sha256_file"]

VERSION = "0.1.0"


@dataclass(frozen=True)
class Input:
    """One input file.

    Parameters
    ----------
    name : str
        File name without its folder, so that a briefing names no path.
    sha256 : str
        SHA-256 of the bytes, in hexadecimal.
    n_rows, n_rejected : int or None
        Rows read and rows rejected, where known.
    """

    name: str
    sha256: str
    n_rows: int | None = None
    n_rejected: int | None = None


@dataclass(frozen=True)
class Provenance:
    """What made a result.

    Parameters
    ----------
    method : str
        The function or class that made it.
    parameters : mapping
        The parameters as given, defaults filled in; values are shown with `repr`-like text.
    at : str or None
        The moment of the forecast, ISO 8601, where there is one.
    seed : str or None
        The seed, where there is randomness.
    n_in, n_out : int or None
        Rows that went in and rows that came out.
    inputs : tuple of Input
        The files behind it, where known.
    version : str
        Version of crimeloc.

    Examples
    --------
    >>> made = record("rank", {"window": "4h"}, at="2026-03-01T00:00:00+09:00", n_in=120)
    >>> print(made)  # doctest: +ELLIPSIS
    method: rank
    crimeloc: ...
    at: 2026-03-01T00:00:00+09:00
    rows in: 120
    parameters: window=4h
    """

    method: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    at: str | None = None
    seed: str | None = None
    n_in: int | None = None
    n_out: int | None = None
    inputs: tuple[Input, ...] = ()
    version: str = VERSION

    def with_inputs(self, inputs: Iterable[Input]) -> Provenance:
        """Give the same record with the files behind it added."""
        return replace(self, inputs=(*self.inputs, *inputs))

    def to_dict(self) -> dict[str, object]:
        """Give plain values, ready for JSON.

        Returns
        -------
        dict
            Keys ``method``, ``version``, ``at``, ``seed``, ``n_in``, ``n_out``,
            ``parameters``, ``inputs``.
        """
        return {
            "method": self.method,
            "version": self.version,
            "at": self.at,
            "seed": self.seed,
            "n_in": self.n_in,
            "n_out": self.n_out,
            "parameters": dict(self.parameters),
            "inputs": [vars(item).copy() for item in self.inputs],
        }

    def to_json(self) -> str:
        """Give JSON with sorted keys, the same text for the same result."""
        return json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True)

    def lines(self) -> list[tuple[str, str]]:
        """Give the record as pairs of a word and a text, for printing."""
        pairs = [("method", self.method), ("crimeloc", self.version)]
        if self.at is not None:
            pairs.append(("at", self.at))
        if self.seed is not None:
            pairs.append(("seed", self.seed))
        if self.n_in is not None:
            pairs.append(("rows in", f"{self.n_in:,}"))
        if self.n_out is not None:
            pairs.append(("rows out", f"{self.n_out:,}"))
        if self.parameters:
            text = ", ".join(f"{key}={value}" for key, value in self.parameters.items())
            pairs.append(("parameters", text))
        for item in self.inputs:
            counts = "" if item.n_rows is None else f", {item.n_rows:,} rows"
            if item.n_rejected:
                counts += f", {item.n_rejected:,} rejected"
            pairs.append((f"input {item.name}", f"SHA-256 {item.sha256}{counts}"))
        return pairs

    def __str__(self) -> str:
        return "\n".join(f"{word}: {text}" for word, text in self.lines())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(word)}</th>"
            f"<td style='text-align:left'>{html.escape(text)}</td></tr>"
            for word, text in self.lines()
        )
        return f"<table>{rows}</table>"


def record(
    method: str,
    parameters: Mapping[str, object] | None = None,
    *,
    at: object = None,
    seed: object = None,
    n_in: int | None = None,
    n_out: int | None = None,
    inputs: Iterable[Input] = (),
) -> Provenance:
    """Note what made a result.

    Parameters
    ----------
    method : str
        The function or class.
    parameters : mapping, optional
        Parameters with their values; long values are kept as their type and size.
    at, seed : object, optional
        The moment of the forecast and the seed, kept as text.
    n_in, n_out : int, optional
        Rows in and out.
    inputs : iterable of Input, optional
        The files behind it.

    Returns
    -------
    Provenance
        The record.

    Examples
    --------
    >>> print(record("knox_test", {"radius_m": 800, "gap": "36h"}, seed=7, n_in=120))
    method: knox_test
    crimeloc: 0.1.0
    seed: 7
    rows in: 120
    parameters: radius_m=800, gap=36h
    """
    return Provenance(
        method=method,
        parameters={key: _short(value) for key, value in (parameters or {}).items()},
        at=None if at is None else str(at),
        seed=None if seed is None else _short(seed),
        n_in=n_in,
        n_out=n_out,
        inputs=tuple(inputs),
    )


def sha256_file(path: str | Path) -> str:
    """Give the SHA-256 of a file's bytes.

    Parameters
    ----------
    path : str or Path
        The file; read in pieces, so its size does not matter.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    OSError
        The file cannot be opened.
    """
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _short(value: object) -> str:
    shape = getattr(value, "shape", None)
    if shape is not None and shape != ():
        return f"{type(value).__name__}{tuple(shape)}"
    text = str(value)
    return text if len(text) <= 200 else f"{type(value).__name__} of {len(text)} characters"

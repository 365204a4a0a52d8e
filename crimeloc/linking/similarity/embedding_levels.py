"""Embeddings of faces, voices or styles as evidence: only with a calibration."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.linking.log_arrays import Floats, Ints
from crimeloc.linking.similarity.embeddings import Calibration, as_matrix, unit
from crimeloc.messages import Message

MOST = 20_000
"""Entities up to which all pairs are looked at for similar embeddings."""


class Similar:
    """Mean similarity of two entities, over all pairs of their uploads, in bits.

    The mean cosine of all pairs is the product of the two mean unit vectors; it lies nearer to the
    middle than a single pair would, so the evidence errs on the careful side.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        row: Ints,
        of: Ints,
        n: int,
        calibrations: Mapping[str, Calibration] | None,
    ) -> None:
        self.notes: list[str] = []
        self._parts: dict[str, tuple[Ints, NDArray[np.float64], Calibration]] = {}
        given = dict(calibrations or {})
        for name in given:
            if name not in table.columns:
                hint = f'calibrations={{"{name}": calibrate_similarity(pairs, labels)}}'
                raise ParameterError(
                    "calibrations", found=repr(name), expected="a column of embeddings", hint=hint
                )
        for name in table.columns:
            if str(name).endswith("_embedding") and name not in given:
                text = f'{name} is not used: calibrations={{"{name}": calibrate_similarity(...)}}'
                self.notes.append(text)
        for name, calibration in given.items():
            known, matrix = _embeddings(table[name].iloc[row], name)
            good = of[known] >= 0
            entity, at = np.unique(of[known[good]], return_inverse=True)
            mean = np.zeros((len(entity), matrix.shape[1]))
            np.add.at(mean, at, matrix[good])
            mean /= np.bincount(at, minlength=len(entity))[:, None]
            place = np.full(n, -1, np.int64)
            place[entity] = np.arange(len(entity))
            self._parts[name] = (place, mean, calibration)

    def bits(self, i: Ints, j: Ints) -> dict[str, Floats]:
        """Evidence of every kind of embedding for these pairs; 0 where one is missing."""
        result = {}
        for name, (place, mean, calibration) in self._parts.items():
            value = np.zeros(len(i))
            both = (place[i] >= 0) & (place[j] >= 0)
            cosine = (mean[place[i[both]]] * mean[place[j[both]]]).sum(axis=1)
            value[both] = calibration.bits(cosine)
            result[name] = value
        return result

    def total(self, i: Ints, j: Ints) -> Floats:
        """Sum of all kinds."""
        return np.asarray(sum(self.bits(i, j).values(), np.zeros(len(i))))

    def candidates(self, least: float = 3.0) -> tuple[Ints, Ints]:
        """Pairs of entities that are similar by at least so many bits."""
        left, right = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for name, (place, mean, calibration) in self._parts.items():
            entities = np.flatnonzero(place >= 0)
            if len(entities) > MOST:
                self.notes.append(
                    f"{name}: {len(entities):,} entities are too many to search; scored only"
                )
                continue
            for begin in range(0, len(entities), 2_000):
                some = entities[begin : begin + 2_000]
                cosine = mean[place[some]] @ mean[place[entities]].T
                a, b = np.nonzero(calibration.bits(cosine) >= least)
                keep = some[a] < entities[b]
                left.append(some[a[keep]])
                right.append(entities[b[keep]])
        return np.concatenate(left), np.concatenate(right)


def _embeddings(column: pd.Series, name: str) -> tuple[Ints, NDArray[np.float64]]:
    """Rows that have an embedding, and the unit vectors."""
    cells = column.to_numpy(dtype=object)
    known = np.array([isinstance(cell, (list, tuple, np.ndarray)) for cell in cells], bool)
    rows = np.flatnonzero(known)
    strange = np.flatnonzero(~known & column.notna().to_numpy(dtype=bool))
    if len(strange):
        found = Message(
            "{cells:.40}, no list of numbers ({n:,} such)",
            cells=repr(cells[strange[0]]),
            n=len(strange),
        )
        hint = f'events["{name}"] = events["{name}"].map(json.loads, na_action="ignore")'
        raise ParameterError(
            name, found=found, expected="lists or arrays of numbers, or nothing", hint=hint
        )
    if not len(rows):
        return rows, np.empty((0, 1))
    sizes = {len(cells[k]) for k in rows}
    if len(sizes) > 1:
        found = Message(
            "embeddings of {dimensions} dimensions", dimensions=", ".join(map(str, sorted(sizes)))
        )
        raise ParameterError(
            name, found=found, expected="one model, one dimension", hint="one column for each model"
        )
    return rows, unit(as_matrix([np.asarray(cells[k], np.float64) for k in rows], name))

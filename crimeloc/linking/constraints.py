"""What people say must, or must not, be linked; recorded with who and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.linking.log_arrays import Ints, Log
from crimeloc.messages import Hint, Message

Constraints = pd.DataFrame | Iterable[tuple[str, ...]] | None
COLUMNS = ["event_id_1", "event_id_2", "who", "why"]


def read_constraints(given: Constraints, name: str) -> pd.DataFrame:
    """Give a table with event_id_1, event_id_2, who, why."""
    hint = Hint(**{name: [("E-1", "E-2", "Sgt. Kim", "same login seen on camera")]})
    if given is None:
        return pd.DataFrame({column: pd.Series(dtype="str") for column in COLUMNS})
    if isinstance(given, pd.DataFrame):
        missing = [column for column in COLUMNS[:2] if column not in given.columns]
        if missing:
            raise ParameterError(
                name,
                found=Message("no column {missing}", missing=repr(missing[0])),
                expected=", ".join(COLUMNS),
                hint=hint,
            )
        table = given.reindex(columns=COLUMNS)
    else:
        rows: list[tuple[object, ...]] = [
            (row,) if isinstance(row, str) else tuple(row) for row in list[Any](given)
        ]
        short = [row for row in rows if not 2 <= len(row) <= 4]
        if short:
            raise ParameterError(
                name, found=repr(short[0]), expected="two events, who, why", hint=hint
            )
        table = pd.DataFrame([(*row, *[None] * (4 - len(row))) for row in rows], columns=COLUMNS)
    if table[COLUMNS[:2]].isna().any().any():
        raise ParameterError(
            name, found="a missing event", expected="two events in every row", hint=hint
        )
    return table.astype("str").reset_index(drop=True)


def as_events(rows: pd.DataFrame, log: Log, name: str) -> tuple[Ints, Ints]:
    """Positions of the events in the log."""
    if not len(rows):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    number = pd.Index(log.event_id, dtype=object)
    sides = []
    for column in COLUMNS[:2]:
        at = number.get_indexer(pd.Index(rows[column].to_numpy(dtype=object), dtype=object))
        if (at < 0).any():
            unknown = rows[column].iloc[int(np.flatnonzero(at < 0)[0])]
            found = Message("{unknown}, an event that is not in the table", unknown=repr(unknown))
            raise ParameterError(
                name, found=found, expected="events of the table", hint=Hint(**{name: None})
            )
        sides.append(at.astype(np.int64))
    return sides[0], sides[1]


def refuse_contradictions(of: Ints, cannot: tuple[Ints, Ints], entities: Ints, log: Log) -> None:
    """Stop where the same events must and cannot be linked."""
    for a, b in zip(*cannot, strict=True):
        if of[entities[a]] == of[entities[b]]:
            found = Message(
                "{event_id} and {event_id2}, which must_link also joins",
                event_id=log.event_id[a],
                event_id2=log.event_id[b],
            )
            raise ParameterError(
                "cannot_link", found=found, expected="no contradiction", hint="drop one of the two"
            )

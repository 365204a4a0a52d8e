"""What is left in a log and still looks like a placeholder."""

from __future__ import annotations

import pandas as pd

from crimeloc.io.notes import Notes

__all__ = ["say_suspects"]

_SHARE = 0.3
_LEAST = 30
_ACCOUNTS = 10


def say_suspects(table: pd.DataFrame, notes: Notes) -> None:
    """Name an account that could be everybody without an account.

    Parameters
    ----------
    table : DataFrame
        Events.
    notes : Notes
        Takes what is worth a look.
    """
    if "handle" not in table.columns or len(table) < _LEAST:
        return
    counts = table["handle"].value_counts()
    if len(counts) < _ACCOUNTS or counts.iloc[0] < max(_LEAST, _SHARE * len(table)):
        return
    word, count = counts.index[0], int(counts.iloc[0])
    if "device" in table.columns:
        known = int(table.loc[table["handle"] == word, "device"].nunique())
        if known and count < 20 * known:
            return
    notes.add(
        "{word} has {n:,} of {total:,} rows, more than all other accounts by far: is it a person, "
        'or a placeholder? columns={{"handle": ""}} takes no accounts',
        word=repr(str(word)[:60]),
        n=count,
        total=len(table),
    )

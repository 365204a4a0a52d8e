"""Why rows were rejected: codes with what they quote, as columns of a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from crimeloc.messages import Message, said

__all__ = ["REASON_COLUMNS", "reason_columns", "reasons_in", "rejected_table"]

REASON_COLUMNS = ("reason", "reason_code", "reason_params")
"""How a reason stands in a table: in English, as a code, and as what the code quotes (JSON)."""


def rejected_table(rows: Sequence[tuple[int, Message, str, str]]) -> pd.DataFrame:
    """Which rows of a file could not be read, and why?

    Parameters
    ----------
    rows : sequence of (int, Message, str, str)
        Row of the file as a person counts, reason, column, and the row as it stood.

    Returns
    -------
    DataFrame
        ``source_row``, ``reason`` (English), ``column``, ``raw``, ``reason_code`` and
        ``reason_params`` (JSON, empty where the reason quotes nothing).
    """
    whys = reason_columns([row[1] for row in rows])
    return pd.DataFrame(
        {
            "source_row": pd.Series([row[0] for row in rows], dtype="int64"),
            "reason": whys["reason"],
            "column": pd.Series([row[2] for row in rows], dtype="str"),
            "raw": pd.Series([row[3] for row in rows], dtype="str"),
            "reason_code": whys["reason_code"],
            "reason_params": whys["reason_params"],
        }
    )


def reason_columns(reasons: Sequence[Message]) -> dict[str, pd.Series]:
    """How do reasons stand in a table?

    Parameters
    ----------
    reasons : sequence of Message
        One reason for each row.

    Returns
    -------
    dict of Series
        ``reason`` (English), ``reason_code`` and ``reason_params``.

    Examples
    --------
    >>> reason_columns([Message("row.fields", count=7, expected=5)])["reason"].tolist()
    ['7 fields; expected 5']
    """
    return {
        "reason": pd.Series(said(reasons), dtype="str"),
        "reason_code": pd.Series([one.code for one in reasons], dtype="str"),
        "reason_params": pd.Series([one.json_params for one in reasons], dtype="str"),
    }


def reasons_in(rejected: pd.DataFrame, lang: str) -> pd.Series:
    """Why were rows rejected, in another language?

    Parameters
    ----------
    rejected : DataFrame
        As readers give it.
    lang : str
        Language of a catalogue, such as ``"ko"``.

    Returns
    -------
    Series
        One sentence per row; where a row has no code, its English ``reason``, marked as such.

    Examples
    --------
    >>> rejected = rejected_table([(3, Message("time.missing"), "", "x,,")])
    >>> reasons_in(rejected, "ko").tolist()
    ['시각 없음']
    """
    if lang == "en":
        return rejected["reason"].astype("str")
    whole = rejected.reindex(columns=REASON_COLUMNS).astype("object")
    messages = [
        Message("left.reason.foreign", text=str(text))
        if pd.isna(code)
        else Message.of(code, params)
        for text, code, params in whole.itertuples(index=False)
    ]
    return pd.Series(said(messages, lang), index=rejected.index, dtype="str")

"""Reasons of rejected rows without what they quote."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from crimeloc.io.reasons import reason_columns
from crimeloc.messages import Message
from crimeloc.report.privacy.pseudonyms import Pseudonyms

__all__ = ["without_quotes"]


def without_quotes(
    table: pd.DataFrame, names: Sequence[str], veil: Pseudonyms | None
) -> pd.DataFrame:
    """Leave out what the readers' reasons quote: a damaged address is an address."""
    result = table.copy()
    if veil is not None:
        result["reason"] = veil.texts(table["reason"])
    if "reason_code" not in table.columns:
        return result
    coded = table["reason_code"].notna().to_numpy()
    pairs = list(zip(table["reason_code"][coded], table["reason_params"][coded], strict=True))
    clean = {pair: _masked(Message.of(*pair), names, veil) for pair in dict.fromkeys(pairs)}
    for name, values in reason_columns([clean[pair] for pair in pairs]).items():
        result.loc[coded, name] = values.to_numpy()
    return result


def _masked(reason: Message, names: Sequence[str], veil: Pseudonyms | None) -> Message:
    """A reason with some of what it quotes left out, and the rest under pseudonyms."""
    params: dict[str, object] = {}
    for name, value in reason.params.items():
        if name in names:
            params[name] = "…"
        else:
            params[name] = veil.scrub(value) if veil and isinstance(value, str) else value
    return Message(reason.code, **params)

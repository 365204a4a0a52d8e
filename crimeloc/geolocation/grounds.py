"""What a location can rest on, and the rows of the result as they come together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["OF_KIND", "WHY", "CandidateRows", "words"]

GIVEN, LEASE, AMBIGUOUS, EDGE = "given", "lease", "ambiguous lease", "lease edge"
NO_REGISTER, NO_LEASE, NOT_THEN = "venue not in register", "no lease", "not leased then"
NO_ADDRESS, UNREADABLE = "no address", "unreadable address"
CITY = "city database"
PRIVATE, SPECIAL = "private address", "special address"

WHY = {
    GIVEN: "the upload itself names the venue",
    NO_REGISTER: "the venue it points to is not in the register",
    NO_LEASE: "no lease has this address",
    NOT_THEN: "the address was leased, but not at that moment or port",
    NO_ADDRESS: "the upload has no address",
    UNREADABLE: "the address cannot be read",
}

OF_KIND = {
    "private": "a private address, used in many networks at once: ask for the public address",
    "shared": "an address behind a carrier's translation: ask for the public address and port",
    "loopback": "an address that a computer has for itself: it tells nothing of the place",
    "unspecified": "an address that stands for none",
    "link-local": "an address that is valid on one cable only: it tells nothing of the place",
    "multicast": "an address of a group of receivers: it tells nothing of the place",
    "reserved": "an address that nobody was given",
}
"""Why an address of a special kind leads nowhere."""


def words(codes: NDArray[np.int8], *texts: str) -> pd.Categorical:
    """Give each row one of a few texts, by its code."""
    return pd.Categorical.from_codes(codes, pd.Index(list(texts), dtype="str"))


@dataclass
class CandidateRows:
    """Rows of the result, piece by piece.

    Parameters
    ----------
    event, venue : list of ndarray of int64
        Positions of events and venues; -1 for no venue.
    weight : list of ndarray of float64
        Weights.
    how, why : list of Categorical
        The kind of ground, and a sentence.
    """

    event: list[NDArray[np.int64]]
    venue: list[NDArray[np.int64]]
    weight: list[NDArray[np.float64]]
    how: list[pd.Categorical]
    why: list[pd.Categorical]

    def add(
        self,
        event: NDArray[np.int64],
        venue: NDArray[np.int64],
        weight: NDArray[np.float64],
        how: str | pd.Categorical,
        why: pd.Categorical | None = None,
    ) -> None:
        """Add rows; a word stands for all of them."""
        if not len(event):
            return
        self.event.append(event)
        self.venue.append(venue)
        self.weight.append(weight)
        zeros = np.zeros(len(event), dtype=np.int8)
        if isinstance(how, str):
            why = why if why is not None else words(zeros, WHY[how])
            how = words(zeros, how)
        assert why is not None
        self.how.append(how)
        self.why.append(why)

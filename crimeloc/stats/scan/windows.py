"""Which windows a scan looks at: circles of which size, for how long."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message

__all__ = ["Windows", "check_windows"]


class Windows(NamedTuple):
    """The windows of a scan, in whole bins.

    Parameters
    ----------
    longest, shortest : int
        Longest and shortest duration.
    last_only : bool
        Only windows that end with the last bin (a prospective scan).
    max_radius, max_share : float
        No circle is wider, or holds more than this share of all events.
    min_events : int
        Events a window must hold.
    distance : {"euclidean", "great_circle"}
        Great-circle distances take degrees and give metres.
    alpha : float
        Down to this p-value every cluster is looked for.
    iterative : bool
        Take out the strongest cluster and scan again, while it is more than chance.
    """

    longest: int
    shortest: int = 1
    last_only: bool = False
    max_radius: float = np.inf
    max_share: float = 0.5
    min_events: int = 2
    distance: str = "euclidean"
    alpha: float = 0.05
    iterative: bool = False


def check_windows(windows: Windows, n_bins: int) -> None:
    """Refuse windows that no period of so many bins can have."""
    shortest, longest, share = windows.shortest, windows.longest, windows.max_share
    if not 1 <= shortest <= longest or shortest > n_bins:
        found = Message(
            "{shortest} to {longest} of {n_bins} bins",
            shortest=shortest,
            longest=longest,
            n_bins=n_bins,
        )
        raise ParameterError(
            "max_duration",
            found=found,
            expected="1 <= shortest <= longest",
            hint=Hint(max_duration="7D"),
        )
    if not 0 < windows.alpha < 1:
        raise ParameterError(
            "alpha",
            found=repr(windows.alpha),
            expected="between 0 and 1",
            hint=Hint(alpha=0.05),
        )
    if not 0 < share <= 1:
        raise ParameterError(
            "max_share", found=repr(share), expected="above 0, at most 1", hint=Hint(max_share=0.5)
        )

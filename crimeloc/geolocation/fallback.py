"""What to do with addresses that no lease has: marks first, then a city database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.addresses import Addresses
from crimeloc.errors import ParameterError
from crimeloc.geolocation.databases import CityDatabase
from crimeloc.geometry import great_circle_m
from crimeloc.messages import Hint
from crimeloc.units import MISSING

__all__ = ["CITY_WEIGHT", "Spread", "proxy_column", "spread_by_city"]

CITY_WEIGHT = 0.67
"""How much of an event a city database may place: MaxMind states 67 % confidence in its radius."""

_PROXY = ("possible_proxy", "possibleProxy", "is_proxy", "proxy")
_YES = ("true", "1", "1.0", "yes", "y", "t", "예", "네")


@dataclass(frozen=True)
class Spread:
    """Events spread over the venues around a point.

    Parameters
    ----------
    event, venue : ndarray of int64
        Positions of event and venue.
    weight : ndarray of float64
        Weight of each pair.
    why : Categorical
        A sentence for each pair.
    """

    event: NDArray[np.int64]
    venue: NDArray[np.int64]
    weight: NDArray[np.float64]
    why: pd.Categorical


def proxy_column(events: pd.DataFrame) -> NDArray[np.bool_]:
    """Which events does the platform itself mark as coming through a proxy?

    Parameters
    ----------
    events : DataFrame
        Events, perhaps with a column such as ``possible_proxy``.

    Returns
    -------
    ndarray of bool
        True where it says so.
    """
    for name in _PROXY:
        if name in events.columns:
            said = events[name].astype("str").str.strip().str.lower().isin(_YES)
            return np.asarray(said.to_numpy(dtype=bool))
    return np.zeros(len(events), dtype=bool)


def spread_by_city(
    city: CityDatabase,
    addresses: Addresses,
    rows: NDArray[np.int64],
    lonlat: NDArray[np.float64],
    attraction: NDArray[np.float64],
    candidates: int,
    moments: tuple[NDArray[np.int64], NDArray[np.int64]],
    business: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Spread:
    """Over which venues does a city database spread these events?

    Parameters
    ----------
    city : CityDatabase
        The database.
    addresses : Addresses
        All addresses.
    rows : ndarray of int64
        Events to spread.
    lonlat : ndarray, shape (venues, 2)
        Where the venues are, in degrees.
    attraction : ndarray of float64
        Size of each venue.
    candidates : int
        At most so many venues for one event, the largest; the rest is elsewhere.
    moments : tuple of ndarray of int64
        First and last moment of each event.
    business : tuple of ndarray of int64
        When each venue opened and closed; `MISSING` where unknown. A venue that was not in business
        at that moment gets nothing: unlike a lease, a city database says nothing for it.

    Returns
    -------
    Spread
        Pairs with weights that sum, per event, to `CITY_WEIGHT` times the part of the attraction
        within the radius that the kept venues have. Events without a venue in the radius are not
        in it.

    Raises
    ------
    ParameterError
        ``candidates`` is below 1.
    """
    if candidates < 1:
        raise ParameterError(
            "city_candidates",
            found=candidates,
            expected="at least 1",
            hint=Hint(city_candidates=50),
        )
    places = city.places(addresses, rows)
    known = np.flatnonzero(~np.isnan(places).any(axis=1))
    event, venue, weight = [], [], []
    sentence, sentences = [], []
    different, codes = np.unique(places[known], axis=0, return_inverse=True)
    for number, (lon, lat, radius) in enumerate(different.tolist()):
        members = rows[known[np.asarray(codes).reshape(-1) == number]]
        near = np.flatnonzero(great_circle_m(lon, lat, lonlat[:, 0], lonlat[:, 1]) <= radius)
        for part, there in _in_business(members, near, moments, business):
            if not len(there):
                continue
            share = CITY_WEIGHT * attraction[there] / attraction[there].sum()
            order = np.argsort(-share, kind="stable")[:candidates]
            chosen, share = there[order], share[order]
            kept = "" if len(chosen) == len(there) else f", the {len(chosen)} largest kept"
            gone = len(near) - len(there)
            other = "" if not gone else f" in business then ({gone} were not)"
            sentences.append(
                f"city database: within {radius / 1000:g} km of {lat:.2f}, {lon:.2f}; "
                f"{len(there)} venues there{other}{kept}"
            )
            event.append(np.repeat(part, len(chosen)))
            venue.append(np.tile(chosen, len(part)))
            weight.append(np.tile(share, len(part)))
            sentence.append(np.full(len(part) * len(chosen), len(sentences) - 1))
    if not event:
        none = np.zeros(0, dtype=np.int64)
        words = pd.Categorical.from_codes(none, pd.Index([], dtype="str"))
        return Spread(none, none, np.zeros(0), words)
    plain, place = np.unique(np.array(sentences, dtype=object), return_inverse=True)
    words = pd.Categorical.from_codes(place[np.concatenate(sentence)], pd.Index(plain, dtype="str"))
    return Spread(np.concatenate(event), np.concatenate(venue), np.concatenate(weight), words)


def _in_business(
    events: NDArray[np.int64],
    venues: NDArray[np.int64],
    moments: tuple[NDArray[np.int64], NDArray[np.int64]],
    business: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Split events by which of the venues were in business at their moment."""
    begin, end = moments[0][events], moments[1][events]
    opened, closed = business[0][venues], business[1][venues]
    edges = np.unique(np.concatenate([opened, closed]))
    spell = np.column_stack([np.searchsorted(edges, t, side="right") for t in (begin, end)])
    _, first, codes = np.unique(spell, axis=0, return_index=True, return_inverse=True)
    codes = np.asarray(codes).reshape(-1)
    for number, place in enumerate(first.tolist()):
        there = (opened == MISSING) | (opened <= end[place])
        there &= (closed == MISSING) | (closed > begin[place])
        yield events[codes == number], venues[there]

"""A made-up city: districts, venues, leases, offenders, other uploaders, and the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.simulation._clock import Clock, Streams
from crimeloc.simulation._truth import TRUTH, hash_texts, ids, roles, truth_table
from crimeloc.simulation.addresses import assign, make_addresses
from crimeloc.simulation.offenders import DEFAULT_HABITS, HABITS, make_offenders
from crimeloc.simulation.people import devices, handles, qualities, titles
from crimeloc.simulation.places import make_places
from crimeloc.simulation.uploads import Log, Spreading, make_background, spread
from crimeloc.tables import ELSEWHERE
from crimeloc.units import generator, zone

__all__ = ["City", "make_city"]


@dataclass(frozen=True, repr=False)
class City:
    """A made-up city whose truth is known.

    Parameters
    ----------
    events : DataFrame
        EVENTS: every upload, as a platform would log it.
    venues : GeoDataFrame
        VENUES: the register, with venues that came and went.
    leases : DataFrame
        LEASES: who held which address, and when.
    districts : GeoDataFrame
        Polygons with ``district_id``, ``name``, ``name_en``.
    truth : DataFrame
        One row per event, in the order of `events`: what nobody in the city knows.
    offenders : DataFrame
        One row per series: habit, routine, anchors (``home_lon``, ``home_lat``, ``work_lon``,
        ``work_lat``, ``later_home_lon``, ``later_home_lat``), ``moved_at``, ``stopped_at``.

    Notes
    -----
    Columns of `truth`: ``event_id``; ``venue_id`` (``"elsewhere"`` when not at a venue);
    ``series_id`` (missing for background); ``uploader_id`` (everybody); ``role`` (offender,
    reposter, background); ``habit`` (offenders); ``visit_id`` (uploads of one sitting);
    ``first_visit`` (an offender's first upload at this venue); ``how`` (the way the address leads
    to the venue); ``n_candidates`` (venues that fit address, port and time as logged);
    ``is_ambiguous`` (more than one); ``handle_shared``; ``content_id``; ``is_original``;
    ``is_common`` (content that everybody carries); ``parent_event_id``; ``generation``;
    ``noise_bits`` (bits that differ from the parent, or from the common hash).

    Examples
    --------
    >>> from crimeloc.simulation import make_city
    >>> city = make_city(rng=7, days=30, n_venues=12, n_offenders=2, n_background=5)
    >>> len(city.truth) == len(city.events), sorted(city.offenders["series_id"])
    (True, ['S-01', 'S-02'])
    """

    events: pd.DataFrame
    venues: gpd.GeoDataFrame
    leases: pd.DataFrame
    districts: gpd.GeoDataFrame
    truth: pd.DataFrame
    offenders: pd.DataFrame

    @property
    def series(self) -> pd.DataFrame:
        """Which events are whose: ``series_id``, ``event_id``, ``timestamp``, ``venue_id``."""
        table = self.truth[["series_id", "event_id", "venue_id"]].copy()
        table.insert(2, "timestamp", self.events["timestamp"])
        known = table[table["series_id"].notna()]
        return known.sort_values(["series_id", "timestamp"], kind="stable", ignore_index=True)

    def located_truth(self, *, offenders_only: bool = False) -> gpd.GeoDataFrame:
        """Where was every upload really?

        Parameters
        ----------
        offenders_only : bool
            Leave the background out.

        Returns
        -------
        GeoDataFrame
            LOCATED with one row per event: weight 1 at the true venue; for uploads from elsewhere
            no venue, no geometry and weight 0. ``series_id`` is the true series.

        Examples
        --------
        >>> city = make_city(rng=1, n_venues=20, n_offenders=3, n_background=10, days=60)
        >>> sorted(city.located_truth(offenders_only=True)["series_id"].unique())
        ['S-01', 'S-02', 'S-03']
        """
        away = self.truth["venue_id"] == ELSEWHERE
        place = self.venues.set_index("venue_id").geometry
        table = self.events.copy()
        table["venue_id"] = self.truth["venue_id"].mask(away)
        table["weight"] = np.where(away, 0.0, 1.0)
        table["how"] = pd.Series(np.where(away, "elsewhere", "truth"), dtype="str")
        table["series_id"] = self.truth["series_id"]
        geometry = place.reindex(table["venue_id"]).to_numpy()
        located = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(geometry, crs="EPSG:4326"))
        if offenders_only:
            located = located[located["series_id"].notna()].reset_index(drop=True)
        return located

    def __str__(self) -> str:
        """Say in a few lines what was made."""
        truth = self.truth
        at_venue = truth["venue_id"] != ELSEWHERE
        unclear = truth["is_ambiguous"].sum() / max(int(at_venue.sum()), 1)
        own = int(truth["series_id"].notna().sum())
        first, last = self.events["timestamp"].min(), self.events["timestamp"].max()
        copies = truth[truth["parent_event_id"].notna()]
        others = truth.loc[truth["series_id"].isna(), "uploader_id"].nunique()
        return (
            f"Made-up city: {len(self.districts)} districts, {len(self.venues)} venues, "
            f"{len(self.leases)} leases\n"
            f"  {len(truth)} uploads, {first:%Y-%m-%d} to {last:%Y-%m-%d} (UTC): {own} by "
            f"{len(self.offenders)} offenders, {len(truth) - own} by {others} others\n"
            f"  {int((~at_venue).sum())} from elsewhere; {unclear:.1%} of the others have an "
            "address that fits several venues\n"
            f"  {len(copies)} altered copies of {copies['content_id'].nunique()} contents"
        )

    __repr__ = __str__


def make_city(
    *,
    rng: int | np.random.Generator,
    n_venues: int = 80,
    n_districts: int = 8,
    n_offenders: int = 10,
    n_background: int = 400,
    start: str = "2025-09-01 00:00+09:00",
    days: int = 180,
    tz: str = "Asia/Seoul",
    habits: str | Sequence[str] | None = None,
    uploads_per_offender: float = 80.0,
    uploads_per_background: float = 4.0,
    ambiguous: float = 0.1,
    elsewhere: float = 0.05,
    elsewhere_background: float = 0.25,
    stopped: float = 0.1,
    handovers: float = 0.2,
    shared_handles: float = 0.1,
    reposters: float = 0.05,
    circulating: float = 0.1,
    copies: int = 2,
    generations: int = 2,
    max_noise_bits: int = 31,
    exact_copies: float = 0.15,
    common_content: float = 0.02,
) -> City:
    """What would the files of an invented city look like, and what is the truth behind them?

    Parameters
    ----------
    rng : int or Generator
        Source of all chance. One seed, one city, to the byte.
    n_venues, n_districts : int
        Size of the city; its radius grows with the root of the venues. At least 4 venues.
    n_offenders, n_background : int
        Offenders, and other uploaders. Either may be 0, not both.
    start : str
        Beginning of the period, with its zone.
    days : int
        Length of the period.
    tz : str
        Zone of the clocks on the walls.
    habits : str, sequence of str, or None
        One of `HABITS` (``"routine"``, ``"commuter"``, ``"night"``, ``"roamer"``,
        ``"never_returns"``, ``"moves"``) for all offenders, or several, taken in turn. None or
        ``"default"``: all six in turn, the third of whom never returns to a venue.
    uploads_per_offender, uploads_per_background : float
        Mean number of uploads per person. One who never returns makes at most one per venue.
    ambiguous : float
        Share of the uploads from venues whose address and port fit several venues.
    elsewhere, elsewhere_background : float
        Share of the visits that are no visits: uploads from home or on the move.
    stopped : float
        Chance that an offender stops for good, at a day in the second half of the period.
    handovers : float
        Share of lasting venues whose address block changes hands within the period.
    shared_handles : float
        Share of people who now and then use a handle that belongs to several.
    reposters : float
        Share of the background uploaders who post altered copies of what others made.
    circulating : float
        Share of the offenders' originals that spread through reposters (of all originals, where
        there are no offenders).
    copies, generations : int
        Altered copies made of every circulating upload, and for how many generations.
    max_noise_bits : int
        Most bits of 256 by which a copy's hash differs from its parent's.
    exact_copies : float
        Share of the copies whose hash is the parent's.
    common_content : float
        Share of uploads whose content everybody carries (a blank frame, a shared intro).

    Returns
    -------
    City
        Tables under the contracts, and the truth.

    Raises
    ------
    ParameterError
        A number is out of range, or a habit is not known.

    Notes
    -----
    Random: everything, from ``rng`` alone. Held fixed: names, categories, opening patterns.
    The generator is no ranker turned round: distances follow a log-normal curve around anchors
    (not kernels around past events), times are a gamma renewal process run through a weekly
    routine that drifts from week to week, with seasons, days off and absences, bursts have
    gamma-mixed sizes and gaps, and favourites are chosen by rank.

    An upload lies within the opening hours and the life of its venue, and its address leads, by
    longest prefix, port and validity, to candidates that contain the venue. Made-up coordinates
    lie in open water, addresses in ranges kept for documentation and private use.

    What can fool it: it is a made-up city. Who wins here has shown that a method does not break,
    not that it works on people. Cost is linear in uploads (1 million took under 10 s), and in
    offenders' visits times venues.

    Examples
    --------
    >>> city = make_city(rng=7, n_venues=30, n_offenders=6, n_background=50, days=90)
    >>> print(str(city).splitlines()[0])  # doctest: +ELLIPSIS
    Made-up city: 8 districts, 30 venues, ... leases
    >>> city.offenders["habit"].tolist()[:3]
    ['routine', 'commuter', 'never_returns']
    """
    streams = Streams.of(generator(rng))
    for name, number, least in (
        ("n_venues", n_venues, 4),
        ("n_districts", n_districts, 1),
        ("n_offenders", n_offenders, 0),
        ("n_background", n_background, 0),
        ("days", days, 1),
        ("copies", copies, 0),
        ("generations", generations, 0),
    ):
        _at_least(name, number, least)
    for name, share in (
        ("ambiguous", ambiguous),
        ("elsewhere", elsewhere),
        ("handovers", handovers),
        ("elsewhere_background", elsewhere_background),
        ("shared_handles", shared_handles),
        ("reposters", reposters),
        ("circulating", circulating),
        ("common_content", common_content),
        ("stopped", stopped),
        ("exact_copies", exact_copies),
    ):
        if not 0 <= share <= 1:
            raise ParameterError(
                name, found=share, expected="a share between 0 and 1", hint=Hint(**{name: 0.1})
            )
    for name, mean in (
        ("uploads_per_offender", uploads_per_offender),
        ("uploads_per_background", uploads_per_background),
    ):
        if not 0 < mean < 1e6:
            raise ParameterError(
                name,
                found=mean,
                expected="a mean number of uploads above 0",
                hint=Hint(**{name: 4.0}),
            )
    if not 0 <= max_noise_bits <= 128:
        raise ParameterError(
            "max_noise_bits",
            found=max_noise_bits,
            expected="0 to 128",
            hint=Hint(max_noise_bits=31),
        )
    if n_offenders + n_background == 0:
        raise ParameterError(
            "n_offenders", found=0, expected="somebody who uploads", hint=Hint(n_offenders=10)
        )
    kinds = _kinds(habits, n_offenders)
    clock = Clock.beginning(start, days, zone(tz))

    places = make_places(streams, clock, n_venues, n_districts)
    addresses = make_addresses(streams, clock, places, handovers)
    visits = make_offenders(streams, clock, places, kinds, uploads_per_offender, elsewhere, stopped)
    log, crowd = make_background(
        streams,
        clock,
        places,
        visits,
        n_offenders,
        n_background,
        uploads_per_background,
        elsewhere_background,
        reposters,
    )
    how = Spreading(circulating, copies, generations, max_noise_bits, exact_copies, common_content)
    log = _in_time_order(spread(streams, clock, places, log, crowd, n_offenders, how))

    n_people = n_offenders + n_background
    ip, port, way, candidates = assign(
        streams, addresses, places, log.venue, log.who, log.t, ambiguous
    )
    handle, lent = handles(streams, clock, log, n_offenders, n_people, shared_handles)
    events = pd.DataFrame(
        {
            "event_id": ids("E-", np.arange(len(log.t)) + 1, len(log.t)),
            "timestamp": clock.instants(log.t),
            "tz": pd.Series([tz] * len(log.t), dtype="str"),
            "ip": ip,
            "port": port,
            "handle": handle,
            "device": devices(streams, log, places.venues["seats"].to_numpy(dtype=np.float64)),
            "content_hash": hash_texts(log),
            "hash_quality": qualities(streams, log),
            "title": titles(streams, log, n_offenders, n_people),
        }
    )
    truth = truth_table(events, places, visits.table, log, way, candidates)
    truth["handle_shared"] = lent
    truth["role"] = roles(log, crowd.reposters, n_offenders)
    return City(
        events, places.venues, addresses.leases, places.districts, truth[TRUTH], visits.table
    )


def _at_least(name: str, number: int, least: int) -> None:
    whole = isinstance(number, (int, np.integer)) and not isinstance(number, bool)
    if not whole or number < least:
        wanted = Message("a whole number of at least {least}", least=least)
        raise ParameterError(
            name, found=repr(number), expected=wanted, hint=Hint(**{name: max(least, 1)})
        )


def _kinds(habits: str | Sequence[str] | None, n: int) -> list[str]:
    if habits is None or (isinstance(habits, str) and habits == "default"):
        habits = DEFAULT_HABITS
    names = [habits] if isinstance(habits, str) else list(habits)
    for name in names:
        if name not in HABITS:
            known = ", ".join(f'"{habit}"' for habit in HABITS)
            raise ParameterError(
                "habits",
                found=repr(name),
                expected=Message("one of {known}", known=known),
                hint=Hint(habits="commuter"),
            )
    if not names:
        raise ParameterError(
            "habits", found="none", expected="at least one habit", hint=Hint(habits="commuter")
        )
    return [names[i % len(names)] for i in range(n)]


def _in_time_order(log: Log) -> Log:
    order = np.lexsort((log.who, log.t))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    sorted_log = Log(*(column[order] for column in vars(log).values()))
    known = sorted_log.parent >= 0
    sorted_log.parent[known] = place[sorted_log.parent[known]]
    return sorted_log

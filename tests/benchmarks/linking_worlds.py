"""Worlds in which linking has joined innocents: each a log with the person behind every upload.

None is made by `crimeloc.simulation`, and none knows how linking weighs anything. In each, the
people of interest stand beside a few hundred others with habits of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.simulation import make_city

DAYS = 150


@dataclass
class World:
    """A log, who made each upload, and which persons the scenario is about."""

    located: gpd.GeoDataFrame
    truth: pd.Series
    people: list[str]


@dataclass
class Maker:
    """Collects uploads; places are cafes (0 .. n_venues - 1) or homes without a venue."""

    seed: int
    n_venues: int = 60
    devices: bool = True
    rows: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.places = np.column_stack(
            [
                127 + self.rng.normal(0, 0.06, self.n_venues),
                37.5 + self.rng.normal(0, 0.05, self.n_venues),
            ]
        )

    def add(self, person: str, account: str, second: float, **more: object) -> None:
        """One upload; `venue` (number) or `ip` says where, `device` from what."""
        self.rows.append({"person": person, "handle": account, "second": second} | more)

    def days(self, n: int) -> np.ndarray:
        """Days of n visits, in order, each once where there are enough."""
        return np.sort(self.rng.choice(DAYS, n, replace=n > DAYS))

    def at(self, day: int, hour: float, spread: float) -> float:
        """A second of a day around an hour of the local clock."""
        return float(day * 86_400 + ((hour + self.rng.normal(0, spread)) % 24) * 3_600)

    def favourites(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Some cafes and how often each is chosen."""
        share = 0.55 ** np.arange(k)
        return self.rng.choice(self.n_venues, k, replace=False), share / share.sum()

    def others(self, n: int, mean: float = 8.0) -> None:
        """People with an account and a few cafes each; half of the uploads show the own device."""
        for k in range(n):
            cafes, share = self.favourites(4)
            hour = self.rng.normal(19.5, 3.0)
            for day in self.days(1 + int(self.rng.poisson(mean))):
                venue = int(self.rng.choice(cafes, p=share))
                shown = f"own-o{k}" if self.rng.random() < 0.5 else None
                self.add(f"o{k}", f"user-o{k}", self.at(day, hour, 2.0), venue=venue, device=shown)

    def offenders(self, n: int, accounts: int = 3, uploads: int = 25) -> None:
        """Persons with several accounts in turn, the same cafes and hours in all of them."""
        for k in range(n):
            cafes, share = self.favourites(4)
            hour = self.rng.normal(19.5, 3.0)
            for a in range(accounts):
                low, high = a * DAYS // accounts, (a + 1) * DAYS // accounts
                for day in np.sort(self.rng.integers(low, high, uploads)):
                    venue = int(self.rng.choice(cafes, p=share))
                    shown = f"own-x{k}" if self.rng.random() < 0.5 else None
                    moment = self.at(day, hour, 1.5)
                    self.add(f"x{k}", f"user-x{k}-{a}", moment, venue=venue, device=shown)

    def world(self, people: list[str]) -> World:
        """The log, shuffled and numbered anew."""
        table = pd.DataFrame(self.rows)
        table = table.sample(frac=1, random_state=self.seed, ignore_index=True)
        table["event_id"] = [f"E{k:06d}" for k in range(len(table))]
        start = pd.Timestamp("2025-08-31 15:00", tz="UTC")
        table["timestamp"] = start + pd.to_timedelta(table["second"].astype(int), unit="s")
        known = table["venue"].notna().to_numpy()
        code = table["venue"].fillna(0).astype(int).to_numpy()
        table["venue_id"] = pd.Series("V" + table["venue"].fillna(0).astype(int).astype(str))
        table.loc[~known, "venue_id"] = None
        table["venue_id"] = table["venue_id"].astype("str")
        points = gpd.points_from_xy(*self.places[code].T)
        table = table.assign(
            weight=np.where(known, 1.0, 0.0),
            how=np.where(known, "lease", "unknown"),
            tz="Asia/Seoul",
        )
        for column in ("device", "content_hash", "ip"):
            if column in table:
                table[column] = table[column].astype("str")
        if not self.devices and "device" in table:
            table = table.drop(columns="device")
        located = gpd.GeoDataFrame(
            table.drop(columns=["person", "venue", "second"]), geometry=points, crs=4326
        )
        located.loc[~known, "geometry"] = None
        return World(located, table.set_index("event_id")["person"], people)


def regulars(
    seed: int,
    *,
    at_each: int = 20,
    cafes: int = 3,
    devices: bool = True,
    there: float = 1.0,
    spread: float = 1.0,
    uploads: int = 15,
    n_others: int = 200,
    n_offenders: int = 0,
) -> World:
    """Strangers who come to the same cafe in the evening, each with an account of their own."""
    make = Maker(seed, devices=devices)
    make.others(n_others)
    make.offenders(n_offenders)
    people = []
    for cafe in range(cafes):
        for k in range(at_each):
            person = f"r{cafe}-{k}"
            people.append(person)
            for day in make.days(uploads):
                venue = cafe if make.rng.random() < there else int(make.rng.integers(60))
                moment = make.at(day, 21.5, spread)
                own = f"own-{person}"
                make.add(person, f"user-{person}", moment, venue=venue, device=own)
    return make.world(people)


def regulars_of_two(
    seed: int,
    *,
    n: int = 30,
    devices: bool = True,
    uploads: int = 20,
    n_others: int = 200,
    n_offenders: int = 0,
) -> World:
    """Strangers who all divide their evenings between the same two cafes."""
    make = Maker(seed, devices=devices)
    make.others(n_others)
    make.offenders(n_offenders)
    people = [f"r{k}" for k in range(n)]
    for person in people:
        share = make.rng.uniform(0.3, 0.7)
        for day in make.days(uploads):
            venue = int(make.rng.random() < share)
            moment = make.at(day, 21.5, 1.0)
            make.add(person, f"user-{person}", moment, venue=venue, device=f"own-{person}")
    return make.world(people)


def households(
    seed: int,
    *,
    n: int = 12,
    members: int = 3,
    shared: float = 0.4,
    own_phone: bool = True,
    at_home: float = 0.7,
    moving_address: bool = False,
    uploads: int = 18,
    n_others: int = 200,
    n_offenders: int = 0,
) -> World:
    """Families with one PC: everybody has an account, and a phone of their own or none.

    `shared` of the uploads of a member with a phone come from the PC; those without a phone use
    nothing else. A home has an address but no venue; with `moving_address` it changes every month.
    """
    make = Maker(seed)
    make.others(n_others)
    make.offenders(n_offenders)
    people = []
    for house in range(n):
        cafes, share = make.favourites(2)
        for member in range(members):
            person = f"h{house}-{member}"
            people.append(person)
            hour = make.rng.normal(20, 2)
            for day in make.days(uploads):
                home = make.rng.random() < at_home
                on_pc = not own_phone or (home and make.rng.random() < shared / at_home)
                device = f"pc-{house}" if on_pc else f"phone-{person}"
                month = day // 30 if moving_address else 0
                where: dict[str, object] = (
                    {"ip": f"192.0.2.{house}" if not month else f"198.51.{house}.{month}"}
                    if home or on_pc
                    else {"venue": int(make.rng.choice(cafes, p=share))}
                )
                moment = make.at(day, hour, 1.5)
                make.add(person, f"user-{person}", moment, device=device, **where)
    return make.world(people)


def _hash(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 256, 32, dtype=np.uint8)


def _copy(rng: np.random.Generator, parent: np.ndarray, bits: int = 12) -> np.ndarray:
    flat = np.unpackbits(parent)
    flat[rng.choice(256, int(rng.integers(0, bits)), replace=False)] ^= 1
    return np.packbits(flat)


def fans(
    seed: int,
    *,
    n: int = 24,
    within_s: float = 900.0,
    share: float = 0.6,
    devices: bool = True,
    placed: bool = True,
    n_others: int = 200,
) -> World:
    """Somebody who copies one source, and only that one, within minutes, from elsewhere."""
    make = Maker(seed, devices=devices)
    make.others(n_others)
    people = []
    for k in range(n):
        source, fan = f"s{k}", f"f{k}"
        people += [source, fan]
        cafes, weight = make.favourites(3)
        own, own_weight = make.favourites(3)
        hour = make.rng.normal(20, 2)
        for day in make.days(20):
            content = _hash(make.rng)
            moment = make.at(day, hour, 1.5)
            where = {"venue": int(make.rng.choice(cafes, p=weight))} if placed else {}
            more = {"content_hash": content.tobytes().hex(), "device": f"own-{source}"}
            make.add(source, f"user-{source}", moment, **where, **more)
            if make.rng.random() < share:
                copy = _copy(make.rng, content).tobytes().hex()
                where = {"venue": int(make.rng.choice(own, p=own_weight))} if placed else {}
                later = moment + make.rng.uniform(20, within_s)
                more = {"content_hash": copy, "device": f"own-{fan}"}
                make.add(fan, f"user-{fan}", later, **where, **more)
    return make.world(people)


def rotating(
    seed: int,
    *,
    n: int = 10,
    uploads: int = 70,
    every: int = 10,
    devices: bool = True,
    again: float = 0.5,
    n_others: int = 200,
) -> World:
    """One person, a new account and a new device every few uploads; places, hours, content stay."""
    make = Maker(seed, devices=devices)
    make.others(n_others)
    people = [f"x{k}" for k in range(n)]
    for person in people:
        cafes, share = make.favourites(3)
        hour = make.rng.normal(20, 2)
        past: list[np.ndarray] = []
        for k, day in enumerate(np.sort(make.rng.integers(0, DAYS, uploads))):
            if past and make.rng.random() < again:
                content = _copy(
                    make.rng, past[int(make.rng.integers(max(len(past) - 15, 0), len(past)))]
                )
            else:
                content = _hash(make.rng)
            past.append(content)
            make.add(
                person,
                f"user-{person}-{k // every}",
                make.at(day, hour, 1.5),
                venue=int(make.rng.choice(cafes, p=share)),
                device=f"own-{person}-{k // every}",
                content_hash=content.tobytes().hex(),
            )
    return make.world(people)


def friends(
    seed: int,
    *,
    n: int = 18,
    together: float = 0.8,
    devices: bool = True,
    cafes: int = 3,
    uploads: int = 20,
    n_others: int = 200,
    n_offenders: int = 0,
) -> World:
    """Pairs who come together, sit side by side and upload within minutes of each other."""
    make = Maker(seed, devices=devices)
    make.others(n_others)
    make.offenders(n_offenders)
    people = []
    for pair in range(n):
        one, two = f"a{pair}", f"b{pair}"
        people += [one, two]
        places, share = make.favourites(cafes)
        hour = make.rng.normal(20, 2)
        for day in make.days(uploads):
            venue = int(make.rng.choice(places, p=share))
            moment = make.at(day, hour, 1.5)
            both = make.rng.random() < together
            chosen = (one, two) if both else ((one,), (two,))[int(make.rng.integers(2))]
            for person in chosen:
                later = moment + make.rng.uniform(0, 1_500)
                own = f"own-{person}"
                make.add(person, f"user-{person}", later, venue=venue, device=own)
    return make.world(people)


def regulars_in_a_city(
    seed: int, *, at_each: int = 20, cafes: int = 3, devices: bool = True
) -> World:
    """A made-up city with its offenders and shared accounts, and regulars in some of its cafes."""
    city = make_city(rng=seed, n_venues=120, n_offenders=20, n_background=2_000)
    located = city.located_truth().drop(columns="series_id")
    rng = np.random.default_rng(seed)
    always = city.venues[city.venues["closed"].isna()] if "closed" in city.venues else city.venues
    chosen = always.iloc[rng.choice(len(always), cafes, replace=False)]
    rows = []
    for cafe, place in enumerate(chosen.itertuples()):
        for k in range(at_each):
            for day in np.sort(rng.choice(175, 15, replace=False)):
                second = int(day * 86_400 + (21.5 + rng.normal(0, 1.0)) % 24 * 3_600)
                rows.append((f"r{cafe}-{k}", second, place.venue_id, place.geometry))
    table = pd.DataFrame(rows, columns=["person", "second", "venue_id", "geometry"])
    start = pd.Timestamp("2025-09-01 00:00", tz="Asia/Seoul").tz_convert("UTC")
    more = gpd.GeoDataFrame(
        {
            "event_id": [f"R-{k:05d}" for k in range(len(table))],
            "timestamp": (start + pd.to_timedelta(table["second"], unit="s")).astype(
                located["timestamp"].dtype
            ),
            "tz": "Asia/Seoul",
            "handle": "user-" + table["person"],
            "device": "own-" + table["person"],
            "venue_id": table["venue_id"],
            "weight": 1.0,
            "how": "lease",
        },
        geometry=table["geometry"].to_numpy(),
        crs=located.crs,
    )
    every = pd.concat([located, more], ignore_index=True).sample(frac=1, random_state=seed)
    truth = pd.concat(
        [
            city.truth.set_index("event_id")["uploader_id"],
            pd.Series(table["person"].to_numpy(), index=more["event_id"].to_numpy()),
        ]
    )
    if not devices:
        every = every.drop(columns="device")
    return World(every.reset_index(drop=True), truth, sorted(set(table["person"])))


def worlds() -> dict[str, Callable[[int], World]]:
    """Every world that acceptance looks at, by name."""
    found: dict[str, Callable[[int], World]] = {}
    for at_each, cafes in ((10, 3), (20, 3), (40, 3), (40, 2), (20, 2)):
        for devices in (True, False):
            name = f"{at_each} regulars at {cafes} cafes, {'own' if devices else 'no'} devices"
            found[name] = lambda s, a=at_each, c=cafes, d=devices: regulars(  # type: ignore[misc]
                s, at_each=a, cafes=c, devices=d
            )
            found[name + ", beside offenders"] = (  # type: ignore[assignment]
                lambda s, a=at_each, c=cafes, d=devices: regulars(
                    s, at_each=a, cafes=c, devices=d, n_offenders=8
                )
            )
    for devices in (True, False):
        kind = "own" if devices else "no"
        found[f"regulars, 70 % there, {kind} devices"] = lambda s, d=devices: regulars(  # type: ignore[misc]
            s, devices=d, there=0.7
        )
        found[f"regulars, hours +- 3 h, {kind} devices"] = lambda s, d=devices: regulars(  # type: ignore[misc]
            s, devices=d, spread=3.0, n_offenders=8
        )
        found[f"regulars of two cafes, {kind} devices"] = lambda s, d=devices: regulars_of_two(  # type: ignore[misc]
            s, devices=d
        )
        found[f"regulars of two cafes beside offenders, {kind} devices"] = (  # type: ignore[assignment]
            lambda s, d=devices: regulars_of_two(s, devices=d, n_offenders=8)
        )
        found[f"friends, {kind} devices"] = lambda s, d=devices: friends(s, devices=d)  # type: ignore[misc]
        found[f"friends beside offenders, {kind} devices"] = lambda s, d=devices: friends(  # type: ignore[misc]
            s, devices=d, n_offenders=8
        )
        found[f"fans, {kind} devices"] = lambda s, d=devices: fans(s, devices=d)  # type: ignore[misc]
        found[f"regulars in a made-up city, {kind} devices"] = lambda s, d=devices: (  # type: ignore[misc]
            regulars_in_a_city(s, devices=d)
        )
        found[f"rotating offender, {kind} devices"] = lambda s, d=devices: rotating(s, devices=d)  # type: ignore[misc]
    found["2 regulars at each of 30 cafes, no devices"] = lambda s: regulars(
        s, at_each=2, cafes=30, devices=False
    )
    found["4 regulars at each of 15 cafes, no devices"] = lambda s: regulars(
        s, at_each=4, cafes=15, devices=False
    )
    found["regulars with offenders, twice a cafe-day, no devices"] = lambda s: regulars(
        s, devices=False, uploads=40, n_offenders=8
    )
    found["60 regulars of two cafes beside offenders, no devices"] = lambda s: regulars_of_two(
        s, n=60, devices=False, n_offenders=8
    )
    found["fans within a day, own devices"] = lambda s: fans(s, within_s=80_000.0)
    found["fans who copy all, no devices"] = lambda s: fans(s, share=1.0, devices=False)
    found["friends half the time, no devices"] = lambda s: friends(
        s, together=0.5, devices=False, n_offenders=8
    )
    found["friends of one cafe, no devices"] = lambda s: friends(
        s, cafes=1, devices=False, n_offenders=8
    )
    found["rotating every 20, own devices"] = lambda s: rotating(s, every=20)
    found["rotating, little content, own devices"] = lambda s: rotating(s, again=0.2)
    found["households of five, own phones"] = lambda s: households(s, members=5, n_offenders=8)
    found["households, phones and PC at half"] = lambda s: households(s, shared=0.6, n_offenders=8)
    found["fans without places"] = lambda s: fans(s, placed=False)
    found["friends always together, own devices"] = lambda s: friends(s, together=1.0)
    found["households, own phones"] = lambda s: households(s)
    found["households, own phones, moving address"] = lambda s: households(s, moving_address=True)
    found["households, own phones, beside offenders"] = lambda s: households(s, n_offenders=8)
    found["households, shared PC alone"] = lambda s: households(s, own_phone=False)
    found["households, shared PC alone, beside offenders"] = lambda s: households(
        s, own_phone=False, n_offenders=8
    )
    found["households, shared PC alone, moving address"] = lambda s: households(
        s, own_phone=False, moving_address=True
    )
    return found

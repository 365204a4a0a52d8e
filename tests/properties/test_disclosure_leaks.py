"""A hundred random cases: nothing above its level is on a page or in a file, also when unpacked."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import crimeloc as cl
from crimeloc.messages.catalogues import catalogue
from crimeloc.provenance import Input, record
from crimeloc.report.exports.tables import tables_of

pytestmark = pytest.mark.slow

AT = pd.Timestamp("2026-03-01 00:00", tz="Asia/Seoul")
KEY = "the key of this unit, kept in a drawer"
THRESHOLD = 5
FOLDER = "case-4711-of-inspector-quill"  # a folder of the machine that made the file
UNSHRUNK = [Phase.explicit, Phase.generate]  # a smaller seed is no simpler case
LIGHT = ["x.csv", "x.xlsx", "x.geojson", "x.kml", "x.i2.csv", "x.jsonld", "x.jsonl", "x.gpkg"]
HEAVY = ["x.pdf", "x.pptx"]
COUNTED = [
    "why.past",
    "tip.past",
    "tip.events",
    "fact.uploads.note",
    "left.later",
    "left.rejected",
    "left.unplaced",
    "left.uncertain",
    "left.outside",
    "clock.note",
    "made.rows",
    "made.rejected",
    "layer.frames.step",
    "sub.many",
    "rows.venue",
    "rows.unplaced",
    "rows.spread",
]
SYLLABLES = ["kestrel", "밤도깨비", "Zarf", "quill", "눈사람", "0x9f", "mo.th", "pi-x", "wren_"]


def random_case(seed):
    """Give the arguments of a briefing whose every free text names somebody."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(6, 11))
    lon, lat = 127 + 0.05 * rng.random(count), 37.5 + 0.05 * rng.random(count)
    points = gpd.GeoSeries.from_xy(lon.round(6), lat.round(6), crs="EPSG:4326")
    names = [f"V-{number:02d}" for number in range(count)]
    venues = gpd.GeoDataFrame(
        {"venue_id": names, "name": [f"PC방 {number}호" for number in range(count)]},
        geometry=points,
    )
    handles = [
        "".join(rng.choice(SYLLABLES, 2)) + str(rng.integers(100, 999))
        for _ in range(rng.integers(1, 4))
    ]
    nets = ["192.0.2.", "198.51.100.", "203.0.113.", "2001:db8::"]
    ips = [str(rng.choice(nets)) + str(rng.integers(1, 250)) for _ in range(5)]
    n = int(rng.integers(5, 45))
    place = rng.choice(count, n, p=_skewed(rng, count))
    handle, ip = rng.choice(handles, n), rng.choice(ips, n)
    series = handles[0] if rng.random() < 0.3 else "S-1"
    located = pd.DataFrame(
        {
            "event_id": [f"E{i}" if i % 3 else f"E{i}/{who}" for i, who in enumerate(handle)],
            "timestamp": AT - pd.to_timedelta(rng.integers(3600, 60 * 86_400, n), "s"),
            "tz": "Asia/Seoul",
            "ip": ip,
            "port": pd.array(rng.integers(40_000, 60_000, n), dtype="Int64"),
            "handle": handle,
            "content_hash": [rng.bytes(16).hex() for _ in range(n)],
            "device": [f"dev-{rng.bytes(5).hex()}" for _ in range(n)],
            "title": [f"by {who}" for who in handle],
            "source_row": np.arange(2, n + 2),
            "venue_id": pd.Series([names[p] for p in place], dtype="str"),
            "weight": np.where(rng.random(n) < 0.2, 0.7, 1.0),
            "how": [f"{a}/32 ports 1024-2047, {who}: V" for a, who in zip(ip, handle, strict=True)],
            "series_id": series,
            "cluster_id": np.where(rng.random(n) < 0.7, place % 3, -1),
        }
    )
    geometry = points.to_numpy()[place]
    located = gpd.GeoDataFrame(located, geometry=geometry, crs="EPSG:4326")
    lost = rng.random(n) < 0.1
    located.loc[lost, ["venue_id", "weight"]] = [None, 0.0]
    located.loc[lost, "geometry"] = None
    who, where = handles[-1], ips[-1]
    arguments = {
        "located": located,
        "venues": venues,
        "rejected": pd.DataFrame(
            {
                "source_row": [3, 8],
                "reason": [f"no time for {who}", f"not {where}"],
                "column": ["timestamp", "ip"],
                "raw": [who, where],
            }
        ),
        "inputs": [Input(f"/srv/{FOLDER}/log_{who}.csv", "ab" * 32, 45, 2)],
        "backtest": _Backtest(f"left out: {who} at {where}"),
        "title": f"Uploads of {who}",
        "banner": f"{where} only",
        "lang": "ko" if rng.random() < 0.5 else "en",
    }
    return _ranking(rng, names, series, who, where), arguments


def _skewed(rng, count):
    weight = rng.random(count) ** 3 + 0.02
    return weight / weight.sum()


def _ranking(rng, names, series, who, where):
    starts = AT + pd.to_timedelta([0, 8, 16], "h")
    share = rng.dirichlet(np.ones(3 * len(names) + 3))
    slots = pd.DataFrame(
        {
            "series_id": series,
            "venue_id": pd.Series(np.repeat([*names, "elsewhere"], 3), dtype="str"),
            "window_start": np.tile(starts, len(names) + 1),
            "window_end": np.tile(starts + pd.Timedelta("8h"), len(names) + 1),
            "expected": 2 * share,
            "probability": -np.expm1(-2 * share),
            "share": share,
            "from_habit": share,
        }
    )
    return SimpleNamespace(
        slots=slots,
        at=AT,
        horizon="1D",
        explain=lambda venue: f"{venue}: 2 uploads of {who} from {where}",
        credible_set=lambda level, by="slots", series=None: _Set(),
        abstained={series: f"only 3 uploads of {who}"},
        provenance=record(
            "rank",
            {"series": who, "network": f"{where}/24", "file": f"/srv/{FOLDER}/x.csv"},
            at=AT,
            n_in=3,
            n_out=2,
        ),
    )


class _Set:
    """A credible set that was checked on three uploads."""

    used, coverage, n = 0.81, 2 / 3, 3

    def __len__(self):
        return 4


class _Backtest:
    def __init__(self, note):
        self.notes = (note,)

    def scores(self):
        scores = {"n": [40.0, 40.0], "hit@1": [0.4, 0.025], "coverage": [0.8, 0.6]}
        return pd.DataFrame(scores, index=pd.Index(["Ranker", "frequency"], name="method"))

    def reliability(self, method=None):
        return pd.DataFrame(
            {
                "from": [0.0, 0.2],
                "to": [0.2, 1.0],
                "forecast": [0.1, 0.4],
                "happened": [2 / 30, 0.5],
                "n": [30.0, 4.0],
            }
        )

    @property
    def captures(self):
        return pd.DataFrame(
            {
                "method": ["Ranker", "frequency"],
                "slots": [10, 10],
                "officer_hours": [40.0, 40.0],
                "captured": [3.0, 1.0],
                "capture": [0.075, 0.025],
                "pei": [0.1, 0.05],
                "n": [3, 1],
            }
        )


def all_texts(page, folder, names):
    """Every byte of the page and of the files, and of what is packed in them, by name."""
    found = {"page": page.html.encode()}
    for name in names:
        for path in page.export(folder / name):
            data = path.read_bytes()
            found[path.name] = data
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as packed:
                    found |= {f"{path.name}/{m}": packed.read(m) for m in packed.namelist()}
            if path.suffix == ".pdf":
                pypdf = pytest.importorskip("pypdf", reason="pip install pypdf")
                book = pypdf.PdfReader(path)
                found[path.name] += "".join(p.extract_text() for p in book.pages).encode()
                found[path.name] += str(book.metadata).encode()
    return found


def leaks(found, located, level):
    """Raw values that stand anywhere."""
    columns = ["ip", "handle", "content_hash", "device"]
    columns += ["event_id"] if level == "disclosure" else []
    secrets = {str(v) for c in columns for v in located[c].dropna()}
    secrets = {s for s in secrets if len(s) > 3} | {KEY, FOLDER}
    return [(name, s) for name, data in found.items() for s in secrets if s.encode() in data]


def told_counts(page):
    """Every number that the page or a table of it gives as a count of uploads or rows."""
    numbers = []
    for table in tables_of(page.content).values():
        for column in ("n", "n_events"):
            if column in table.columns:
                numbers += table[column].dropna().tolist()
    text = re.sub(r"<[^>]+>", " ", re.sub(r"<style.*?</style>", "", page.html, flags=re.S))
    for key in COUNTED:
        pattern = re.escape(catalogue(page.content.settings.lang)[key])
        pattern = re.sub(r"\\\{(\w+)(?::[^}]*)?\\\}", r"([0-9.,]*[0-9]|\\S+?)", pattern)
        for groups in re.findall(pattern, text):
            for group in [groups] if isinstance(groups, str) else groups:
                if re.fullmatch(r"[0-9][0-9.,]*", group):
                    numbers.append(float(group.replace(",", "")))
    return numbers


@settings(max_examples=100, phases=UNSHRUNK)
@given(seed=st.integers(0, 2**31), level=st.sampled_from(["briefing", "disclosure"]))
def test_nothing_above_its_level_is_told(tmp_path_factory, seed, level):
    ranking, arguments = random_case(seed)
    key = KEY if seed % 2 else None
    page = cl.briefing(ranking, **arguments, level=level, key=key, threshold=THRESHOLD)
    turn = [LIGHT[seed % len(LIGHT)]]  # accept_disclosure.py writes all kinds for all cases
    names = [name for name in turn if (level, name) != ("disclosure", "x.jsonl")]
    names += HEAVY if seed % 20 == 0 else []
    folder = tmp_path_factory.mktemp("case")
    found = all_texts(page, folder, names)
    assert leaks(found, arguments["located"], level) == []
    assert repr(page.content).find(KEY) < 0
    if level == "disclosure":
        assert [n for n in told_counts(page) if 0 < n < THRESHOLD] == []


def test_the_search_finds_what_an_analyst_sees(tmp_path):
    ranking, arguments = random_case(11)
    page = cl.briefing(ranking, **arguments, level="analyst")
    found = all_texts(page, tmp_path, [*LIGHT, *HEAVY])
    where = {name.partition("/")[0] for name, _ in leaks(found, arguments["located"], "analyst")}
    assert where >= {
        "page",
        "x.uploads.csv",
        "x.xlsx",
        "x.geojson",
        "x.kml",
        "x.entities.csv",
        "x.links.csv",
        "x.jsonld",
        "x.jsonl",
        "x.gpkg",
        "x.pdf",
        "x.pptx",
    }
    assert any(0 < n < THRESHOLD for n in told_counts(page))


@settings(max_examples=8, phases=UNSHRUNK)
@given(seed=st.integers(0, 2**31))
def test_small_counts_change_no_byte(tmp_path_factory, seed):
    ranking, arguments = random_case(seed)
    located = arguments["located"]
    sums = located.groupby("venue_id")["weight"].sum()
    sums = sums.reindex(arguments["venues"]["venue_id"]).fillna(0.0)
    lonely = located[(located["weight"] == 1) & (located["cluster_id"] == -1)]
    lonely = lonely[lonely["venue_id"].map(sums) < THRESHOLD]
    goals = [name for name, n in sums.items() if n + 1 < THRESHOLD]
    if not len(lonely) or not goals or not [g for g in goals if g != lonely["venue_id"].iloc[0]]:
        return
    row = lonely.index[0]
    goal = next(name for name in goals if name != located.loc[row, "venue_id"])
    other = located.copy()
    other.loc[row, "venue_id"] = goal
    other.loc[row, "geometry"] = arguments["venues"].set_index("venue_id").loc[goal, "geometry"]
    other["handle"] = other["handle"].str.upper()
    folder, names = Path(tmp_path_factory.mktemp("case")), [n for n in LIGHT if n != "x.jsonl"]
    told = []
    for table in (located, other):
        plain = {k: v for k, v in arguments.items() if k not in ("title", "banner", "inputs")}
        quiet = SimpleNamespace(**{**vars(ranking), "provenance": None, "abstained": {}})
        page = cl.briefing(
            quiet,
            **(plain | {"located": table, "rejected": None, "backtest": None}),
            level="disclosure",
            threshold=THRESHOLD,
        )
        told.append(all_texts(page, folder, names))
    assert [name for name in told[0] if told[0][name] != told[1][name]] == []

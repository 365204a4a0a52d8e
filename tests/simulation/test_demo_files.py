"""data/demo is what the documented command makes, and holds what its README says."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.simulation import make_city
from crimeloc.simulation.__main__ import main
from crimeloc.simulation.demo import DEMO
from crimeloc.simulation.messy import BROKEN, BROKEN_LEASES, BROKEN_VENUES, messy_uploads

SEOUL = timezone(timedelta(hours=9))


@pytest.fixture(scope="module")
def demo() -> Path:
    return Path(__file__).resolve().parents[2] / "data" / "demo"


def rows(path: Path, encoding: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding))))


def moment(text: str) -> tuple[str, datetime]:
    """Which form is this time in, and which moment does it name? (Independent of the readers.)"""
    if text.isdigit():
        form = "ms" if len(text) == 13 else "s"
        return form, datetime.fromtimestamp(int(text) / (1000 if form == "ms" else 1), SEOUL)
    korean = re.fullmatch(r"(\d+)년 (\d+)월 (\d+)일 (오전|오후) (\d+):(\d+)", text)
    if korean:
        year, month, day, half, hour, minute = korean.groups()
        wall = int(hour) % 12 + 12 * (half == "오후")
        when = datetime(int(year), int(month), int(day), wall, int(minute), tzinfo=SEOUL)
        return "korean", when
    when = datetime.fromisoformat(text)
    return ("offset", when) if when.tzinfo else ("local", when.replace(tzinfo=SEOUL))


def test_the_documented_command_makes_these_bytes(demo: Path, tmp_path: Path) -> None:
    words = re.search(
        r"python -m crimeloc\.simulation data/demo (--seed \d+)", (demo / "README.md").read_text()
    )
    assert words is not None
    assert main([str(tmp_path / "new"), *words[1].split()]) == 0
    made = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    kept = {path.name: path.read_bytes() for path in demo.iterdir()}
    assert made.keys() == kept.keys()
    for name, content in kept.items():
        assert made[name] == content, name
    assert sum(map(len, kept.values())) < 2_000_000


def test_every_upload_stands_where_the_truth_says(demo: Path) -> None:
    lines = rows(demo / "uploads.csv", "utf-8-sig")
    truth = pd.read_csv(demo / "truth.csv")
    broken = sum(len(some) for _, some in BROKEN)
    assert len(lines) == 1 + len(truth) + broken
    assert lines[0][:5] == ["로그번호", "업로드일시", "IP주소", "포트", "계정"]
    at = [lines[row - 1] for row in truth["source_row"]]
    assert [row[0] for row in at] == truth["event_id"].tolist()
    rest = {number + 1 for number in range(1, len(lines))} - set(truth["source_row"])
    assert sorted(tuple(lines[row - 1]) for row in rest) == sorted(
        row for _, some in BROKEN for row in some
    )


def test_times_are_mixed_and_name_the_moment(demo: Path) -> None:
    seed = int(re.search(r"--seed (\d+)", (demo / "README.md").read_text())[1])  # type: ignore[index]
    city = make_city(rng=seed, **DEMO)  # type: ignore[arg-type]
    lines = rows(demo / "uploads.csv", "utf-8-sig")
    truth = pd.read_csv(demo / "truth.csv")
    forms = []
    for row, when in zip(truth["source_row"], city.events["timestamp"], strict=True):
        form, found = moment(lines[row - 1][1])
        cut = when.second if form == "korean" else 0
        assert found == when.to_pydatetime() - timedelta(seconds=cut)
        forms.append(form)
    share = pd.Series(forms).value_counts(normalize=True)
    # Binomial: four standard deviations at 2,000 rows are at most .044.
    for form, wanted in {"offset": 0.4, "local": 0.2, "korean": 0.2, "s": 0.1, "ms": 0.1}.items():
        assert share[form] == pytest.approx(wanted, abs=0.045)


def test_readme_counts_are_true(demo: Path) -> None:
    text = (demo / "README.md").read_text()
    for kind, some in BROKEN:
        assert f"| {kind} | {len(some)} |" in text
    truth = pd.read_csv(demo / "truth.csv")
    own = truth[truth["series_id"].notna()]
    for name, group in own.groupby("series_id"):
        line = f"| {name} | {group['habit'].iloc[0]} | {len(group)} | {group.venue_id.nunique()} |"
        assert line in text
        assert 40 <= len(group) <= 150
    assert 6 <= own["series_id"].nunique() <= 12
    assert 60 <= len(rows(demo / "venues.csv", "cp949")) <= 120


def test_the_registers_have_korean_headers(demo: Path) -> None:
    venues = rows(demo / "venues.csv", "cp949")
    assert venues[0][:2] == ["업소ID", "업소명"]
    assert {"경도", "위도", "개업일", "폐업일", "영업시간", "좌석수", "브랜드"} <= set(venues[0])
    assert venues[-1][0] == "V-901"
    assert venues[-1][5:7] == ["", ""]
    leases = rows(demo / "leases.csv", "utf-8-sig")
    assert leases[0] == ["IP대역", "포트시작", "포트끝", "시작일시", "종료일시", "업소ID"]
    known = {row[0] for row in venues}
    assert {row[-1] for row in leases[1:]} <= known
    districts = json.loads((demo / "districts.geojson").read_text(encoding="utf-8"))
    assert len(districts["features"]) == DEMO["n_districts"]


def test_the_example_of_the_front_page_has_ground_to_stand_on(demo: Path) -> None:
    """Forecast at 1 March, backtest from 5 January: enough before, and something to find after."""
    lines = rows(demo / "uploads.csv", "utf-8-sig")
    truth = pd.read_csv(demo / "truth.csv")
    when = pd.Series([moment(lines[row - 1][1])[1] for row in truth["source_row"]])
    own = truth["series_id"].notna()
    backtest, at = datetime(2026, 1, 5, tzinfo=SEOUL), datetime(2026, 3, 1, tzinfo=SEOUL)
    before = truth[own & (when < backtest)].groupby("series_id").size()
    assert (before >= 20).all()
    after = truth[own & (when >= at) & (when < at + timedelta(days=7))]
    assert after["series_id"].nunique() >= 4


def test_the_readers_find_again_what_was_made(demo: Path) -> None:
    """The whole way round: made, written, read."""
    seed = int(re.search(r"--seed (\d+)", (demo / "README.md").read_text())[1])  # type: ignore[index]
    city = make_city(rng=seed, **DEMO)  # type: ignore[arg-type]
    venues, no_venues = cl.read_venues(demo / "venues.csv")
    leases, no_leases = cl.read_leases(demo / "leases.csv", tz="Asia/Seoul")
    events, rejected = cl.read_events(demo / "uploads.csv", tz="Asia/Seoul")
    assert (len(no_venues), len(no_leases)) == (len(BROKEN_VENUES), len(BROKEN_LEASES))
    assert len(rejected) == sum(len(some) for _, some in BROKEN)
    assert events["event_id"].tolist() == city.events["event_id"].tolist()
    late = (city.events["timestamp"] - events["timestamp"]).dt.total_seconds()
    assert late.between(0, 59).all()
    for name in ("handle", "title", "device", "content_hash"):
        assert events[name].fillna("").tolist() == city.events[name].fillna("").tolist()
    assert events["port"].fillna(0).tolist() == city.events["port"].fillna(0).tolist()
    for name in ("opened", "closed"):
        known = city.venues[name].notna()
        assert venues[name].notna().equals(known)
        assert (venues.loc[known, name] == city.venues.loc[known, name]).all()
    assert venues["seats"].fillna(0).tolist() == city.venues["seats"].fillna(0).tolist()
    assert leases["network"].tolist() == city.leases["network"].tolist()
    for name in ("valid_from", "valid_to"):
        known = city.leases[name].notna()
        assert leases[name].notna().equals(known)
        assert (leases.loc[known, name] == city.leases.loc[known, name]).all()


def test_messy_rows_for_any_city() -> None:
    city = make_city(rng=1, n_venues=10, n_offenders=1, n_background=1, days=5)
    log = messy_uploads(city, rng=3)
    lines = list(csv.reader(io.StringIO(log.text)))
    assert [lines[row - 1][0] for row in log.source_row] == city.events["event_id"].tolist()
    assert log.text == messy_uploads(city, rng=3).text
    assert log.text != messy_uploads(city, rng=4).text


def test_the_command_line_speaks_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(tmp_path), "--seed", "-3"])
    assert caught.value.code == 2
    assert "expected 0 or more" in capsys.readouterr().err
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(SystemExit):
        main([str(file), "--seed", "3"])
    assert "cannot be written" in capsys.readouterr().err

"""The command line: what it prints, how it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crimeloc.cli import main
from crimeloc.io import read_events

TZ = ["--tz", "Asia/Seoul"]


def _run(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "crimeloc.cli", *map(str, words)]
    env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=env, encoding="utf-8", check=False
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """`crimeloc demo`, run once in an empty folder."""
    folder = tmp_path_factory.mktemp("demo")
    return _run("demo", cwd=folder), folder


@pytest.mark.slow
def test_demo_prints_the_whole_job(demo: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, folder = demo
    assert done.returncode == 0, done.stderr
    out = done.stdout
    for words in ("uploads.csv: ", " rejected", "Located: ", "Top 5 venues", "Top 5 slots"):
        assert words in out
    ranked = [line for line in out.splitlines() if line.lstrip()[:2] in ("1.", "5.")]
    assert len(ranked) == 4
    assert all("%" in line for line in ranked)
    assert (folder / "briefing.html").stat().st_size > 100_000
    assert "briefing.html" in out


@pytest.mark.slow
def test_demo_says_the_same_each_time(
    demo: tuple[subprocess.CompletedProcess[str], Path], tmp_path: Path
) -> None:
    again = _run("demo", cwd=tmp_path)
    assert again.stdout == demo[0].stdout
    assert (tmp_path / "briefing.html").read_bytes() == (demo[1] / "briefing.html").read_bytes()


@pytest.mark.slow
def test_brief_takes_times_series_and_language(root: Path, tmp_path: Path) -> None:
    data = root / "data" / "demo"
    out = tmp_path / "page.html"
    done = _run(
        "brief",
        data / "uploads.csv",
        data / "venues.csv",
        "--leases",
        data / "leases.csv",
        *TZ,
        "--at",
        "2026-02-01 00:00+09:00",
        "--horizon",
        "3D",
        "--window",
        "6h",
        "--lang",
        "ko",
        "--out",
        out,
    )
    assert done.returncode == 0, done.stderr
    assert "2026-02-01 00:00" in done.stdout
    assert '<html lang="ko"' in out.read_text(encoding="utf-8")


@pytest.mark.slow
def test_what_comes_after_the_forecast_changes_nothing(root: Path, tmp_path: Path) -> None:
    """The same log, cut at the moment of the forecast, gives the same list: linking included."""
    data = root / "data" / "demo"
    at = "2026-02-01 00:00+09:00"
    events, _ = read_events(data / "uploads.csv", tz="Asia/Seoul")
    before = events[events["timestamp"] < at]
    rows = (data / "uploads.csv").read_text(encoding="utf-8-sig").splitlines()
    kept = [rows[0], *(rows[row - 1] for row in before["source_row"])]
    cut = tmp_path / "uploads.csv"
    cut.write_text("\n".join(kept) + "\n", encoding="utf-8")
    said = []
    for path in (data / "uploads.csv", cut):
        done = _run(
            "brief",
            path,
            data / "venues.csv",
            "--leases",
            data / "leases.csv",
            *TZ,
            "--at",
            at,
            "--out",
            tmp_path / "page.html",
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout[done.stdout.index("Forecast from") :])
    assert len(before) < len(events)
    assert said[0].splitlines()[:-1] == said[1].splitlines()[:-1]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["brief", "nowhere.csv", "v.csv", *TZ, "--out", "b.html"], 1, "nowhere.csv"),
        (["check", "nowhere.csv"], 1, "nowhere.csv"),
        (["demo", "--data", "nowhere"], 1, "python -m crimeloc.simulation"),
        (["brief", "e.csv", "v.csv", "--out", "b.html"], 2, "--tz"),
        (["rank-persons"], 2, "invalid choice"),
        ([], 2, "COMMAND"),
    ],
)
def test_mistakes_get_one_line_and_a_code(
    words: list[str], code: int, says: str, tmp_path: Path
) -> None:
    done = _run(*words, cwd=tmp_path)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    if code == 1:
        assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_arguments_that_cannot_be_used(root: Path, tmp_path: Path) -> None:
    data = root / "data" / "demo"
    files = [data / "uploads.csv", data / "venues.csv", "--leases", data / "leases.csv"]
    page = ["--out", tmp_path / "b.html"]
    cases = {
        "Mars/Olympus": ["--tz", "Mars/Olympus"],
        "without a zone": [*TZ, "--at", "2026-03-01 00:00"],
        "'7'": [*TZ, "--at", "2026-03-01 00:00+09:00", "--horizon", "7"],
        "5h": [*TZ, "--at", "2026-03-01 00:00+09:00", "--window", "5h"],
        "S-none": [*TZ, "--series", "S-none"],
    }
    for says, words in cases.items():
        done = _run("brief", *files, *words, *page)
        assert done.returncode == 1, (says, done.stdout, done.stderr)
        assert says in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "b.html").exists()


@pytest.mark.parametrize("name", ["uploads.csv", "venues.csv", "leases.csv"])
def test_check_accounts_for_every_row(name: str, root: Path) -> None:
    done = _run("check", root / "data" / "demo" / name, *TZ)
    assert done.returncode == 0, done.stderr
    assert "rejected" in done.stdout


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02" * 50,
        b"PK\x03\x04 not a workbook",
        "안녕\n".encode("cp949"),
        b"a,b\n1,2\n",
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_a_file_of_rubbish_ends_in_a_line(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"rubbish{suffix}"
    path.write_bytes(content)
    for words in (
        ["check", str(path), *TZ],
        ["brief", str(path), str(path), *TZ, "--out", "b.html"],
    ):
        assert main(words) == 1


def test_a_fault_of_our_own_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from crimeloc.cli import commands

    def broken(options: object) -> None:
        raise RuntimeError("a wheel came off\nand rolled away")

    monkeypatch.delenv("CRIMELOC_DEBUG", raising=False)
    monkeypatch.setattr(commands, "check", broken)
    assert main(["check", "x.csv"]) == 70
    said = capsys.readouterr().err
    assert "a wheel came off" in said
    assert len(said.strip().splitlines()) == 1


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert "crimeloc 0." in capsys.readouterr().out


@pytest.mark.slow
def test_brief_hands_on_at_a_level_with_a_key_from_a_file(root: Path, tmp_path: Path) -> None:
    data = root / "data" / "demo"
    secret = "the drawer of the unit, not told"
    (tmp_path / "key.txt").write_text(f"{secret}\n", encoding="utf-8")
    done = _run(
        "brief",
        data / "uploads.csv",
        data / "venues.csv",
        "--leases",
        data / "leases.csv",
        *TZ,
        "--at",
        "2026-02-01 00:00+09:00",
        "--horizon",
        "3D",
        "--level",
        "disclosure",
        "--key-file",
        tmp_path / "key.txt",
        "--out",
        tmp_path / "page.html",
        "--export",
        tmp_path / "page.xlsx",
        "--export",
        tmp_path / "page.geojson",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Export: ") == 2
    assert (tmp_path / "page.xlsx").stat().st_size > 5_000
    for path in tmp_path.iterdir():
        if path.name != "key.txt":
            assert secret.encode() not in path.read_bytes()
    assert secret not in done.stdout + done.stderr


def test_the_key_comes_from_a_file_or_the_environment_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crimeloc.cli.commands import secret

    monkeypatch.delenv("CRIMELOC_KEY", raising=False)
    assert secret(None) is None
    monkeypatch.setenv("CRIMELOC_KEY", "from the environment")
    assert secret(None) == b"from the environment"
    path = tmp_path / "key.txt"
    path.write_bytes(b"from a file\r\n")
    assert secret(path) == b"from a file"
    with pytest.raises(SystemExit):
        main(["brief", "e.csv", "v.csv", *TZ, "--out", "b.html", "--key", "in clear"])


def test_an_export_of_no_kind_is_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["brief", "nowhere.csv", "v.csv", *TZ, "--out", "b.html", "--export", "b.docx"]
    assert main(words) == 1
    assert "--export" in capsys.readouterr().err


def test_city_database_marks_and_shared_addresses_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "e.csv").write_text(
        "time,ip\n" + "".join(f"2026-03-0{n} 10:00,203.0.113.{n}\n" for n in range(1, 8)),
        encoding="utf-8",
    )
    (tmp_path / "v.csv").write_text(
        "venue_id,lon,lat,closed\nV-1,126.98,37.56,2026-01-01\nV-2,127,37.5,\n", encoding="utf-8"
    )
    (tmp_path / "l.csv").write_text(
        "network,venue_id\n203.0.113.0/30,V-1\n203.0.113.0/30,V-2\n", encoding="utf-8"
    )
    (tmp_path / "m.csv").write_text("network,mark\n203.0.113.4/30,vpn\n", encoding="utf-8")
    words = ["brief", *(str(tmp_path / f"{name}.csv") for name in "ev"), *TZ]
    words += ["--leases", str(tmp_path / "l.csv"), "--proxy-networks", str(tmp_path / "m.csv")]
    assert main([*words, "--out", str(tmp_path / "b.html")]) in (0, 1)
    out = capsys.readouterr().out
    assert "Shared: 1 pairs of leases" in out
    assert "vpn: 4 (57%)" in out
    assert "3 uploads rest on a venue that by the register was not in business" in out
    assert main([*words, "--city-db", str(tmp_path / "m.csv"), "--out", "b.html"]) == 1
    assert "m.csv" in capsys.readouterr().err


def test_rows_of_marks_and_leases_are_counted_as_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "e.csv").write_text(
        "time,ip\n" + "".join(f"2026-03-0{n} 10:00,203.0.113.{n}\n" for n in range(1, 8)),
        encoding="utf-8",
    )
    (tmp_path / "v.csv").write_text("venue_id,lon,lat\nV-1,126.98,37.56\n", encoding="utf-8")
    (tmp_path / "l.csv").write_text("network,venue_id\n203.0.113.1-203.0.113.3,V-1\n", "utf-8")
    marks = tmp_path / "m.csv"
    marks.write_text("network,mark\n203.0.113.4-203.0.113.6,vpn\n203.0.113.7\n,proxy\n", "utf-8")
    words = ["brief", *(str(tmp_path / f"{name}.csv") for name in "ev"), *TZ]
    words += [
        "--leases",
        str(tmp_path / "l.csv"),
        "--out",
        str(tmp_path / "b.html"),
        "--proxy-networks",
    ]
    assert main([*words, str(marks)]) in (0, 1)
    out = capsys.readouterr().out
    assert "l.csv: 1 rows read, 0 rejected" in out
    assert "m.csv: 1 rows read, 2 rejected" in out  # a mark that is lost lets a proxy through
    assert "row 3: 1 field; expected 2" in out
    assert "vpn: 3 (43%)" in out
    marks.write_text("network,kind\n203.0.113.4/30,vpn\n", encoding="utf-8")
    assert main([*words, str(marks)]) == 1
    assert "no column 'mark'" in capsys.readouterr().err


def test_check_takes_columns_and_a_system_and_tells_local_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.csv"
    path.write_text("기록,IP\n2026-03-01 23:05,203.0.113.7\n", encoding="utf-8")
    assert main(["check", str(path), *TZ, "--kind", "events", "--column", "timestamp=기록"]) == 0
    assert "from 2026-03-01 23:05 to 2026-03-01 23:05 (Asia/Seoul)" in capsys.readouterr().out
    assert main(["check", str(path), *TZ, "--column", "timestamp"]) == 1
    assert main(["check", str(path), *TZ, "--kind", "events"]) == 1
    assert "--column timestamp=" in capsys.readouterr().err
    register = tmp_path / "v.csv"
    register.write_text("사업장명,X좌표,Y좌표\n가람PC,198000,452000\n", encoding="utf-8")
    assert main(["check", str(register), "--kind", "venues"]) == 1
    assert '--crs "EPSG:5174"' in capsys.readouterr().err
    assert main(["check", str(register), "--kind", "venues", "--crs", "EPSG:5174"]) == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--start", "2026-01-01"], "--start: found 2026-01-01 without a zone"),
        (["--start", "2026-01-01"], 'hint: --start "2026-03-01 00:00+09:00"'),
        (["--start", "2026-01-01 00:00+09:00", "--every", "x"], "--every"),
    ],
)
def test_mistakes_are_mended_in_words_of_the_command_line(
    words: list[str], says: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = root / "data" / "demo"
    files = [str(data / "uploads.csv"), str(data / "venues.csv")]
    assert main(["backtest", *files, "--leases", str(data / "leases.csv"), *TZ, *words]) == 1
    assert says in capsys.readouterr().err


def test_the_main_job_takes_columns_of_each_file_and_a_skew(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from crimeloc.cli import commands, job

    (tmp_path / "e.csv").write_text("찍힘,IP\n2026-03-01 23:05,203.0.113.7\n", encoding="utf-8")
    (tmp_path / "v.csv").write_text("번호,lon,lat\nV-1,127,37\nV-2,127.1,37\n", encoding="utf-8")
    (tmp_path / "l.csv").write_text(
        "network,누구,valid_from,valid_to\n203.0.113.7,V-1,2026-01-01 00:00,2026-03-01 23:06\n"
        "203.0.113.7,V-2,2026-03-01 23:06,\n",
        encoding="utf-8",
    )
    pairs = ["timestamp=찍힘", "venues.venue_id=번호", "leases.venue_id=누구"]
    columns = commands._columns_of_files(pairs, with_leases=True)
    paths = [tmp_path / name for name in ("e.csv", "v.csv", "l.csv")]
    found = [
        job.gather(*paths, "Asia/Seoul", columns=columns, skew=skew).located["venue_id"].tolist()
        for skew in (None, "2min")
    ]
    assert found == [["V-1"], ["V-1", "V-2"]]
    out = ["--out", str(tmp_path / "p.html")]
    words = ["brief", str(paths[0]), str(paths[1]), *TZ, *out]
    for more, says in (
        (["--column", "timestamp"], "--column"),
        (["--column", "shops.name=x"], "venues.PART=NAME"),
        (["--column", "leases.venue_id=누구"], "--leases FILE"),
        (["--skew", "soon"], "--skew"),
    ):
        assert main([*words, *more]) == 1
        assert says in capsys.readouterr().err
    data = root / "data" / "demo"
    files = [str(data / "uploads.csv"), str(data / "venues.csv")]
    start = ["--start", "2026-01-01 00:00+09:00"]
    assert main(["backtest", *files, *TZ, *start, "--column", "timestamp=x"]) == 1
    assert "'x'" in capsys.readouterr().err


def test_the_command_line_speaks_korean_by_flag_and_by_locale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    register = tmp_path / "v.csv"
    register.write_text("사업장명,X좌표,Y좌표\n가람PC,198000,452000\n", encoding="utf-8")
    words = ["check", str(register), "--kind", "venues"]
    assert main([*words, "--lang", "ko"]) == 1
    by_flag = capsys.readouterr().err
    assert '해결: --crs "EPSG:5174"' in by_flag
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert main(words) == 1
    assert capsys.readouterr().err == by_flag
    assert main([*words, "--lang", "en"]) == 1
    assert 'hint: --crs "EPSG:5174"' in capsys.readouterr().err

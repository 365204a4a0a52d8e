"""Whatever happens to a file: every row is read or rejected, once, and its text is kept."""

from __future__ import annotations

import csv
import io as text_io
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import crimeloc as cl
from crimeloc.errors import CrimelocError
from crimeloc.io import Read, original_bytes, read_geofeed

pytestmark = pytest.mark.slow

TZ = "Asia/Seoul"
READERS: dict[str, Callable[[Path], Read]] = {
    "uploads": lambda path: cl.read_events(path, tz=TZ),
    "venues": lambda path: cl.read_venues(path),
    "leases": lambda path: cl.read_leases(path, tz=TZ),
    "feed": lambda path: read_geofeed(path),
}
CODECS = {
    "UTF-8": "utf-8",
    "UTF-8 with BOM": "utf-8",
    "cp949": "cp949",
    "UTF-16 little endian": "utf-16-le",
    "UTF-16 big endian": "utf-16-be",
    "UTF-32 little endian": "utf-32-le",
    "UTF-32 big endian": "utf-32-be",
}
SCRAPS = [
    *[b'"', b'""', b",", b"\t", b"\x00", b"\r", b"\n", b"\r\n", b"\xff\xfe", b"\xfe\xff"],
    *[b"\xef\xbb\xbf", b"\x85", "\u2028".encode(), "\u202e".encode(), b"\xc7", b"\xed\xa0\x80"],
    *[b"\\x41", b"=1+1", b"{", b"]"],
]

Edit = tuple[int, float, int, bytes]
EDITS = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.floats(0, 1),
        st.integers(1, 400),
        st.one_of(st.sampled_from(SCRAPS), st.binary(min_size=1, max_size=12)),
    ),
    min_size=1,
    max_size=8,
)


def damage(data: bytes, edits: list[Edit]) -> bytes:
    """Overwrite, cut out, insert, break off, repeat, put in front, turn round."""
    body = bytearray(data)
    for kind, where, length, scrap in edits:
        place = int(where * len(body))
        if kind == 0:
            body[place : place + len(scrap)] = scrap
        elif kind == 1:
            del body[place : place + length]
        elif kind in (2, 3):
            body[place:place] = scrap
        elif kind == 4 and length > 200:
            del body[place:]
        elif kind == 5:
            body[place:place] = body[place // 2 : place // 2 + length]
        elif kind == 6:
            body[:0] = scrap
    return bytes(body)


def rows_of(read: Read) -> list[int]:
    """Numbers of all rows, each once; a range of addresses may be several leases of one row."""
    return sorted([*dict.fromkeys(read.table["source_row"]), *read.rejected["source_row"]])


def check(read: Read) -> None:
    rows = rows_of(read)
    assert len(rows) == len(set(rows)) == read.report.n_rows
    assert read.report.n_read + read.report.n_rejected == read.report.n_rows
    assert read.rejected["reason"].str.len().min() > 0 or read.rejected.empty
    assert read.rejected.columns.tolist() == [
        "source_row",
        "reason",
        "column",
        "raw",
        "reason_code",
        "reason_params",
    ]
    str(read.report)


def check_lines(data: bytes, read: Read) -> None:
    """Against the lines of the file, split by other means, for encodings with ASCII line ends."""
    if read.report.encoding not in ("UTF-8", "UTF-8 with BOM", "cp949"):
        return
    lines = re.split(rb"\r\n|\n|\r", data)
    marks = (b"\xef\xbb\xbf",)
    if lines and lines[0].startswith(marks):
        lines[0] = lines[0][3:]
    filled = [n for n, line in enumerate(lines, start=1) if line.strip(b" \t")]
    seen = set(rows_of(read))
    codec = CODECS[read.report.encoding]
    assert seen <= set(filled)
    covered, alone = 0, []
    for number in filled:
        if number in seen:
            covered = number
        elif b'"' not in b"".join(lines[max(covered - 1, 0) : number]):
            alone.append(number)  # not inside a quoted field of the row before
    assert len(alone) <= 1, "only the header is no row"
    for row, raw in zip(read.rejected["source_row"], read.rejected["raw"], strict=True):
        assert original_bytes(raw, codec).startswith(lines[row - 1])


@pytest.fixture(scope="module")
def demo(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.rootpath / "data" / "demo"


@pytest.mark.parametrize("name", ["uploads", "venues", "leases"])
def test_demo_files_are_accounted_for(name: str, demo: Path) -> None:
    path = demo / f"{name}.csv"
    read = READERS[name](path)
    check(read)
    check_lines(path.read_bytes(), read)
    text = path.read_bytes().decode("cp949" if name == "venues" else "utf-8-sig")
    rows = list(csv.reader(text_io.StringIO(text, newline="")))
    assert read.report.n_rows == len([row for row in rows[1:] if row])


@settings(max_examples=200, phases=[Phase.generate])
@given(st.sampled_from(["uploads", "venues", "leases"]), EDITS)
def test_damaged_demo_files(name: str, edits: list[Edit]) -> None:
    root = Path(__file__).resolve().parents[2]
    data = damage((root / "data" / "demo" / f"{name}.csv").read_bytes(), edits)
    check_one(name, ".csv", data, lines=True)


def check_one(name: str, suffix: str, data: bytes, *, lines: bool = False) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"damaged{suffix}")
        path.write_bytes(data)
        try:
            read = READERS[name](path)
        except CrimelocError as error:
            said = str(error)
        else:
            said = ""
        if said:
            assert len(said.splitlines()) == 1
            assert len(said) < 1_500
            return
        check(read)
        if lines and read.report.format == "delimited text":
            check_lines(data, read)


def small_files() -> dict[str, tuple[str, bytes]]:
    """One small file of each other format, made here."""
    import tempfile

    import geopandas as gpd

    from crimeloc.geometry import points

    events = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "timestamp": ["2026-03-01 23:05:00+09:00", "2026-03-02 00:01:00+09:00", "nonsense"],
            "ip": ["203.0.113.7", None, "198.51.100.2"],
            "handle": ["누구", "무엇", None],
        }
    )
    venues = gpd.GeoDataFrame(
        {"venue_id": ["V-1", "V-2"], "name": ["가람", "나루"], "seats": [40.0, None]},
        geometry=points([[126.98, 37.56], [127.02, 37.5]]),
    )
    made: dict[str, tuple[str, bytes]] = {}
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        events.to_parquet(base / "uploads.parquet")
        events.to_excel(base / "uploads.xlsx", index=False)
        events.to_json(base / "uploads.jsonl", orient="records", lines=True, force_ascii=False)
        events.to_json(base / "uploads.json", orient="records", force_ascii=False)
        events.to_csv(base / "uploads.tsv", sep="\t", index=False, encoding="utf-16")
        venues.to_file(base / "venues.geojson", driver="GeoJSON")
        venues.to_file(base / "venues.gpkg", driver="GPKG")
        venues.to_parquet(base / "venues.parquet")
        (base / "feed.csv").write_text(
            "\ufeff203.0.113.0/24,KR,KR-11,서울,\n2001:db8::/32,,,,\n", encoding="utf-8"
        )
        for path in sorted(base.iterdir()):
            made[path.name] = (path.stem, path.read_bytes())
    return made


FILES = small_files()


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_format_is_read(name: str, tmp_path: Path) -> None:
    kind, data = FILES[name]
    path = tmp_path / name
    path.write_bytes(data)
    read = READERS[kind](path)
    check(read)
    assert read.report.n_rows == (3 if kind == "uploads" else 2)
    assert read.report.n_rejected == (1 if kind == "uploads" else 0)


@pytest.mark.parametrize("name", sorted(FILES))
@settings(max_examples=40)
@given(edits=EDITS)
def test_each_format_damaged(name: str, edits: list[Edit]) -> None:
    kind, data = FILES[name]
    check_one(kind, Path(name).suffix, damage(data, edits))


@settings(max_examples=100)
@given(
    st.binary(max_size=300), st.sampled_from(sorted(READERS)), st.sampled_from([".csv", ".json"])
)
def test_any_bytes(data: bytes, name: str, suffix: str) -> None:
    check_one(name, suffix, data, lines=name != "feed")


@given(
    st.lists(
        st.binary(min_size=1, max_size=20).filter(lambda b: not set(b) & {10, 13}),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["utf-8", "cp949"]),
)
def test_bytes_of_a_rejected_row_are_found_again(fields: list[bytes], codec: str) -> None:
    from crimeloc.io.formats.encodings import decode_line, to_utf8

    line = b"\x80,".join(fields)
    text, found, _, _ = to_utf8(line, codec)
    assert original_bytes(decode_line(text, found)[0], codec) == line


@given(
    st.lists(st.text(max_size=15), min_size=3, max_size=3),
    st.sampled_from(",\t;|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp949"]),
)
def test_what_a_writer_quotes_is_read_back(values: list[str], mark: str, encoding: str) -> None:
    import tempfile

    clean = ["".join(c for c in v if c.isprintable() and c not in "\x85") for v in values]
    clean = [v.encode(encoding, "ignore").decode(encoding).strip() for v in clean]
    buffer = text_io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=mark)
    writer.writerow(["timestamp", "title", "note, long", 'said "so"'])
    writer.writerow(["2026-03-01 23:05", clean[0], f"{clean[1]}\n{clean[2]}", '"'])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.csv")
        path.write_bytes(buffer.getvalue().encode(encoding))
        table, rejected = cl.read_events(path, tz=TZ)
    assert rejected.empty
    assert len(table) == 1
    assert table["title"].fillna("")[0] == clean[0]
    assert table["note, long"].fillna("")[0] == f"{clean[1]}\n{clean[2]}".strip()
    assert table['said "so"'][0] == '"'


@settings(max_examples=200)
@given(st.lists(st.text(alphabet='",ab ', min_size=1, max_size=12), min_size=1, max_size=12))
def test_quotation_marks_mean_what_the_strict_csv_reader_says(lines: list[str]) -> None:
    import tempfile

    # lines that the strict reader takes whole, one by one; the others must not disturb them
    expected = {}
    for number, line in enumerate(lines, start=2):
        try:
            rows = list(csv.reader([f"2026-03-01 10:00,{line}"], strict=True))
        except csv.Error:
            continue
        if len(rows) == 1 and len(rows[0]) == 3:
            expected[number] = [value.strip() for value in rows[0][1:]]
    body = "\n".join(["time,title,note", *[f"2026-03-01 10:00,{line}" for line in lines]])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.csv")
        path.write_text(body)
        table, rejected = cl.read_events(path, tz=TZ)
    found = table.set_index("source_row")[["title", "note"]].fillna("")
    for number, values in expected.items():
        if number in found.index:
            assert found.loc[number].tolist() == values
        else:  # inside a quoted field that the line before opened and this one closed
            assert '"' in "".join(lines[: number - 1])
            assert number not in set(rejected["source_row"])

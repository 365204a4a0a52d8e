"""What may not stand in the repository."""

from __future__ import annotations

import ipaddress
import json
import re
import subprocess
from pathlib import Path

import pytest

TEXT = {".py", ".md", ".toml", ".csv", ".json", ".geojson", ".ipynb", ".lock", ".txt", ".yml", ""}
FOUR = re.compile(r"(?<![\d.\w])(\d{1,3}(?:\.\d{1,3}){3})(?![\d.])")
ALLOWED = [
    ipaddress.ip_network(text)
    for text in [
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "0.0.0.0/32",
        "255.255.255.255/32",
    ]
]


@pytest.fixture(scope="module")
def tracked(root: Path) -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
    )
    return [root / name for name in done.stdout.split("\0") if name and (root / name).is_file()]


@pytest.fixture(scope="module")
def texts(tracked: list[Path]) -> dict[Path, str]:
    return {
        path: path.read_bytes().decode("utf-8", "replace")
        for path in tracked
        if path.suffix in TEXT
    }


def test_only_invented_addresses(texts: dict[Path, str]) -> None:
    foreign = []
    for path, text in texts.items():
        if path.suffix == ".lock":
            continue
        for found in FOUR.findall(text):
            try:
                address = ipaddress.ip_address(found)
            except ValueError:
                continue  # a number with three dots, such as a section
            if not any(address in network for network in ALLOWED):
                foreign.append(f"{path.name}: {found}")
    assert foreign == []


def test_locks_carry_no_address(root: Path) -> None:
    for lock in root.glob("*.lock"):
        text = lock.read_text(encoding="utf-8")
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links|file://", text), (
            lock.name
        )
        pins = re.split(r"\n(?=\S)", text.strip())
        assert pins
        for pin in pins:
            assert re.match(r"[\w.-]+==\S+ ", pin), f"{lock.name}: {pin[:60]}"
            assert "--hash=sha256:" in pin, f"{lock.name}: {pin[:60]} has no hash"


def test_no_path_of_a_machine(texts: dict[Path, str]) -> None:
    pattern = re.compile(r"/(?:work|home|root|Users)/[\w.-]+/")
    assert [path.name for path, text in texts.items() if pattern.search(text)] == []


def test_notebooks_have_no_outputs(root: Path) -> None:
    notebooks = list((root / "notebooks").glob("*.ipynb"))
    assert notebooks
    for path in notebooks:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                assert cell["outputs"] == [], path.name
                assert cell["execution_count"] is None, path.name


def test_files_read_downward(root: Path) -> None:
    long = {
        path.name: count
        for path in (root / "crimeloc").rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 450
    }
    assert long == {}


def test_demo_is_small(root: Path) -> None:
    assert sum(path.stat().st_size for path in (root / "data").rglob("*")) < 2_000_000


def test_nothing_reads_today(root: Path) -> None:
    pattern = re.compile(r"\b(datetime|Timestamp|date)\.(now|today|utcnow)\(|time\.time\(\)")
    found = [
        path.name
        for path in (root / "crimeloc").rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_global_dice(root: Path) -> None:
    pattern = re.compile(r"np\.random\.(seed|rand|randint|choice|shuffle|permutation|normal)\(")
    found = [
        path.name
        for path in (root / "crimeloc").rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []

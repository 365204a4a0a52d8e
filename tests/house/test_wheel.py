"""The wheel holds all that the library needs, and its demo runs outside the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def _run(*words: object, cwd: Path) -> str:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, words)), cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, without a network."""
    pytest.importorskip("setuptools", minversion="77", reason='pip install "setuptools>=77"')
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, source)
    no_caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "crimeloc", source / "crimeloc", ignore=no_caches)
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    _run(*pip, "--wheel-dir", source / "dist", source, cwd=source)
    (built,) = (source / "dist").glob("*.whl")
    return built


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path, root: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    files = (path for path in (root / "crimeloc").rglob("*") if path.is_file())
    wanted = {
        path.relative_to(root).as_posix() for path in files if "__pycache__" not in path.parts
    }
    assert wanted - inside == set()
    assert not [name for name in inside if name.startswith(("tests/", "data/", "docs/"))]


def test_the_demo_runs_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """The dependencies are lent by this environment; the package comes from the wheel alone."""
    venv.create(tmp_path / "env", with_pip=False)
    scripts = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / Path(sys.executable).name
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index")
    _run(*pip, "--no-deps", wheel, cwd=tmp_path)
    purelib = _run(
        python, "-c", "import sysconfig as s; print(s.get_path('purelib'))", cwd=tmp_path
    )
    # A folder named in a .pth is searched, but its own .pth files (the checkout) are not read.
    lent = Path(purelib.strip()) / "lent.pth"
    lent.write_text("\n".join(sysconfig.get_path(name) for name in ("purelib", "platlib")) + "\n")
    home = _run(python, "-c", "import crimeloc; print(crimeloc.__file__)", cwd=tmp_path)
    assert Path(home.strip()).is_relative_to(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    said = _run(scripts / "crimeloc", "demo", "--out", "page.html", cwd=work)
    assert "uploads.csv: " in said
    assert [path.name for path in work.iterdir()] == ["page.html"]
    assert (work / "page.html").stat().st_size > 100_000

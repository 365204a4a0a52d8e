"""Every text in every language, and none outside the catalogues."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from crimeloc.messages import languages
from crimeloc.messages.catalogues import catalogue
from crimeloc.messages.templates import fields

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "crimeloc"
ENGLISH = catalogue("en")
FONTS = {"맑은 고딕"}
FOREIGN = [lang for lang in languages() if lang != "en"]


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogues_tool", ROOT / "docs/catalogues.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()
SAID = TOOL.said_in_code()
SOURCES = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}


@pytest.mark.parametrize("lang", FOREIGN)
def test_each_code_is_in_each_language(lang: str) -> None:
    assert set(ENGLISH) <= set(catalogue(lang))


@pytest.mark.parametrize("lang", FOREIGN)
def test_each_text_said_in_the_program_is_in_each_language(lang: str) -> None:
    texts = catalogue(lang)
    lacking = {
        text: places
        for text, places in SAID.items()
        if TOOL.needs_words(text) and text not in texts
    }
    assert not lacking, "python docs/catalogues.py adds them for the translator"


@pytest.mark.parametrize("lang", FOREIGN)
def test_no_text_is_kept_that_nobody_says(lang: str) -> None:
    assert {key for key in catalogue(lang) if key not in ENGLISH and key not in SAID} == set()


@pytest.mark.parametrize("lang", FOREIGN)
def test_a_text_has_the_same_places_in_each_language(lang: str) -> None:
    for key, text in catalogue(lang).items():
        if "{" in key or key in ENGLISH:
            assert fields(text) == fields(ENGLISH.get(key, key)), key


def test_korean_is_korean_and_english_is_english() -> None:
    hangul = re.compile(r"[가-힣]")
    for key, text in catalogue("ko").items():
        bare = re.sub(r"\{.*?\}", "", text)
        latin = re.findall(r"(?<![A-Za-z.])[a-z]{2,}", bare)
        same = bare == re.sub(r"\{.*?\}", "", key)  # a name, such as Parquet
        assert hangul.search(text) or not latin or same, key
    for key, text in ENGLISH.items():
        assert not hangul.search(re.sub(r"\{.*?\}", "", text)), key


def test_no_particle_is_left_open_in_korean() -> None:
    """A form such as 을(를) says that nobody looked at the word before it."""
    for key, text in catalogue("ko").items():
        assert not re.search(r"(은\(는|이\(가|을\(를|과\(와|와\(과|\(으\)로|으로\(로)", text), key


@pytest.mark.parametrize("lang", languages())
def test_files_are_in_order(lang: str) -> None:
    path = PACKAGE / "messages" / "locale" / f"{lang}.po"
    keys = re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), flags=re.M)
    assert len(keys) == len(set(keys)) == len(catalogue(lang))
    plain = [key.replace('\\"', '"').replace("\\\\", "\\").replace("\\n", "\n") for key in keys]
    assert plain == sorted(plain)


def test_each_code_that_is_used_is_there() -> None:
    for code, places in TOOL.said_in_code(codes=True).items():
        assert code in ENGLISH, places
    for path, source in SOURCES.items():
        for key in re.findall(r"\b(?:words|voice|translator)\(\s*\"([^\"{]+)\"", source):
            assert key in ENGLISH or key in languages(), (path.name, key)


def test_each_code_is_used() -> None:
    whole = "\n".join(SOURCES.values())
    found = set(re.findall(r"f['\"]([a-z_]+(?:\.[a-z_]+)*)(?:\.\{|\{)", whole)) | {"format"}
    families = {family for family in found if not family.startswith("crimeloc")}
    families |= {"column", "expert", "method"}
    for key in ENGLISH:
        assert (
            f'"{key}"' in whole
            or f"'{key}'" in whole
            or any(f"{key}.".startswith(f"{family}.") for family in families)
        ), key


def test_no_prose_of_another_language_stands_in_the_program() -> None:
    """Korean is for the catalogues; what a Korean file calls its columns is for the readers."""
    hangul = re.compile(r"[가-힣]{2,} [가-힣]")
    rooms = ("report", "plotting", "evaluation", "planning", "linking", "stats", "cli")
    for path, source in SOURCES.items():
        room = path.relative_to(PACKAGE).parts[0]
        if room not in rooms:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                prose = hangul.search(text) and text not in FONTS and "Parameters\n" not in text
                assert not prose, (path.name, text)


def test_the_front_door_opens_without_reading_a_catalogue() -> None:
    code = (
        "import sys, crimeloc.errors, crimeloc.messages as m;"
        "assert str(m.Message('no hash in row {row}', row=3)) == 'no hash in row 3';"
        "assert str(crimeloc.errors.ParameterError('a', found=1, expected='2', hint=m.Hint(a=2)));"
        "assert 'babel' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)

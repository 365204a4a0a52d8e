"""One word, one meaning, and the field's own: what the library was once called is gone."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import crimeloc

# What stood there before -> what the field says. Whole names, wherever they are public.
NAMES = {
    "awaited": "expected",
    "mend": "hint",
    "told": "constraints, address_weight",
    "dice": "rng",
    "draws": "n_permutations",
    "can_fool_it": "caveats",
    "marks": "proxy_networks, identifiers",
    "common_after": "max_accounts_per_hash",
    "by_lot": "randomised_coverage",
    "packets": "entities",
    "rarity": "term_frequency",
    "journeys": "impossible_travel",
    "sharpening": "candidate_posterior",
    "stopping": "desistance",
    "replay": "backtest",
    "Replay": "Backtest",
    "Past": "History",
    "Crowd": "Population",
    "Sites": "VenueArrays",
    "Descent": "Lineage",
    "Dossier": "Content",
    "dossier": "content",
    "Words": "Translator",
    "Voice": "Translator",
    "voice": "translator",
    "canvas": "notebook_axes",
    "atlas": "map_legend",
    "abstained_ko": "abstained",
    "sentence_ko": "sentence",
}
MODULES = {
    "briefing": "report, plotting",
    "temporal": "events",
    "io.opening": "file_head",
    "io.records": "raw_table",
    "io.fields": "column_types",
    "io.shapes": "vector_files",
    "io.registers": "venue_matching",
    "clustering.doorway": "cluster_events",
    "planning.visits": "patrols",
    "linking.descent": "lineage",
    "ranking.past": "history",
    "ranking.levels": "conformal",
    "ranking.sets": "conformal",
    "ranking.sharpening": "candidate_posterior",
    "ranking.memory": "history_table",
    "ranking.doubts": "abstention",
    "ranking.stopping": "desistance",
    "ranking.replaying": "walk_forward",
    "report.dossier": "content",
    "report.asking": "ranker_notes",
    "report.tested": "sections_backtest",
    "report.evidence": "source_rows",
    "plotting.sheet": "static_map",
    "plotting.canvas": "notebook_axes",
    "plotting.atlas": "map_legend",
    "cli.spoken": "messages",
}
# In messages and documentation: whole words.
PROSE = {
    r"awaited": "expected",
    r"mend(s|ed|ing)?": "hint, line that helps, correct",
    r"told(?! apart)": "said, shown, counted",
    r"dice": "random generator",
    r"at a stroke": "at once",
    r"by lot": "randomised",
    r"(un)?veil(s|ed|ing)?": "redact",
    r"packets": "entities",
}
_PROSE = re.compile(rf"(?<![\w-])(?:{'|'.join(PROSE)})(?![\w-])", re.IGNORECASE)


def _modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(crimeloc.__path__, "crimeloc."):
        if not found.name.endswith("__main__"):
            yield found.name


def _public() -> Iterator[tuple[str, str]]:
    """Give what the front door and the rooms offer: names, parameters, attributes."""
    for name in ("crimeloc", *_modules()):
        module = importlib.import_module(name)
        if not hasattr(module, "__path__"):
            continue
        for shown in getattr(module, "__all__", []):
            yield shown, f"{name}.{shown}"
            thing = getattr(module, shown)
            parts = vars(thing).items() if inspect.isclass(thing) else [(shown, thing)]
            for inner, value in parts:
                public = not inner.startswith("_") or inner == "__init__"
                if public and inspect.isclass(thing):
                    yield inner, f"{name}.{shown}.{inner}"
                if public and inspect.isfunction(value):
                    for parameter in inspect.signature(value).parameters:
                        yield parameter, f"{name}.{shown}({parameter}=)"
            for field in getattr(thing, "__annotations__", {}):
                if not field.startswith("_"):
                    yield field, f"{name}.{shown}.{field}"


def test_no_old_word_is_a_public_name() -> None:
    found = {f"{where}: now {NAMES[name]}" for name, where in _public() if name in NAMES}
    assert not found, "\n".join(sorted(found))


def test_no_module_has_its_old_name() -> None:
    old = [
        f"{name}: now {new}"
        for name in _modules()
        for end, new in MODULES.items()
        if name.removeprefix("crimeloc.") == end
    ]
    assert not old, "\n".join(old)


_MADE = {"changes.md", "data-dictionary.md", "glossary.md", "rooms.md"}
"""Pages that a build of the documentation writes, from sources that are read themselves."""


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    """Give what people read: messages, documentation, notebooks."""
    for folder, kinds in (
        ("crimeloc", (".po",)),
        ("docs", (".md", ".py")),
        ("bundle", (".txt",)),
    ):
        for path in sorted((root / folder).rglob("*")):
            made = {"_build", "generated", "live", "notebooks", "changes"} & set(path.parts)
            if path.suffix in kinds and not made and path.name not in _MADE:
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
    for path in sorted(root.glob("*.md")):
        yield path.name, path.read_text(encoding="utf-8")
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield path.name, "\n".join("".join(cell["source"]) for cell in cells)


def _old_prose(text: str) -> list[str]:
    lines = text.splitlines()
    return [f"{n}: {line.strip()[:90]}" for n, line in enumerate(lines, 1) if _PROSE.search(line)]


def test_prose_is_plain_and_modern(root: Path) -> None:
    found = [f"{name}:{line}" for name, text in _texts(root) for line in _old_prose(text)]
    assert not found, "\n".join([f"{len(found)} lines", *found])


@pytest.mark.parametrize("text", ["found 3; awaited 4", "Is it Told?", "thrown by lot", "mends it"])
def test_an_old_word_would_be_seen(text: str) -> None:
    assert _old_prose(text) != []


@pytest.mark.parametrize("text", ["a threshold", "recommend", "by lots", "told apart in grey"])
def test_a_word_that_only_looks_old_is_let_be(text: str) -> None:
    assert _old_prose(text) == []

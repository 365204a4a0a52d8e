"""Pages that are made, not written: data dictionary, glossary, rooms and the list of changes."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path

from glossary_words import GLOSSARY

import crimeloc
from crimeloc.tables import CONTRACTS, Column, Contract

_KINDS = {
    "text": "text",
    "instant": "time with a zone",
    "number": "number",
    "integer": "whole number",
    "point": "point",
    "shape": "geometry",
}


def write_dictionary(path: Path) -> None:
    """Write the data dictionary from the table contracts."""
    opening = (
        "# Data dictionary\n\nMade from the contracts in `crimeloc.tables`. Further columns pass "
        "through every room untouched.\n"
    )
    pages = [opening, *(_contract(contract) for contract in CONTRACTS)]
    _write(path, "\n".join(pages))


def write_glossary(path: Path) -> None:
    """Write the glossary in both languages."""
    lines = [
        "# Glossary\n",
        "One word, one meaning, in these documents, in the code and on the page.\n",
        "| word | 우리말 | meaning | 뜻 |",
        "|---|---|---|---|",
    ]
    lines += [f"| *{w.english}* | {w.korean} | {w.meaning} | {w.meaning_ko} |" for w in GLOSSARY]
    _write(path, "\n".join(lines) + "\n")


def write_rooms(path: Path) -> None:
    """Write every public name that is not at the front door, room by room."""
    lines = [
        "# The rooms: every further public name\n",
        "What each room offers beyond the [front door](api.md); import it from the room.\n",
    ]
    for room, names in room_names().items():
        shown = [name for name in names if callable(getattr(import_module(room), name))]
        values = [name for name in names if name not in shown]
        lines += [f"## {room}\n"]
        if values:
            lines += ["Values: " + ", ".join(f"`{name}`" for name in values) + ".\n"]
        if shown:
            lines += ["```{eval-rst}", f".. currentmodule:: {room}\n", ".. autosummary::"]
            lines += ["   :toctree: api/generated\n", *(f"   {name}" for name in shown), "```\n"]
    _write(path, "\n".join(lines))


def room_names() -> dict[str, list[str]]:
    """Give the names that each room offers and the front door does not."""
    found = {}
    for info in sorted(pkgutil.iter_modules(crimeloc.__path__), key=lambda info: info.name):
        if info.name in ("__main__", "cli"):
            continue
        room = import_module(f"crimeloc.{info.name}")
        names = [name for name in getattr(room, "__all__", []) if name not in crimeloc.__all__]
        if names:
            found[room.__name__] = sorted(names, key=str.lower)
    return found


def write_changes(folder: Path, path: Path) -> None:
    """Give the changelog as a page, with the fragments that wait for the next version on top."""
    text = folder.parents[1].joinpath("CHANGELOG.md").read_text(encoding="utf-8")
    waiting: dict[str, list[str]] = {}
    for fragment in sorted(folder.glob("*.*.md")):
        kind = fragment.name.split(".")[-2].capitalize()
        waiting.setdefault(kind, []).append(fragment.read_text(encoding="utf-8").strip())
    parts = ["## Not yet released"] if waiting else []
    for kind, said in sorted(waiting.items()):
        parts += [f"### {kind}", "\n".join(f"- {one}" for one in said)]
    mark = "<!-- towncrier release notes start -->"
    _write(path, text.replace(mark, "\n\n".join(parts)))


def _contract(contract: Contract) -> str:
    columns = [*contract.columns, *([contract.prefix] if contract.prefix else [])]
    lines = [
        f"## {contract.name.upper()}\n",
        f"One row: {contract.row}.\n",
        "| column | kind | unit | meaning | must be there | may be missing |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_column(column) for column in columns]
    for rule in contract.rules:
        lines.append(f"\nRule on `{rule.name}`: {rule.expected}.")
    return "\n".join(lines) + "\n"


def _column(column: Column) -> str:
    limits = ""
    if column.low is not None:
        high = "" if column.high is None else f" to {column.high:.0f}"
        limits = f" ({'at least ' if not high else ''}{column.low:g}{high})"
    yes = {True: "yes", False: "no"}
    return (
        f"| `{column.name}` | {_KINDS[column.kind]} | {column.unit} | {column.meaning}{limits} "
        f"| {yes[column.required]} | {yes[column.missing]} |"
    )


def _write(path: Path, text: str) -> None:
    """Write only what differs, so that a second build has nothing to do."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")

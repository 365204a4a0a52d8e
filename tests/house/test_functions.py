"""No function that takes everything, and a formatter that is not switched off."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

MOST_PARAMETERS = 8
MOST_SKIPS = 9


def _functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, bool]]:
    """Give each function, and whether its name is public where it stands."""
    shown: set[str] = set()
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names)):
                shown = {name.value for name in names if isinstance(name, ast.Constant)}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node, node.name in shown
        for inner in ast.walk(node):
            if isinstance(inner, ast.FunctionDef) and inner is not node:
                method = isinstance(node, ast.ClassDef) and node.name in shown
                plain = not inner.name.startswith("_") or inner.name == "__init__"
                yield inner, method and plain and inner in node.body


def _too_many(source: str, private: bool) -> list[str]:
    found = []
    for function, public in _functions(ast.parse(source)):
        given = function.args
        names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        count = len([name for name in names if name not in ("self", "cls")])
        if count > MOST_PARAMETERS and (private or not public):
            found.append(f"{function.name}: {count}")
    return found


def test_what_travels_together_is_a_named_tuple(root: Path) -> None:
    """A public verb may have many options; what only the house calls has at most eight."""
    found = {}
    for path in (root / "crimeloc").rglob("*.py"):
        private = any(part.startswith("_") and part != "__init__.py" for part in path.parts)
        many = _too_many(path.read_text(encoding="utf-8"), private)
        if many:
            found[path.relative_to(root).as_posix()] = many
    assert not found, "\n".join(f"{path}: {', '.join(many)}" for path, many in found.items())


@pytest.mark.parametrize(
    ("source", "n"),
    [
        ("def f(a, b, c, d, e, g, h, i, j): ...", 1),
        ("__all__ = ['f']\ndef f(a, b, c, d, e, g, h, i, j): ...", 0),
        ("class C:\n    def _f(self, a, b, c, d, e, g, h, i, *, j): ...", 1),
        ("def f(a, b, c, d, e, g, h, i): ...", 0),
    ],
)
def test_a_function_that_takes_everything_would_be_seen(source: str, n: int) -> None:
    assert len(_too_many(source, private=False)) == n


def test_the_formatter_is_not_switched_off(root: Path) -> None:
    mark = "# fmt: " + "skip"
    places = [
        path.relative_to(root).as_posix()
        for folder in ("crimeloc", "tests", "docs")
        for path in (root / folder).rglob("*.py")
        for _ in range(path.read_text(encoding="utf-8").count(mark))
    ]
    assert len(places) <= MOST_SKIPS, places
